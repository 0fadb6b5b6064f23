"""Which faults there are, and which of them a seed stands for: the same seed, the same schedule."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

CLIENTS = "clients"
BROKER = "broker"
POSTGRES = "postgres"
REPLICAS = ("auth-1", "auth-2", "invitations-1", "invitations-2", "tenants-1", "gateway-1", "ledger-1", "ledger-2")
DATABASES = ("auth", "invitations", "tenants", "ledger")


class Kind(StrEnum):
    """What can happen."""

    SERVICE_KILLED = "service_killed"
    KILLED_BEFORE_COMMIT = "killed_before_commit"
    KILLED_BEFORE_PUBLISHING = "killed_before_publishing"
    KILLED_BEFORE_THE_MARK = "killed_before_the_mark"
    KILLED_BEFORE_THE_ACK = "killed_before_the_ack"
    SERVICE_FROZEN = "service_frozen"
    CLIENT_GONE = "client_gone"
    BROKER_KILLED = "broker_killed"
    BROKER_RESTARTED = "broker_restarted"
    BROKER_CUT = "broker_cut"
    BROKER_OUT_OF_DISK = "broker_out_of_disk"
    POSTGRES_KILLED = "postgres_killed"
    DATABASE_CUT = "database_cut"


SHARES: Mapping[Kind, int] = {
    Kind.SERVICE_KILLED: 8,
    Kind.KILLED_BEFORE_COMMIT: 4,
    Kind.KILLED_BEFORE_PUBLISHING: 4,
    Kind.KILLED_BEFORE_THE_MARK: 4,
    Kind.KILLED_BEFORE_THE_ACK: 4,
    Kind.SERVICE_FROZEN: 3,
    Kind.CLIENT_GONE: 2,
    Kind.BROKER_KILLED: 2,
    Kind.BROKER_RESTARTED: 1,
    Kind.BROKER_CUT: 2,
    Kind.BROKER_OUT_OF_DISK: 1,
    Kind.POSTGRES_KILLED: 3,
    Kind.DATABASE_CUT: 2,
}
"""How often each comes among forty."""

TARGETS: Mapping[Kind, Sequence[str]] = {
    Kind.SERVICE_KILLED: REPLICAS,
    Kind.KILLED_BEFORE_COMMIT: ("auth", "invitations", "ledger"),
    Kind.KILLED_BEFORE_PUBLISHING: ("auth",),
    Kind.KILLED_BEFORE_THE_MARK: ("auth",),
    Kind.KILLED_BEFORE_THE_ACK: ("invitations", "ledger"),
    Kind.SERVICE_FROZEN: REPLICAS,
    Kind.CLIENT_GONE: (CLIENTS,),
    Kind.BROKER_KILLED: (BROKER,),
    Kind.BROKER_RESTARTED: (BROKER,),
    Kind.BROKER_CUT: (BROKER,),
    Kind.BROKER_OUT_OF_DISK: (BROKER,),
    Kind.POSTGRES_KILLED: (POSTGRES,),
    Kind.DATABASE_CUT: DATABASES,
}
"""Whom it meets: a replica; a service, in whichever replica does the work; or what all stand on."""

LONGEST_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Comes when so many events have been committed, and lasts so long where that is up to us."""

    kind: Kind
    target: str
    after: int
    seconds: float


def schedule(seed: int, events: int, faults: int) -> tuple[Fault, ...]:
    """So many faults, spread over so many events."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    moments = sorted(chance.randrange(events) for _ in range(faults))
    return tuple(
        Fault(kind, chance.choice(TARGETS[kind]), after, round(chance.uniform(0, LONGEST_SECONDS), 3))
        for after, kind in zip(moments, _deal(chance), strict=False)
    )


def _deal(chance: random.Random) -> Iterator[Kind]:
    """One deck of cards after another, each shuffled, so that no kind stays out for long."""
    while True:
        deck = [kind for kind, share in SHARES.items() for _ in range(share)]
        chance.shuffle(deck)
        yield from deck
