"""Request and response bodies about domains."""

from pydantic import Field

from services.tenants.domain.claims import ClaimStatus, DomainClaim
from services.tenants.fields import DomainField
from shared.contracts.tenancy import EnrolmentMode
from shared.http.models import Answer, Body, Flag, Timestamp


class ClaimDomainBody(Body):
    """An e-mail domain that the tenant says is its own."""

    domain: DomainField
    mode: EnrolmentMode = Field(description="What a proven address at this domain does for a person.")
    include_subdomains: Flag = Field(False, description="Whether addresses at its true subdomains count as well.")


class ChangeDomainBody(Body):
    """What is to be different; what is left out stays."""

    mode: EnrolmentMode | None = Field(None, description="What a proven address at this domain does for a person.")
    include_subdomains: Flag | None = Field(None, description="Whether addresses at its true subdomains count as well.")


class TxtRecordAnswer(Answer):
    """A record to publish in the DNS."""

    name: str
    value: str


class DomainAnswer(Answer):
    """A tenant's claim on a domain."""

    domain: str
    mode: EnrolmentMode
    status: ClaimStatus
    include_subdomains: bool
    txt_record: TxtRecordAnswer
    created_at: Timestamp
    verified_at: Timestamp | None
    expires_at: Timestamp | None = Field(description="When an unproven claim is gone.")
    missing_since: Timestamp | None = Field(
        description="Since when the record of a verified domain is missing; it lapses if that goes on for days."
    )

    @classmethod
    def of(cls, claim: DomainClaim) -> "DomainAnswer":
        """What the tenant may see of it, which is all."""
        record = claim.txt_record
        return cls(
            domain=claim.domain,
            mode=claim.mode,
            status=claim.status,
            include_subdomains=claim.include_subdomains,
            txt_record=TxtRecordAnswer(name=record.name, value=record.value),
            created_at=claim.created_at,
            verified_at=claim.verified_at,
            expires_at=claim.expires_at,
            missing_since=claim.missing_since,
        )
