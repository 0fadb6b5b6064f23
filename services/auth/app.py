"""Puts the service together: settings in, a service that is ready to run out."""

from dataclasses import dataclass
from datetime import timedelta

from services.auth.api_keys.uses import KeyUses
from services.auth.consumers import consumer
from services.auth.http import ENDPOINTS
from services.auth.joining.reserving import Reservations
from services.auth.joining.verification import Verification
from services.auth.passwords.choosing import NewPasswords
from services.auth.passwords.hashing import PasswordHasher
from services.auth.peers.invitations import NAME as INVITATIONS
from services.auth.peers.invitations import PROBLEMS, InvitationsPeer
from services.auth.peers.tenants import NAME as TENANTS
from services.auth.peers.tenants import TenantsPeer
from services.auth.postbox import TEMPLATES, Postbox
from services.auth.schema import SCHEMA
from services.auth.sessions.issuer import SessionIssuer
from services.auth.sessions.refresh_cookie import RefreshCookie
from services.auth.sessions.successors import Successors
from services.auth.settings import AuthSettings
from services.auth.sign_in.device_watch import DeviceWatch
from services.auth.sign_in.failures import FailedSignIns
from services.auth.sign_in.gate import SignInGate
from services.auth.sign_in.recognition import Recognition
from services.auth.sign_in.throttle import Throttle
from services.auth.signing_keys.access_tokens import AccessTokenSigner
from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.ring import KeyRing, KeyWatch
from services.auth.upkeep import Upkeep
from services.auth.use_cases import UseCases
from services.auth.use_cases.accept_invitation import AcceptInvitation
from services.auth.use_cases.admit_operator import AdmitOperator
from services.auth.use_cases.change_member import ChangeMember
from services.auth.use_cases.change_password import ChangePassword
from services.auth.use_cases.check_api_key import CheckApiKey
from services.auth.use_cases.create_api_key import CreateApiKey
from services.auth.use_cases.end_session import EndSession
from services.auth.use_cases.forgot_password import ForgotPassword
from services.auth.use_cases.get_user import GetUser
from services.auth.use_cases.hear_of_domain import HearOfDomain
from services.auth.use_cases.list_api_keys import ListApiKeys
from services.auth.use_cases.list_members import ListMembers
from services.auth.use_cases.list_revocations import ListRevocations
from services.auth.use_cases.list_sessions import ListSessions
from services.auth.use_cases.list_users import ListUsers
from services.auth.use_cases.log_in import LogIn
from services.auth.use_cases.log_in_by_invitation import LogInByInvitation
from services.auth.use_cases.log_in_by_link import LogInByLink
from services.auth.use_cases.log_out import LogOut
from services.auth.use_cases.preview_enrolment import PreviewEnrolment
from services.auth.use_cases.preview_invitation import PreviewInvitation
from services.auth.use_cases.reconcile_tenants import TenantReplica
from services.auth.use_cases.refresh_session import RefreshSession
from services.auth.use_cases.remove_member import RemoveMember
from services.auth.use_cases.resend_verification import ResendVerification
from services.auth.use_cases.reset_password import ResetPassword
from services.auth.use_cases.revoke_api_key import RevokeApiKey
from services.auth.use_cases.send_sign_in_link import SendSignInLink
from services.auth.use_cases.sign_out_everywhere import SignOutEverywhere
from services.auth.use_cases.sign_up_by_domain import SignUpByDomain
from services.auth.use_cases.sign_up_by_invitation import SignUpByInvitation
from services.auth.use_cases.switch_tenant import SwitchTenant
from services.auth.use_cases.verify_email import VerifyEmail
from services.auth.use_cases.who_am_i import WhoAmI
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
from shared.sealing import Sealer
from shared.service import Service, open_database

