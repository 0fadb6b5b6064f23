"""Where a service is, as its name says from time to time."""

import asyncio

import pytest

from gateway.upstream.addresses import FRESH_SECONDS, Addresses


class Names:
    """A name server, and how often it was asked."""

    def __init__(self, *hosts: str) -> None:
        self.hosts: list[str] | None = list(hosts)
        self.asked = 0
        self.addresses = Addresses("service.test", 80, self.resolve)

    async def resolve(self, _: str, __: int) -> list[str]:
        self.asked += 1
        if self.hosts is None:
            raise OSError("no answer")
        return self.hosts

    async def known(self, now: float) -> list[str]:
        """Who is known once a request at ``now`` has had its address, and the answer has come."""
        self.addresses.least_loaded(now)
        await asyncio.sleep(0)
        return [address.host for address in self.addresses.known]


async def test_a_name_is_asked_again_when_its_answer_is_old_and_no_request_waits_for_that() -> None:
    names = Names("192.0.2.1")
    await names.addresses.look_up_once(0)
    names.hosts = ["192.0.2.1", "192.0.2.2"]
    assert await names.known(FRESH_SECONDS - 1) == ["192.0.2.1"]
    assert names.addresses.least_loaded(FRESH_SECONDS).host == "192.0.2.1"
    assert await names.known(FRESH_SECONDS) == ["192.0.2.1", "192.0.2.2"]
    assert names.asked == 2


async def test_who_is_known_already_keeps_what_is_known_of_them() -> None:
    names = Names("192.0.2.1", "192.0.2.2")
    await names.addresses.look_up_once(0)
    first, _ = names.addresses.known
    first.at_work = 1
    names.hosts = ["192.0.2.3", "192.0.2.1"]
    assert await names.known(FRESH_SECONDS) == ["192.0.2.3", "192.0.2.1"]
    assert names.addresses.known[1] is first
    assert names.addresses.least_loaded(FRESH_SECONDS).host == "192.0.2.3"


@pytest.mark.parametrize("hosts", [[], None])
async def test_an_outage_of_the_name_server_takes_no_address_away(hosts: list[str] | None) -> None:
    names = Names("192.0.2.1")
    await names.addresses.look_up_once(0)
    names.hosts = hosts
    assert await names.known(FRESH_SECONDS) == ["192.0.2.1"]
    assert await names.known(FRESH_SECONDS + 1) == ["192.0.2.1"]
    assert names.asked == 2
    names.hosts = ["192.0.2.2"]
    assert await names.known(2 * FRESH_SECONDS) == ["192.0.2.2"]


async def test_without_any_address_there_is_no_way() -> None:
    with pytest.raises(OSError, match="no address"):
        await Names().addresses.look_up_once(0)


async def test_an_address_that_was_found_dead_is_the_last_choice_for_a_while() -> None:
    names = Names("192.0.2.1", "192.0.2.2")
    await names.addresses.look_up_once(0)
    dead, alive = names.addresses.known
    dead.rests_until, alive.at_work = 1.0, 50
    assert names.addresses.least_loaded(0.5) is alive
    assert names.addresses.least_loaded(1.0) is dead


async def test_an_address_is_not_looked_up() -> None:
    names = Names()
    addresses = Addresses("192.0.2.9", 80, names.resolve)
    await addresses.look_up_once(0)
    assert addresses.least_loaded(2 * FRESH_SECONDS).host == "192.0.2.9"
    await asyncio.sleep(0)
    assert names.asked == 0
