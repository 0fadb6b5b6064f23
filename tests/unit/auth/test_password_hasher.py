"""Hashing and verifying passwords."""

import asyncio
import time
from collections.abc import AsyncIterator

import bcrypt
import pytest

from services.auth.errors.credentials import HashingOverloaded
from services.auth.passwords.hashing import PasswordHasher


@pytest.fixture
async def hasher() -> AsyncIterator[PasswordHasher]:
    """One that costs little."""
    made = PasswordHasher(memory_kib=64, passes=1)
    yield made
    await made.close()


async def test_the_right_password_verifies_and_no_other_does(hasher: PasswordHasher) -> None:
    hashed = await hasher.hash("velvet-otter-41")
    assert await hasher.verify("velvet-otter-41", hashed)
    assert not await hasher.verify("velvet-otter-42", hashed)
    assert not await hasher.verify("", hashed)


async def test_the_same_password_never_has_the_same_hash(hasher: PasswordHasher) -> None:
    assert await hasher.hash("velvet-otter-41") != await hasher.hash("velvet-otter-41")


async def test_all_of_a_long_password_counts(hasher: PasswordHasher) -> None:
    long = "k" * 999
    hashed = await hasher.hash(long + "a")
    assert await hasher.verify(long + "a", hashed)
    assert not await hasher.verify(long + "b", hashed)


async def test_one_password_from_two_keyboards_is_one_password(hasher: PasswordHasher) -> None:
    hashed = await hasher.hash("caf\u00e9 au lait")
    assert await hasher.verify("cafe\u0301 au lait", hashed)


@pytest.mark.parametrize("password", ["", "anything", "None"])
async def test_an_account_without_a_password_never_passes(hasher: PasswordHasher, password: str) -> None:
    assert not await hasher.verify(password, None)


@pytest.mark.parametrize("damaged", ["", "!", "$argon2id$v=19$broken", "5f4dcc3b5aa765d61d8327deb882cf99"])
async def test_what_is_no_hash_of_ours_verifies_nothing(hasher: PasswordHasher, damaged: str) -> None:
    assert not await hasher.verify("anything", damaged)


@pytest.mark.parametrize(
    "unusable",
    [
        "!",
        "f\u00fcr immer gesperrt",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        *(f"$2b${n}${'a' * 53}" for n in ("03", "10")),
    ],
)
async def test_what_is_no_hash_of_ours_is_as_much_work_as_no_account(unusable: str) -> None:
    """CVE-2024-41952: whoever brings accounts along brings hashes that we cannot check, and marks of locked ones."""
    hasher = PasswordHasher()

    async def work(hashed: str | None) -> float:
        began = time.process_time()
        await hasher.verify("velvet-otter-41", hashed)
        return time.process_time() - began

    nobody = min([await work(None) for _ in range(3)])
    assert await work(unusable) > nobody / 3
    await hasher.close()


async def test_the_default_is_as_strong_as_was_decided() -> None:
    hasher = PasswordHasher()
    hashed = await hasher.hash("velvet-otter-41")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not hasher.is_outdated(hashed)
    await hasher.close()


async def test_a_hash_with_former_parameters_is_outdated(hasher: PasswordHasher) -> None:
    stronger = PasswordHasher(memory_kib=128, passes=1)
    assert stronger.is_outdated(await hasher.hash("velvet-otter-41"))
    await stronger.close()


PREFIXES = ["$2a$", "$2b$", "$2y$"]


def legacy_hash(password: str, prefix: str = "$2b$") -> str:
    """As another system would have made it."""
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode().replace("$2b$", prefix)


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_hash_of_another_system_verifies_and_is_outdated(hasher: PasswordHasher, prefix: str) -> None:
    hashed = legacy_hash("velvet-otter-41", prefix)
    assert await hasher.verify("velvet-otter-41", hashed)
    assert not await hasher.verify("velvet-otter-42", hashed)
    assert hasher.is_outdated(hashed)


async def test_of_a_legacy_password_as_much_counts_as_the_other_system_looked_at(hasher: PasswordHasher) -> None:
    hashed = legacy_hash("k" * 71 + "é")  # the last letter is cut in half
    assert await hasher.verify("k" * 71 + "é", hashed)
    assert await hasher.verify("k" * 71 + "é and whatever came behind", hashed)
    assert not await hasher.verify("k" * 71, hashed)


async def test_a_legacy_password_is_taken_as_it_was_typed(hasher: PasswordHasher) -> None:
    assert await hasher.verify("cafe\u0301 au lait", legacy_hash("cafe\u0301 au lait"))


@pytest.mark.parametrize("rounds", ["00", "03", "16", "31"])
async def test_a_legacy_hash_that_costs_nothing_or_for_ever_verifies_nothing(
    hasher: PasswordHasher, rounds: str
) -> None:
    assert not await hasher.verify("velvet-otter-41", legacy_hash("velvet-otter-41").replace("$04$", f"${rounds}$"))


async def test_the_event_loop_goes_on_while_a_password_is_hashed() -> None:
    hasher = PasswordHasher(memory_kib=64 * 1024, passes=4)
    hashing, turns = asyncio.create_task(hasher.hash("velvet-otter-41")), 0
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
    await hasher.close()


async def test_beyond_the_queue_people_are_asked_to_come_again() -> None:
    hasher = PasswordHasher(memory_kib=64, passes=1, threads=1, queue=2)
    answers = await asyncio.gather(*(hasher.hash("velvet-otter-41") for _ in range(10)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, HashingOverloaded)]
    assert len(refused) == 7
    assert all(refusal.retry_after for refusal in refused)
    assert await hasher.hash("velvet-otter-41")  # and when they come again, there is room
    await hasher.close()


async def test_who_gives_up_waiting_leaves_the_queue() -> None:
    hasher = PasswordHasher(memory_kib=64, passes=1, threads=1, queue=2)
    for _ in range(10):
        waiting = asyncio.create_task(hasher.hash("velvet-otter-41"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert await hasher.hash("velvet-otter-41")
    await hasher.close()