NAME = "auth"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the use cases are made of."""

    database: Database
    clock: Clock
    peer: PeerClient
    new_passwords: NewPasswords
    hasher: PasswordHasher
    signer: AccessTokenSigner
    successors: Successors
    sessions: SessionIssuer
    postbox: Postbox
    link_life: timedelta
    cursors: CursorSealer
    cookie: RefreshCookie
    key_uses: KeyUses
    key_watch: KeyWatch
    failures: FailedSignIns


async def build(settings: AuthSettings, clock: Clock = utc_now, connect: Connect = connected) -> Service:
    """The service on its database; ``CannotStart`` says what is wrong with that."""
    database = await open_database(SCHEMA, settings, connect)
    sealer = mail_sealer(settings.data_encryption_key.get_secret_value())
    parts = await open_parts(settings, database, sealer, clock)
    key = settings.caller_signing_key.get_secret_value()
    idempotency = Idempotency(database, settings.data_encryption_key.get_secret_value(), clock)
    app = build_app(
        NAME,
        ENDPOINTS,
        assemble(parts),
        verifier=ContextVerifier(key, NAME, clock),
        checks={"database": database.ping, "signing_keys": parts.signer.ready},
        beside={"jwt_secret_key": parts.signer.up_to_date},
        once=idempotency.once,
        lines=AccessLog(settings.access_log_per_second),
    )
    mailer = MailWorker(database, transport_of(settings), sealer, sender_of(settings), clock)
    tenants = PeerClient(TENANTS, settings.tenants_url, ContextSigner(key, NAME, clock))
    return Service(
        NAME,
        app,
        database,
        consumer(database, HearOfDomain(parts.postbox)),
        workers=(mailer, Upkeep(database, clock), parts.key_uses, parts.key_watch, parts.failures, idempotency),
        closers=(parts.peer.close, parts.new_passwords.close, parts.hasher.close, tenants.close),
        replicas=(TenantReplica(database, TenantsPeer(tenants)),),
    )


def assemble(parts: Parts) -> UseCases:
    """Everything that auth can do."""
    database, clock, hasher, sessions = parts.database, parts.clock, parts.hasher, parts.sessions
    invitations = InvitationsPeer(parts.peer)
    reserve = Reservations(database, invitations, sessions, clock)
    throttle, judge = Throttle(database, clock), parts.new_passwords
    verification = Verification(parts.postbox, clock)
    gate = SignInGate(database, throttle)
    recognition = Recognition(database, gate, hasher, parts.failures)
    return UseCases(
        preview_enrolment=PreviewEnrolment(database),
        preview_invitation=PreviewInvitation(database, invitations),
        sign_up_by_domain=SignUpByDomain(database, judge, hasher, throttle, verification, parts.postbox, clock),
        sign_up_by_invitation=SignUpByInvitation(database, invitations, judge, hasher, sessions, clock),
        accept_invitation=AcceptInvitation(database, reserve, sessions, parts.postbox, clock),
        verify_email=VerifyEmail(database, invitations, sessions, parts.postbox, clock),
        resend_verification=ResendVerification(database, hasher, throttle, verification),
        admit_operator=AdmitOperator(database, judge, hasher, clock),
        log_in=LogIn(database, recognition, sessions),
        log_in_by_invitation=LogInByInvitation(database, recognition, reserve, sessions, clock),
        send_sign_in_link=SendSignInLink(database, throttle, parts.postbox, parts.link_life, clock),
        log_in_by_link=LogInByLink(database, throttle, sessions, clock),
        refresh_session=RefreshSession(database, sessions, parts.successors, clock),
        log_out=LogOut(database, clock),
        switch_tenant=SwitchTenant(database, sessions, clock),
        list_sessions=ListSessions(database, sessions.life, clock),
        end_session=EndSession(database, clock),
        sign_out_everywhere=SignOutEverywhere(database, clock),
        forgot_password=ForgotPassword(database, throttle, parts.postbox, clock),
        reset_password=ResetPassword(database, judge, hasher, throttle, parts.postbox, clock),
        change_password=ChangePassword(database, judge, hasher, gate, parts.postbox, clock),
        who_am_i=WhoAmI(database),
        list_users=ListUsers(database),
        get_user=GetUser(database),
        change_member=ChangeMember(database, parts.postbox, clock),
        remove_member=RemoveMember(database, clock),
        create_api_key=CreateApiKey(database, clock),
        list_api_keys=ListApiKeys(database),
        revoke_api_key=RevokeApiKey(database, clock),
        check_api_key=CheckApiKey(database, parts.key_uses, clock),
        list_revocations=ListRevocations(database, clock),
        list_members=ListMembers(database),
        signer=parts.signer,
        cursors=parts.cursors,
        cookie=parts.cookie,
    )


async def open_parts(settings: AuthSettings, database: Database, sealer: Sealer, clock: Clock) -> Parts:
    """The parts as the settings want them; ``CannotStart`` when the signing keys cannot be read."""
    key = settings.caller_signing_key.get_secret_value()
    keeping = KeyKeeping(database, settings.key_sealer, clock)
    ring = KeyRing(settings.key_sealer, await keeping.begin())
    signer = AccessTokenSigner(ring, settings.public_url, clock)
    successors = Successors(settings.data_encryption_key.get_secret_value())
    postbox = Postbox(MailTemplates(TEMPLATES, settings.mail_language), sealer, settings.public_url, clock)
    return Parts(
        database=database,
        clock=clock,
        peer=PeerClient(INVITATIONS, settings.invitations_url, ContextSigner(key, NAME, clock), PROBLEMS),
        new_passwords=NewPasswords.checked_at(settings.breached_passwords_url),
        hasher=PasswordHasher(
            memory_kib=settings.password_memory_kib,
            passes=settings.password_passes,
            threads=settings.password_threads,
            queue=settings.password_queue,
        ),
        signer=signer,
        successors=successors,
        sessions=SessionIssuer(signer, successors, DeviceWatch(postbox), settings.session_life, clock),
        postbox=postbox,
        link_life=settings.sign_in_link_life,
        cursors=CursorSealer(key),
        cookie=RefreshCookie.at(settings.public_url, settings.session_life.idle),
        key_uses=KeyUses(database),
        failures=FailedSignIns(database, clock),
        key_watch=KeyWatch(ring, keeping, settings.signing_key_age),
    )
