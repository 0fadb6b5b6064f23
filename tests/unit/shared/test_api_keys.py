"""How an API key is written and read."""

import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.api_keys import ApiKey, Scope, permissions_of_key, prefix_of, role_of_key
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from shared.ids import new_id

KEY = ApiKey.new(UUID("0190f3a1-0000-7000-8000-000000000007"))


@given(st.uuids())
def test_a_key_is_read_as_it_was_made(key_id: UUID) -> None:
    key = ApiKey.new(key_id)
    assert re.fullmatch(r"snk_[0-9A-Za-z]{71}", key.text)
    assert ApiKey.parse(key.text) == key
    assert key.prefix == prefix_of(key_id) == key.text[:26]


def test_two_keys_with_one_id_have_nothing_else_in_common() -> None:
    other = ApiKey.new(KEY.id)
    assert other.text[26:-6] != KEY.text[26:-6]
    assert other.hash != KEY.hash


def test_a_slip_of_the_pen_is_noticed_before_anybody_is_asked() -> None:
    """CVE-2026-1529: any byte changed."""
    for position, digit in enumerate(KEY.text):
        wrong = "a" if digit != "a" else "b"
        assert ApiKey.parse(KEY.text[:position] + wrong + KEY.text[position + 1 :]) is None


def test_what_is_not_all_of_a_key_is_none() -> None:
    whole = KEY.text
    for text in ("", "snk_", whole[:-1], whole + "0", whole.upper(), f" {whole}", whole.replace("snk", "ghp")):
        assert ApiKey.parse(text) is None, text


@given(st.text(max_size=80))
def test_whatever_else_comes_is_none(text: str) -> None:
    assert ApiKey.parse(text) is None
    assert ApiKey.parse("snk_" + text) is None


def test_the_secret_is_not_shown_by_accident() -> None:
    assert KEY.text not in repr(KEY)


def test_a_scope_is_a_permission_and_none_that_manages_people_or_keys() -> None:
    assert {scope.permission for scope in Scope} == {
        Permission.USERS_READ,
        Permission.INVITATIONS_MANAGE,
        Permission.AUDIT_READ,
    }


def test_a_key_may_do_what_its_maker_may_and_no_more() -> None:
    every = frozenset(Scope)
    assert permissions_of_key(every, Role.ADMIN, new_id()) == {scope.permission for scope in Scope}
    assert permissions_of_key(every, Role.HR, new_id()) == {Permission.USERS_READ, Permission.INVITATIONS_MANAGE}
    assert permissions_of_key(every, Role.MEMBER, new_id()) == {Permission.USERS_READ}
    assert Permission.PLATFORM_OPERATE not in permissions_of_key(every, Role.OWNER, PLATFORM_TENANT_ID)


def test_a_key_grants_the_lowest_role_only_whoever_made_it() -> None:
    """CVE-2024-5127."""
    assert {maker: role_of_key(maker) for maker in Role} == {
        Role.OWNER: Role.HR,
        Role.ADMIN: Role.HR,
        Role.HR: Role.HR,
        Role.MEMBER: Role.MEMBER,
    }
