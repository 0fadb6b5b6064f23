"""Everything that this service can do, one per file."""

from dataclasses import dataclass

from services.invitations.use_cases.drop_offers import DropOffers
from services.invitations.use_cases.expire_invitations import ExpireInvitations
from services.invitations.use_cases.invite import Invite
from services.invitations.use_cases.invite_owner import InviteOwner
from services.invitations.use_cases.list_invitations import ListInvitations
from services.invitations.use_cases.preview_invitation import PreviewInvitation
from services.invitations.use_cases.read_invitation import ReadInvitation
from services.invitations.use_cases.record_delivery import RecordDelivery
from services.invitations.use_cases.record_departure import RecordDeparture
from services.invitations.use_cases.record_membership import RecordMembership
from services.invitations.use_cases.record_tenant import RecordTenant
from services.invitations.use_cases.resend_invitation import ResendInvitation
from services.invitations.use_cases.reserve_by_address import ReserveByAddress
from services.invitations.use_cases.reserve_invitation import ReserveInvitation
from services.invitations.use_cases.revoke_invitation import RevokeInvitation
from shared.http.cursor import CursorSealer


@dataclass(frozen=True, slots=True)
class UseCases:
    """The list of it, and what the handlers need to show lists page by page."""

    # for people and HR tools
    invite: Invite
    list_invitations: ListInvitations
    read_invitation: ReadInvitation
    resend_invitation: ResendInvitation
    revoke_invitation: RevokeInvitation
    cursors: CursorSealer
    # for operators
    invite_owner: InviteOwner
    # for auth
    preview_invitation: PreviewInvitation
    reserve_invitation: ReserveInvitation
    reserve_by_address: ReserveByAddress
    # in answer to events and to the clock
    record_membership: RecordMembership
    record_departure: RecordDeparture
    drop_offers: DropOffers
    record_tenant: RecordTenant
    record_delivery: RecordDelivery
    expire_invitations: ExpireInvitations
