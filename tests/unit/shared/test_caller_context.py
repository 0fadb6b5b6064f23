"""The caller context: who may make one, for whom, and for how long."""

from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest

from shared.clock import utc_now
from shared.contracts.caller import Caller, ContextSigner, ContextVerifier, InvalidContext, Peer, person_of
from shared.contracts.context_jws import CONTEXT_TYPE
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from shared.errors import Forbidden
from shared.ids import new_id
from tests.support.callers import SIGNING_KEY, a_caller, an_operator

NOW = utc_now().replace(microsecond=0)
SIGNER = ContextSigner(SIGNING_KEY, "gateway", lambda: NOW)


def verifier(at: datetime = NOW, audience: str = "auth", key: str = SIGNING_KEY) -> ContextVerifier:
    return ContextVerifier(key, audience, lambda: at)


def claims(**changes: Any) -> dict[str, Any]:
    """All that a good context says of a member, but for ``changes``."""
    at = int(NOW.timestamp())
    addressed = {"iss": "gateway", "aud": "auth", "iat": at, "exp": at + 30}
    return addressed | {"sub": str(new_id()), "tenant_id": str(new_id()), "role": "member", "permissions": []} | changes


def signed(payload: dict[str, Any], *, key: str = SIGNING_KEY, alg: str = "HS256", typ: str = CONTEXT_TYPE) -> str:
    return jwt.encode(payload, key, algorithm=alg, headers={"typ": typ})


@pytest.mark.parametrize("role", list(Role))
def test_a_caller_arrives_as_it_was_sent(role: Role) -> None:
    caller = a_caller(new_id(), role)
    assert verifier().verify(SIGNER.for_caller(caller, "auth")) == caller


def test_a_key_arrives_without_a_session() -> None:
    key = Caller(new_id(), new_id(), Role.MEMBER, frozenset({Permission.USERS_READ}), key_id=new_id())
    assert verifier().verify(SIGNER.for_caller(key, "auth")) == key


def test_nobody_and_a_fellow_service_are_told_apart_from_callers() -> None:
    assert verifier().verify(SIGNER.for_anonymous("auth")) is None
    assert verifier().verify(ContextSigner(SIGNING_KEY, "auth", lambda: NOW).for_peer("auth")) == Peer("auth")


def test_a_context_is_a_jwt_as_everybody_makes_and_reads_them() -> None:
    caller = a_caller(new_id())
    context = ContextSigner(SIGNING_KEY, "gateway", utc_now).for_caller(caller, "auth")  # PyJWT has a clock of its own
    assert jwt.get_unverified_header(context) == {"alg": "HS256", "typ": CONTEXT_TYPE}
    read = jwt.decode(context, SIGNING_KEY, algorithms=["HS256"], audience="auth")
    assert read["sub"] == str(caller.subject)
    assert signed(read) == context
    assert verifier(at=utc_now()).verify(signed(claims(**read))) == caller


def test_a_context_for_one_service_opens_no_other() -> None:
    with pytest.raises(InvalidContext):
        verifier(audience="tenants").verify(SIGNER.for_caller(a_caller(new_id()), "auth"))


@pytest.mark.parametrize(("good_at", "refused_at"), [(-5.0, -5.1), (34.9, 35.0)])
def test_a_context_is_good_for_half_a_minute_and_not_before_it_was_made(good_at: float, refused_at: float) -> None:
    """Clocks may be five seconds apart; when they disagree by more, contexts fail closed."""
    caller = a_caller(new_id())
    context = SIGNER.for_caller(caller, "auth")
    assert verifier(at=NOW + timedelta(seconds=good_at)).verify(context) == caller
    with pytest.raises(InvalidContext):
        verifier(at=NOW + timedelta(seconds=refused_at)).verify(context)


def test_a_context_that_was_good_a_moment_ago_is_not_good_for_ever() -> None:
    at = NOW
    remembering = ContextVerifier(SIGNING_KEY, "auth", lambda: at)
    caller = a_caller(new_id())
    context = SIGNER.for_caller(caller, "auth")
    assert remembering.verify(context) == remembering.verify(context) == caller
    at = NOW + timedelta(minutes=1)
    with pytest.raises(InvalidContext):
        remembering.verify(context)


