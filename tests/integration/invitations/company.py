"""Tenants as other services tell of them."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from shared.contracts.auth import JoinedVia, MembershipChange, MembershipCreated
from shared.contracts.caller import Caller
from shared.contracts.tenancy import MembershipStatus, Role
from shared.contracts.tenants import TenantEvent
from shared.ids import new_id
from tests.support.callers import a_caller

E = TypeVar("E", bound=TenantEvent)
M = TypeVar("M", bound=MembershipChange)


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant, and who acts in it; the admin unless told otherwise."""

    id: UUID
    name: str
    owner: Caller
    admin: Caller
    hr: Caller
    member: Caller

    @classmethod
    def named(cls, name: str) -> "Company":
        tenant_id = new_id()
        return cls(tenant_id, name, *(a_caller(tenant_id, role) for role in Role))


def tenant_event(kind: type[E], company: Company, **more: Any) -> E:
    state = {"tenant_id": company.id, "name": company.name, "slug": company.name.lower(), "status": "active"}
    return kind.model_validate(state | more)


def membership(company: Company, email: str, *, invitation_id: str | None = None, **state: Any) -> MembershipCreated:
    """Ann is an active member from now on, unless ``state`` says otherwise."""
    usual = {"user_id": new_id(), "name": "Ann", "role": Role.MEMBER, "status": MembershipStatus.ACTIVE}
    via = JoinedVia.INVITATION if invitation_id else JoinedVia.DOMAIN
    about = {"tenant_id": company.id, "email": email, "joined_via": via, "invitation_id": invitation_id}
    return MembershipCreated.model_validate(usual | about | state)


def membership_change(kind: type[M], company: Company, email: str, *, user_id: UUID, **state: Any) -> M:
    """What becomes of an active member by an admin's hand, unless ``state`` says otherwise."""
    was = membership(company, email, user_id=user_id).model_dump(exclude={"joined_via", "invitation_id"})
    return kind.model_validate(was | {"changed_by": new_id()} | state)
