"""May they: tenant header and permission."""

import pytest

from gateway.admit import admit
from gateway.authenticate.known_caller import KnownCaller
from gateway.request import Request
from gateway.rule import Access, Needs, OptionalCaller, Public, Rule, SignedIn
from shared.contracts.caller import Caller, TenantMismatch
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import Role
from shared.errors import Forbidden
from shared.ids import new_id
from tests.support.callers import a_caller, an_operator

TENANT, FOREIGN = new_id(), new_id()


def naming(*tenants: object) -> Request:
    headers = [(b"x-tenant-id", str(tenant).encode()) for tenant in tenants]
    return Request("GET", "/x", b"/x", headers, "")


def rule(access: Access) -> Rule:
    return Rule("GET", "/x", "auth", access)


@pytest.mark.parametrize("named", [[], [TENANT], [TENANT, TENANT], [str(TENANT).upper()], [f" {TENANT} "]])
def test_ones_own_tenant_may_be_named_or_not(named: list[object]) -> None:
    admit(rule(SignedIn()), KnownCaller(a_caller(TENANT)), naming(*named))


@pytest.mark.parametrize(
    "named",
    [[FOREIGN], [TENANT, FOREIGN], [FOREIGN, TENANT], [""], ["null"], ["*"], [f"{TENANT},{TENANT}"], [TENANT.hex]],
)
def test_any_other_tenant_is_a_mismatch_be_it_one_of_several(named: list[object]) -> None:
    for access in (SignedIn(), OptionalCaller(), Needs(Permission.USERS_READ)):
        with pytest.raises(TenantMismatch) as refused:
            admit(rule(access), KnownCaller(a_caller(TENANT)), naming(*named))
        assert refused.value.code == "tenant_mismatch"


def test_an_operator_too_acts_in_the_tenant_of_the_token_only() -> None:
    with pytest.raises(TenantMismatch):
        admit(rule(Needs(Permission.PLATFORM_OPERATE)), KnownCaller(an_operator()), naming(TENANT))


@pytest.mark.parametrize("access", [Public(), OptionalCaller()])
def test_where_nobody_is_signed_in_the_header_means_nothing(access: Access) -> None:
    admit(rule(access), None, naming(FOREIGN, "garbage"))


@pytest.mark.parametrize(
    ("role", "permission", "passes"),
    [
        (Role.MEMBER, Permission.USERS_READ, True),
        (Role.MEMBER, Permission.INVITATIONS_MANAGE, False),
        (Role.HR, Permission.INVITATIONS_MANAGE, True),
        (Role.HR, Permission.USERS_MANAGE, False),
        (Role.OWNER, Permission.PLATFORM_OPERATE, False),
    ],
)
def test_the_route_needs_what_it_says(role: Role, permission: Permission, passes: bool) -> None:
    caller = KnownCaller(a_caller(TENANT, role))
    if passes:
        admit(rule(Needs(permission)), caller, naming())
    else:
        with pytest.raises(Forbidden):
            admit(rule(Needs(permission)), caller, naming())


def test_an_api_key_gets_no_further_than_its_scopes() -> None:
    key = KnownCaller(Caller(FOREIGN, TENANT, Role.HR, frozenset({Permission.USERS_READ}), key_id=FOREIGN))
    admit(rule(Needs(Permission.USERS_READ)), key, naming(TENANT))
    for access in (Needs(Permission.INVITATIONS_MANAGE), SignedIn(), OptionalCaller()):
        with pytest.raises(Forbidden):
            admit(rule(access), key, naming())
    with pytest.raises(TenantMismatch):
        admit(rule(Needs(Permission.USERS_READ)), key, naming(FOREIGN))
