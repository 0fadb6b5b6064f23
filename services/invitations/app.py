"""Puts the service together: settings in, a service that is ready to run out."""

from services.invitations.consumers import listener
from services.invitations.http import ENDPOINTS
from services.invitations.issuing import Issuer
from services.invitations.mailing import TEMPLATES, InvitationMails
from services.invitations.owners import AUTH, TENANTS, MembersOwner, TenantsOwner
from services.invitations.schema import SCHEMA
from services.invitations.settings import InvitationsSettings
from services.invitations.sweeper import Sweeper
from services.invitations.use_cases import UseCases
from services.invitations.use_cases.drop_offers import DropOffers
from services.invitations.use_cases.expire_invitations import ExpireInvitations
from services.invitations.use_cases.invite import Invite
from services.invitations.use_cases.invite_owner import InviteOwner
from services.invitations.use_cases.list_invitations import ListInvitations
from services.invitations.use_cases.preview_invitation import PreviewInvitation
from services.invitations.use_cases.read_invitation import ReadInvitation
from services.invitations.use_cases.reconcile import MemberReplica, TenantReplica
from services.invitations.use_cases.record_delivery import RecordDelivery
from services.invitations.use_cases.record_departure import RecordDeparture
from services.invitations.use_cases.record_membership import RecordMembership
from services.invitations.use_cases.record_tenant import RecordTenant
from services.invitations.use_cases.resend_invitation import ResendInvitation
from services.invitations.use_cases.reserve_by_address import ReserveByAddress
from services.invitations.use_cases.reserve_invitation import ReserveInvitation
from services.invitations.use_cases.revoke_invitation import RevokeInvitation
from shared.clock import Clock, utc_now
from shared.contracts.caller import ContextSigner, ContextVerifier
from shared.database import Database
from shared.database.opening import Connect, connected
from shared.http.access_log import AccessLog
from shared.http.app import build_app
from shared.http.cursor import CursorSealer
from shared.http.idempotency import Idempotency
from shared.http.peer import PeerClient
from shared.mail.outgoing import sender_of, transport_of
from shared.mail.queue import mail_sealer
from shared.mail.templates import MailTemplates
from shared.mail.worker import MailWorker
from shared.service import Service, open_database

NAME = "invitations"


async def build(settings: InvitationsSettings, clock: Clock = utc_now, connect: Connect = connected) -> Service:
    """The service on its database; ``CannotStart`` says what is wrong with that."""
    transport, sender = transport_of(settings), sender_of(settings)
    database = await open_database(SCHEMA, settings, connect)
    key = settings.caller_signing_key.get_secret_value()
    data_key = settings.data_encryption_key.get_secret_value()
    sealer = mail_sealer(data_key)
    idempotency = Idempotency(database, data_key, clock)
    mails = InvitationMails(sealer, MailTemplates(TEMPLATES, settings.mail_language), settings.public_url)
    use_cases = _use_cases(database, mails, CursorSealer(key), clock)
    app = build_app(
        NAME,
        ENDPOINTS,
        use_cases,
        verifier=ContextVerifier(key, NAME, clock),
        checks={"database": database.ping},
        once=idempotency.once,
        lines=AccessLog(settings.access_log_per_second),
    )
    mail_worker = MailWorker(database, transport, sealer, sender, clock, on_outcome=use_cases.record_delivery)
    workers = (mail_worker, Sweeper(use_cases.expire_invitations), idempotency)
    signer = ContextSigner(key, NAME, clock)
    tenants, auth = PeerClient(TENANTS, settings.tenants_url, signer), PeerClient(AUTH, settings.auth_url, signer)
    replicas = (
        TenantReplica(database, TenantsOwner(tenants), use_cases.record_tenant),
        MemberReplica(database, MembersOwner(auth), use_cases.record_membership, use_cases.drop_offers),
    )
    closers = (tenants.close, auth.close)
    return Service(NAME, app, database, listener(NAME, database, use_cases), workers, closers, replicas)


def _use_cases(database: Database, mails: InvitationMails, cursors: CursorSealer, clock: Clock) -> UseCases:
    issuer = Issuer(mails, clock)
    return UseCases(
        invite=Invite(database, issuer),
        list_invitations=ListInvitations(database, clock),
        read_invitation=ReadInvitation(database, clock),
        resend_invitation=ResendInvitation(database, issuer),
        revoke_invitation=RevokeInvitation(database, issuer),
        cursors=cursors,
        invite_owner=InviteOwner(database, issuer),
        preview_invitation=PreviewInvitation(database, clock),
        reserve_invitation=ReserveInvitation(database, clock),
        reserve_by_address=ReserveByAddress(database, clock),
        record_membership=RecordMembership(mails, clock),
        record_departure=RecordDeparture(),
        drop_offers=DropOffers(issuer),
        record_tenant=RecordTenant(),
        record_delivery=RecordDelivery(clock),
        expire_invitations=ExpireInvitations(database, clock),
    )
