"""People, the tenants that they belong to, and as what."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.contracts.auth import JoinedVia
from shared.contracts.email import Email
from shared.contracts.tenancy import MembershipStatus, Role, TenantStatus
from shared.contracts.tenant_settings import UNSETTLED, TenantSettings

KEPT_UNPROVEN = timedelta(days=7)
"""How long a sign-up is remembered whose address nobody proves; until then a fresh link may be asked for."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """What auth knows of a customer: a replica of what the tenants service says."""

    id: UUID
    name: str
    slug: str
    status: TenantStatus
    settings: TenantSettings = UNSETTLED

    @property
    def shown_as(self) -> str:
        """What people read who are not in it yet."""
        return self.settings.display_name or self.name

    @property
    def is_suspended(self) -> bool:
        """Whether nobody gets in."""
        return self.status is TenantStatus.SUSPENDED


@dataclass(frozen=True, slots=True)
class User:
    """One person under one address. ``tenant_id`` is the home tenant, where a sign-in leads unless it names another.

    Until ``email_verified_at`` nobody has shown that the mailbox is theirs, and the account opens nothing. Without a
    ``password_hash`` no password fits.
    """

    id: UUID
    tenant_id: UUID
    email: Email
    name: str
    password_hash: str | None
    email_verified_at: datetime | None
    created_at: datetime

    @property
    def is_verified(self) -> bool:
        """Whether the address is proven."""
        return self.email_verified_at is not None

    @property
    def is_vouched_for(self) -> bool:
        """Whether it is an inviter's word alone that proved the address: the account was made with an invitation.

        Whoever makes an invitation sees its link, so the password may be theirs, until a new one is set by mail.
        """
        return self.email_verified_at == self.created_at


class Membership(NamedTuple):
    """A person in a tenant; also the line of the tenant's directory, so it carries address and name itself.

    A tuple, because a page of the directory makes fifty, and a frozen dataclass takes five times as long to make.

    Not ``email_verified``: provisional, made by a sign-up whose address nobody has proven yet, and void once
    somebody does. ``invitation_id`` is the invitation that led here last.
    """

    tenant_id: UUID
    user_id: UUID
    email: Email
    name: str
    role: Role
    status: MembershipStatus
    joined_via: JoinedVia
    email_verified: bool
    invitation_id: UUID | None
    created_at: datetime
    last_sign_in_at: datetime | None = None