FORGED = [
    "",
    "x",
    "a.b.c",
    signed(claims(), key="another key that is long enough to sign"),
    signed(claims(), typ="JWT"),
    signed(claims(), typ="at+jwt"),
    signed(claims(), alg="HS512"),
    jwt.encode(claims(), SIGNING_KEY, algorithm="HS256", headers={"typ": CONTEXT_TYPE, "crit": ["x"], "x": 1}),
    f"{signed(claims())}=",
    f"{signed(claims())}.{signed(claims())}",
    jwt.encode(claims(), "", algorithm="none", headers={"typ": CONTEXT_TYPE}),
    signed({name: value for name, value in claims().items() if name != "exp"}),
    signed({name: value for name, value in claims().items() if name != "aud"}),
    signed({name: value for name, value in claims().items() if name != "iss"}),
    signed(claims(aud=["auth"])),
    signed(claims(exp=str(int(NOW.timestamp()) + 30))),
    signed(claims(exp=1e300)),
    signed(claims(iat=True)),
    signed(claims(tenant_id="x")),
    signed(claims(role="emperor")),
    signed(claims(permissions=["everything"])),
    signed({name: value for name, value in claims().items() if name != "tenant_id"}),
    signed({name: value for name, value in claims().items() if name != "permissions"}),
    signed(claims(tenant_id=7)),
    signed(claims(sub="x")),
]


def test_what_the_forged_ones_are_made_of_is_a_good_context() -> None:
    assert isinstance(verifier().verify(signed(claims())), Caller)


@pytest.mark.parametrize("forged", FORGED, ids=range(len(FORGED)))
def test_what_was_not_signed_for_us_just_now_is_refused(forged: str) -> None:
    """CVE-2024-8901: a context that somebody made up, or took from elsewhere, is nobody's."""
    with pytest.raises(InvalidContext):
        verifier().verify(forged)


@pytest.mark.parametrize("position", range(0, 200, 7))
def test_a_changed_context_is_refused(position: int) -> None:
    context = SIGNER.for_caller(a_caller(new_id()), "auth")
    changed = context[:position] + ("A" if context[position] != "A" else "B") + context[position + 1 :]
    with pytest.raises(InvalidContext):
        verifier().verify(changed)


def test_only_owners_and_admins_of_the_platform_operate_it() -> None:
    operators = {role for role in Role if Permission.PLATFORM_OPERATE in a_caller(PLATFORM_TENANT_ID, role).permissions}
    assert operators == {Role.OWNER, Role.ADMIN}
    assert all(Permission.PLATFORM_OPERATE not in a_caller(new_id(), role).permissions for role in Role)


def test_a_permission_that_is_missing_is_forbidden() -> None:
    an_operator().require(Permission.PLATFORM_OPERATE)
    with pytest.raises(Forbidden):
        a_caller(new_id(), Role.MEMBER).require(Permission.INVITATIONS_MANAGE)


def test_a_key_is_told_of_its_scopes_and_a_person_of_their_role() -> None:
    key = Caller(new_id(), new_id(), Role.ADMIN, frozenset({Permission.USERS_READ}), key_id=new_id())
    key.require(Permission.USERS_READ)
    with pytest.raises(Forbidden, match="scope"):
        key.require(Permission.INVITATIONS_MANAGE)
    with pytest.raises(Forbidden, match="role"):
        a_caller(new_id(), Role.MEMBER).require(Permission.INVITATIONS_MANAGE)


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        (Role.OWNER, {Role.OWNER, Role.ADMIN, Role.HR, Role.MEMBER}),
        (Role.ADMIN, {Role.ADMIN, Role.HR, Role.MEMBER}),
        (Role.HR, {Role.MEMBER}),
        (Role.MEMBER, set()),
    ],
)
def test_nobody_grants_a_role_above_their_own(role: Role, granted: set[Role]) -> None:
    """CVE-2024-5127."""
    assert {other for other in Role if role.may_grant(other)} == granted


def test_an_actor_is_a_person_a_key_or_nobody() -> None:
    person = an_operator()
    key = Caller(new_id(), PLATFORM_TENANT_ID, Role.HR, frozenset(), key_id=new_id())
    assert person_of(person.actor) == person.subject
    assert (person_of(key.actor), person_of(None)) == (None, None)
