"""How sessions end, and what becomes of a refresh token."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.sessions import (
    REFRESH_GRACE,
    EndReason,
    Refresh,
    RefreshToken,
    Session,
    SessionLife,
    dead_until,
    judge_refresh,
    refusal,
    require_admission,
)
from services.auth.domain.sign_in_methods import BY_LINK, BY_PASSWORD, BY_SIGN_UP, Methods
from services.auth.errors.admission import (
    ApprovalRequired,
    EmailUnverified,
    MembershipSuspended,
    SignInMethodNotAllowed,
    TenantSuspended,
)
from services.auth.sessions.arrival import Arrival
from shared.contracts.auth import JoinedVia
from shared.contracts.email import parse_email
from shared.contracts.tenancy import MembershipStatus, Role, TenantStatus
from shared.contracts.tenant_settings import SignInMethod, TenantSettings
from shared.http.client_info import Client
from shared.ids import new_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLIENT = Client("192.0.2.1", "a browser")
SECOND = timedelta(seconds=1)
EMAIL = parse_email("ann@company.com")

TENANT = Tenant(new_id(), "Company", "company", TenantStatus.ACTIVE)
USER = User(new_id(), TENANT.id, EMAIL, "Ann", "a hash", NOW, NOW)
MEMBERSHIP = Membership(
    tenant_id=TENANT.id,
    user_id=USER.id,
    email=EMAIL,
    name="Ann",
    role=Role.MEMBER,
    status=MembershipStatus.ACTIVE,
    joined_via=JoinedVia.DOMAIN,
    email_verified=True,
    invitation_id=None,
    created_at=NOW,
)
SESSION = Session(
    id=new_id(),
    tenant_id=TENANT.id,
    user_id=USER.id,
    signed_in_at=NOW,
    created_at=NOW,
    last_used_at=NOW,
    expires_at=NOW + timedelta(days=30),
    agent="a browser",
    address="192.0.2.1",
    methods=BY_PASSWORD,
)
TOKEN = RefreshToken(
    hash=b"hash",
    tenant_id=TENANT.id,
    user_id=USER.id,
    session_id=SESSION.id,
    issued_at=NOW,
    expires_at=NOW + timedelta(days=14),
)

LIFE = SessionLife(absolute=timedelta(days=30), idle=timedelta(days=14))


def test_a_fresh_token_of_a_live_session_is_exchanged() -> None:
    assert judge_refresh(TOKEN, SESSION, LIFE, NOW) is Refresh.ROTATE


def test_a_used_token_is_answered_again_for_half_a_minute_and_ends_its_family_after_that() -> None:
    used = replace(TOKEN, used_at=NOW)
    assert judge_refresh(used, SESSION, LIFE, NOW) is Refresh.REPEAT
    assert judge_refresh(used, SESSION, LIFE, NOW + REFRESH_GRACE - SECOND) is Refresh.REPEAT
    assert judge_refresh(used, SESSION, LIFE, NOW + REFRESH_GRACE) is Refresh.END_FAMILY


def test_the_grace_opens_no_session_that_has_ended() -> None:
    used, ended = replace(TOKEN, used_at=NOW), SESSION.end(EndReason.SIGNED_OUT, NOW)
    assert judge_refresh(used, ended, LIFE, NOW) is Refresh.REFUSE


def test_a_used_token_is_recognised_even_when_it_has_expired_and_its_session_has_ended() -> None:
    used, ended = replace(TOKEN, used_at=NOW), SESSION.end(EndReason.SIGNED_OUT, NOW)
    assert judge_refresh(used, ended, LIFE, NOW + timedelta(days=400)) is Refresh.END_FAMILY


def test_a_token_is_refused_from_the_second_in_which_it_expires() -> None:
    assert judge_refresh(TOKEN, SESSION, LIFE, TOKEN.expires_at - SECOND) is Refresh.ROTATE
    assert judge_refresh(TOKEN, SESSION, LIFE, TOKEN.expires_at) is Refresh.REFUSE


@pytest.mark.parametrize("shorter", [replace(LIFE, idle=timedelta(days=2)), replace(LIFE, absolute=timedelta(days=2))])
def test_a_life_that_is_shorter_today_counts_for_tokens_of_before(shorter: SessionLife) -> None:
    ends = NOW + timedelta(days=2)
    assert judge_refresh(TOKEN, SESSION, shorter, ends - SECOND) is Refresh.ROTATE
    assert judge_refresh(TOKEN, SESSION, shorter, ends) is Refresh.REFUSE


def test_a_life_begins_when_somebody_signed_in_and_not_with_a_session_that_they_entered_from_another() -> None:
    entered = replace(SESSION, signed_in_at=NOW - timedelta(days=25))
    ends = NOW + timedelta(days=5)
    assert judge_refresh(TOKEN, entered, LIFE, ends - SECOND) is Refresh.ROTATE
    assert judge_refresh(TOKEN, entered, LIFE, ends) is Refresh.REFUSE


def test_no_token_outlives_its_session() -> None:
    token = replace(TOKEN, expires_at=SESSION.expires_at + timedelta(days=1))
    assert judge_refresh(token, SESSION, LIFE, SESSION.expires_at) is Refresh.REFUSE


def test_the_tokens_of_an_ended_session_are_refused() -> None:
    assert judge_refresh(TOKEN, SESSION.end(EndReason.SIGNED_OUT, NOW), LIFE, NOW) is Refresh.REFUSE


def test_what_has_ended_stays_as_it_ended() -> None:
    ended = SESSION.end(EndReason.SIGNED_OUT, NOW)
    assert ended.end(EndReason.PASSWORD_RESET, NOW + SECOND) == ended


def test_an_ended_session_is_remembered_until_its_last_access_token_is_dead() -> None:
    assert dead_until(NOW) >= NOW + timedelta(minutes=10)


def test_an_active_member_of_an_active_tenant_is_admitted() -> None:
    require_admission(USER, MEMBERSHIP, TENANT)


def test_of_several_reasons_to_refuse_the_first_is_told() -> None:
    user = replace(USER, email_verified_at=None)
    suspended_tenant = replace(TENANT, status=TenantStatus.SUSPENDED)
    pending = MEMBERSHIP._replace(status=MembershipStatus.PENDING)
    suspended = MEMBERSHIP._replace(status=MembershipStatus.SUSPENDED)
    with pytest.raises(EmailUnverified):
        require_admission(user, pending, suspended_tenant)
    with pytest.raises(ApprovalRequired):
        require_admission(USER, pending, suspended_tenant)
    with pytest.raises(MembershipSuspended):
        require_admission(USER, suspended, suspended_tenant)
    with pytest.raises(TenantSuspended):
        require_admission(USER, MEMBERSHIP, suspended_tenant)


def taking(*methods: SignInMethod) -> Tenant:
    return replace(TENANT, settings=TenantSettings(sign_in_methods=methods))


@pytest.mark.parametrize(
    ("methods", "taken_by"),
    [
        (BY_PASSWORD, {SignInMethod.PASSWORD}),
        (BY_LINK, {SignInMethod.EMAIL_LINK}),
        (BY_SIGN_UP, {SignInMethod.PASSWORD, SignInMethod.EMAIL_LINK}),
        (Arrival(CLIENT, BY_PASSWORD, invited=True).counts_as, {SignInMethod.PASSWORD, SignInMethod.EMAIL_LINK}),
        (Arrival(CLIENT, BY_PASSWORD).counts_as, {SignInMethod.PASSWORD}),
        (Arrival(CLIENT, BY_LINK, invited=True).counts_as, {SignInMethod.EMAIL_LINK}),
    ],
)
def test_a_tenant_takes_whoever_comes_by_one_of_its_methods(methods: Methods, taken_by: set[SignInMethod]) -> None:
    alone = {method for method in SignInMethod if refusal(USER, MEMBERSHIP, taking(method), methods) is None}
    assert alone == taken_by
    assert refusal(USER, MEMBERSHIP, taking(*SignInMethod), methods) is None


def test_a_tenant_that_says_nothing_of_methods_takes_passwords_only() -> None:
    of_before = TenantSettings.model_validate_json('{"session_days": 7}')
    assert TENANT.settings.sign_in_methods == of_before.sign_in_methods == (SignInMethod.PASSWORD,)


def test_a_method_is_refused_after_all_else_and_only_where_a_session_begins() -> None:
    by_link = taking(SignInMethod.EMAIL_LINK)
    assert refusal(USER, MEMBERSHIP, by_link, BY_PASSWORD) is SignInMethodNotAllowed
    assert refusal(USER, MEMBERSHIP, replace(by_link, status=TenantStatus.SUSPENDED), BY_PASSWORD) is TenantSuspended
    assert refusal(USER, MEMBERSHIP, by_link) is None
