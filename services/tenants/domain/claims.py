"""What a tenant says about an e-mail domain, and what becomes of that: values and rules."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from services.tenants.errors import PublicDomain
from shared.contracts.domains import LONGEST_DOMAIN, InvalidDomain, is_public
from shared.contracts.tenancy import EnrolmentMode
from shared.contracts.tenants import DomainStateEvent

UNPROVEN_LIFE = timedelta(days=30)
"""A claim that nobody proves is gone after that."""

TXT_LABEL = "_sparknode"
"""Beneath the claimed domain, where RFC 8552 has names for such purposes: the domain's own TXT records stay short."""

LONGEST_PROVABLE = LONGEST_DOMAIN - len(f"{TXT_LABEL}.")

S = TypeVar("S", bound=DomainStateEvent)


class ClaimStatus(StrEnum):
    """``unverified`` and ``lapsed`` claims count for nothing, and keep nobody from proving theirs."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    LAPSED = "lapsed"


class Proof(StrEnum):
    """By what a claim was proven."""

    OPERATOR = "operator"
    DNS = "dns"


@dataclass(frozen=True, slots=True)
class TxtRecord:
    """What the owner of a domain publishes to say whose it is. It names the tenant, so it is of use to no other."""

    name: str
    value: str

    @classmethod
    def asked_of(cls, tenant_id: UUID, domain: str) -> "TxtRecord":
        """The record that proves the tenant's claim."""
        return cls(f"{TXT_LABEL}.{domain}", f"sparknode-tenant={tenant_id}")


@dataclass(frozen=True, slots=True)
class DomainClaim:
    """One tenant's claim on a canonical e-mail ``domain``; it counts for nothing until it is verified.

    ``missing_since`` is when the proof was first found gone, of a claim that still counts.
    """

    tenant_id: UUID
    domain: str
    mode: EnrolmentMode
    include_subdomains: bool
    status: ClaimStatus
    verified_by: Proof | None
    verified_at: datetime | None
    created_at: datetime
    missing_since: datetime | None = None

    @classmethod
    def made(
        cls, tenant_id: UUID, domain: str, mode: EnrolmentMode, *, include_subdomains: bool, at: datetime
    ) -> "DomainClaim":
        """A new claim, which is yet to be proven.

        ``PublicDomain`` for mail providers, disposable domains and public suffixes, which nobody can have proven to
        be their own; ``InvalidDomain`` for a name so long that the record, beneath it, could have none.
        """
        if len(domain) > LONGEST_PROVABLE:
            raise InvalidDomain(f"A domain that is to be proven has at most {LONGEST_PROVABLE} characters.")
        if is_public(domain):
            raise PublicDomain(
                f"Anybody can have an address at {domain}, or at a name beneath it: no tenant can claim it."
            )
        return cls(tenant_id, domain, mode, include_subdomains, ClaimStatus.UNVERIFIED, None, None, created_at=at)

    @classmethod
    def by_operator(cls, tenant_id: UUID, domain: str, mode: EnrolmentMode, *, at: datetime) -> "DomainClaim":
        """Claimed and proven by an operator's word: exactly this domain, no subdomain of it; ``PublicDomain``."""
        return cls.made(tenant_id, domain, mode, include_subdomains=False, at=at).proven(Proof.OPERATOR, at=at)

    @property
    def is_verified(self) -> bool:
        """Whether it counts."""
        return self.status is ClaimStatus.VERIFIED

    @property
    def txt_record(self) -> TxtRecord:
        """What has to be in the DNS to prove it."""
        return TxtRecord.asked_of(self.tenant_id, self.domain)

    @property
    def expires_at(self) -> datetime | None:
        """When it is gone if nobody proves it; ``None`` for one that was ever proven."""
        return self.created_at + UNPROVEN_LIFE if self.status is ClaimStatus.UNVERIFIED else None

    def is_expired(self, at: datetime) -> bool:
        """Whether nobody proved it in time."""
        return self.expires_at is not None and at >= self.expires_at

    def proven(self, by: Proof, *, at: datetime) -> "DomainClaim":
        """It counts from now on. What counts already goes on as it did, with its proof seen once more."""
        if self.is_verified:
            return replace(self, missing_since=None)
        return replace(self, status=ClaimStatus.VERIFIED, verified_by=by, verified_at=at, missing_since=None)

    def missed(self, *, at: datetime, grace: timedelta) -> "DomainClaim":
        """The proof was looked for and is not there. It lapses when that has been so for ``grace``.

        An operator's word needs no record, and cannot go missing.
        """
        if not self.is_verified or self.verified_by is Proof.OPERATOR:
            return self
        since = self.missing_since or at
        if at - since >= grace:
            return replace(self, status=ClaimStatus.LAPSED, missing_since=None)
        return replace(self, missing_since=since)

    def changed(self, mode: EnrolmentMode | None, include_subdomains: bool | None) -> "DomainClaim":
        """With what is given; ``None`` leaves things as they are."""
        return replace(
            self,
            mode=self.mode if mode is None else mode,
            include_subdomains=self.include_subdomains if include_subdomains is None else include_subdomains,
        )

    def told_as(self, kind: type[S]) -> S:
        """An event about this claim, with its present state."""
        return kind(
            tenant_id=self.tenant_id,
            domain=self.domain,
            mode=self.mode,
            include_subdomains=self.include_subdomains,
        )
