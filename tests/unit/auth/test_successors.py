"""What a used refresh token was exchanged for, and who can read it."""

from dataclasses import replace

from services.auth.sessions.successors import Successors
from shared.ids import new_token, token_hash
from tests.unit.auth.test_session_rules import TOKEN

KEY = "only-the-tests-seal-successors-with-this-4b1d"


def test_the_holder_of_a_used_token_can_read_its_successor() -> None:
    token, successor = new_token(), new_token()
    used = replace(TOKEN, hash=token_hash(token))
    sealed = Successors(KEY).seal(successor, used, token)
    used = replace(used, successor_sealed=sealed)
    assert Successors(KEY).unseal(used, token) == successor
    assert successor.encode() not in sealed


def test_neither_another_token_nor_a_token_without_the_key_opens_it() -> None:
    token = new_token()
    used = replace(TOKEN, hash=token_hash(token))
    used = replace(used, successor_sealed=Successors(KEY).seal(new_token(), used, token))
    assert Successors(KEY).unseal(used, new_token()) is None
    assert Successors("x" * 40).unseal(used, token) is None
    assert Successors(KEY).unseal(replace(used, hash=token_hash(new_token())), token) is None


def test_a_token_that_was_used_before_successors_were_kept_has_none() -> None:
    assert Successors(KEY).unseal(TOKEN, new_token()) is None
