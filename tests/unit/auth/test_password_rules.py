"""Which passwords may be set."""

import time

import pytest

from services.auth.domain.accounts import Tenant
from services.auth.domain.passwords import LONGEST, SHORTEST, check_new_password, context_of, normalised
from services.auth.errors.credentials import WeakPassword
from shared.contracts.email import parse_email
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.ids import new_id

CONTEXT = ["Test User", "testuser", "Company"]
ACME = Tenant(new_id(), "Acme Tooling Ltd", "acme-north", TenantStatus.ACTIVE, TenantSettings(display_name="Anvils"))


def is_weak(password: str, *context_words: str) -> bool:
    """Whether the rules refuse it."""
    try:
        check_new_password(password, context_words=context_words)
    except WeakPassword:
        return True
    return False


def test_the_password_of_the_owners_plan_is_good() -> None:
    check_new_password("TestPass123!", context_words=CONTEXT)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "velvet-otter-41",
        "длинный пароль",
        "パスワードは長いほうがよい",
        "only lower case letters",
        "4715 8820 3391 5526",
        "x7#Kq9!m",
        "x" * 20 + "abc",
        "testing the company with long words",
    ],
)
def test_there_are_no_rules_of_composition(password: str) -> None:
    check_new_password(password, context_words=CONTEXT)


def test_length_counts_characters() -> None:
    assert is_weak("k9#Qz!w")
    assert not is_weak("k9#Qz!wr")
    assert not is_weak("ключ-дом")  # 8 characters, 15 bytes


def test_up_to_a_thousand_characters_are_taken() -> None:
    long = ("abcdefghij" * 100)[:LONGEST]
    assert not is_weak(long)
    assert is_weak(long + "k")


def test_length_is_that_of_the_normal_form() -> None:
    composed = "éèêëàâäç"
    decomposed = "".join({"é": "e\u0301", "è": "e\u0300"}.get(char, char) for char in composed)
    assert len(decomposed) == SHORTEST + 2
    assert not is_weak(composed)
    assert not is_weak(decomposed)
    assert is_weak("e\u0301bcdefg"[:8])  # 8 code points, 7 characters


def test_a_thousand_characters_may_come_as_four_thousand() -> None:
    longest = "\u1fa7" * LONGEST  # an omega that carries three signs
    spelt_out = "\u03c9\u0314\u0342\u0345" * LONGEST
    assert normalised(spelt_out) == normalised(longest) == longest


def test_accents_without_end_stop_nobody() -> None:
    """Putting them in order takes a second for what fits into a body, in which nothing else runs."""
    heap = "a" + "\u0301\u0327" * 16_000
    started = time.thread_time()
    assert is_weak(heap)
    assert normalised(heap) == heap
    assert time.thread_time() - started < 0.5


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PASSWORD",
        "Password1",
        "12345678",
        "qwertyuiop",
        "iloveyou",
        "Password123!",
        "!!password!!",
        "P@ssw0rd",
    ],
)
def test_what_everybody_guesses_first_is_refused(password: str) -> None:
    assert is_weak(password)


@pytest.mark.parametrize("password", ["aaaaaaaa", "ababababab", "        ", "112112112112", "aAaAaAaA"])
def test_a_few_characters_over_and_over_are_refused(password: str) -> None:
    assert is_weak(password)


@pytest.mark.parametrize(
    "password",
    [
        "testuser1",
        "TestUser2024",
        "Test User!",
        "company2026",
        "CompanyTestUser",
        "company-company-company",
        "companypassword",
        "1234COMPANY",
    ],
)
def test_the_words_of_the_context_do_not_count(password: str) -> None:
    assert is_weak(password, *CONTEXT)


@pytest.mark.parametrize(
    "password",
    [
        "Lindqvist!1",
        "a.lindqvist@northwind.example",
        "northwind-22",
        "acme2026",
        "Tooling-1",
        "north-acme1",
        "anvils-99",
    ],
)
def test_name_address_and_whatever_the_tenant_is_called_are_context(password: str) -> None:
    context = context_of(parse_email("a.lindqvist@northwind.example"), "Astrid Lindqvist", [ACME])
    assert is_weak(password, *context)
    assert not is_weak(password + " velvet otter", *context)


def test_words_of_other_people_are_no_context() -> None:
    assert not is_weak("testuser2024", "Ann Lee", "ann", "Acme")


def test_very_short_words_are_no_context() -> None:
    assert not is_weak("aljoscha-42", "Al Jo", "al")


def test_an_empty_name_is_no_context() -> None:
    assert not is_weak("velvet-otter", "", "  ", "--")


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(WeakPassword, match="at least 8 characters"):
        check_new_password("short", context_words=())
    with pytest.raises(WeakPassword, match="too close to your name"):
        check_new_password("testuser1", context_words=CONTEXT)
