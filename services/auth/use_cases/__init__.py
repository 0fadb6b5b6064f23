"""Everything that auth can do, one per file."""

from dataclasses import dataclass

from services.auth.sessions.refresh_cookie import RefreshCookie
from services.auth.signing_keys.access_tokens import AccessTokenSigner
from services.auth.use_cases.accept_invitation import AcceptInvitation
from services.auth.use_cases.admit_operator import AdmitOperator
from services.auth.use_cases.change_member import ChangeMember
from services.auth.use_cases.change_password import ChangePassword
from services.auth.use_cases.check_api_key import CheckApiKey
from services.auth.use_cases.create_api_key import CreateApiKey
from services.auth.use_cases.end_session import EndSession
from services.auth.use_cases.forgot_password import ForgotPassword
from services.auth.use_cases.get_user import GetUser
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
from shared.http.cursor import CursorSealer


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """The list of it, and what the handlers need for the key set, for lists page by page and for the cookie."""

    preview_enrolment: PreviewEnrolment
    preview_invitation: PreviewInvitation
    sign_up_by_domain: SignUpByDomain
    sign_up_by_invitation: SignUpByInvitation
    accept_invitation: AcceptInvitation
    verify_email: VerifyEmail
    resend_verification: ResendVerification
    admit_operator: AdmitOperator

    log_in: LogIn
    log_in_by_invitation: LogInByInvitation
    send_sign_in_link: SendSignInLink
    log_in_by_link: LogInByLink
    refresh_session: RefreshSession
    log_out: LogOut
    switch_tenant: SwitchTenant
    list_sessions: ListSessions
    end_session: EndSession
    sign_out_everywhere: SignOutEverywhere

    forgot_password: ForgotPassword
    reset_password: ResetPassword
    change_password: ChangePassword

    who_am_i: WhoAmI
    list_users: ListUsers
    get_user: GetUser
    change_member: ChangeMember
    remove_member: RemoveMember

    create_api_key: CreateApiKey
    list_api_keys: ListApiKeys
    revoke_api_key: RevokeApiKey

    check_api_key: CheckApiKey
    list_revocations: ListRevocations
    list_members: ListMembers

    signer: AccessTokenSigner
    cursors: CursorSealer
    cookie: RefreshCookie
