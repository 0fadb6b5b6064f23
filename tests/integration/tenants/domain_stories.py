"""What can happen to claims on domains, and what the model of the random test knows of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from services.tenants.domain.claims import ClaimStatus
from shared.contracts.tenancy import EnrolmentMode

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOMAINS = ("company.com", "eu.company.com")
TENANTS = range(3)

UNVERIFIED, VERIFIED, LAPSED = ClaimStatus.UNVERIFIED, ClaimStatus.VERIFIED, ClaimStatus.LAPSED

Key = tuple[int, str]

tenants, domains = st.sampled_from(TENANTS), st.sampled_from([DOMAINS[0], *DOMAINS])
modes, wides, outages = st.sampled_from(EnrolmentMode), st.booleans(), st.sampled_from([False, False, False, True])
# One rule for all of them: of many rules, each history would be made of a few.
DEEDS = st.one_of(
    st.tuples(st.just("claim"), st.tuples(tenants, domains, modes, wides)),
    st.tuples(st.just("verify"), st.tuples(tenants, domains, outages)),
    st.tuples(st.just("verify"), st.tuples(tenants, domains, outages)),
    st.tuples(st.just("verify_all_at_once"), st.tuples(domains)),
    st.tuples(st.just("change"), st.tuples(tenants, domains, modes, wides)),
    st.tuples(st.just("give_up"), st.tuples(tenants, domains)),
    st.tuples(st.just("publish_or_withdraw"), st.tuples(tenants, domains)),
    st.tuples(st.just("days_go_by"), st.tuples(st.integers(1, 5), outages)),
    st.tuples(st.just("the_owner_lets_it_go"), st.tuples(domains)),
    st.tuples(st.just("a_month_goes_by_and_nobody_looks"), st.tuples()),
    st.tuples(st.just("tidy_up"), st.tuples()),
)


@dataclass
class Known:
    """What the model knows of a claim. An operator's word needs no record."""

    mode: EnrolmentMode
    wide: bool
    began: datetime
    status: ClaimStatus = UNVERIFIED
    by_operator: bool = False
    verified_at: datetime = START
    looked_for: datetime | None = None
    missing_since: datetime | None = None


def owners_told(events: Iterable[tuple[str, UUID, UUID, dict[str, Any]]]) -> dict[str, tuple[UUID, str, bool]]:
    """Who owns what, for somebody who follows the events: tenant, mode and breadth. No domain ever has two owners."""
    owners: dict[str, tuple[UUID, str, bool]] = {}
    for kind, tenant_id, _, data in events:
        holder = owners.get(data.get("domain", ""))
        match kind.removeprefix("tenants.domain."):
            case "verified.v1":
                assert holder is None
                owners[data["domain"]] = (tenant_id, data["mode"], data["include_subdomains"])
            case "updated.v1":
                assert holder is not None, "nobody owned what was changed"
                assert holder[0] == tenant_id
                owners[data["domain"]] = (tenant_id, data["mode"], data["include_subdomains"])
            case "lapsed.v1":
                assert owners.pop(data["domain"])[0] == tenant_id
            case "removed.v1" if holder and holder[0] == tenant_id:
                del owners[data["domain"]]
    return owners
