"""What must hold afterwards, read from the databases: every event took effect once, in order, in its tenant."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts.subscriptions import SUBSCRIPTIONS
from tests.chaos import ledger
from tests.e2e.faults.traces import IN_ONCE, traces
from tests.support.connections import connected

_TOLD = "SELECT id, tenant_id, type, subject, position, published_at, data->>'email' AS email FROM outbox"
_RECEIVED = "SELECT event_id, tenant_id FROM inbox"
_PARKED = "SELECT count(*) FROM dead_letters"
_EFFECTS = "SELECT event_id, tenant_id, subject, sequence FROM effects ORDER BY position"
_MEMBERS = "SELECT user_id, sequence FROM members"

WANTED: Mapping[str, frozenset[str]] = {
    name: frozenset(event.type for event in events)
    for name, events in {**SUBSCRIPTIONS, ledger.NAME: ledger.EVENTS}.items()
}
"""The types of event that each consumer must not miss."""

MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Told:
    """An event in somebody's outbox."""

    id: UUID
    tenant_id: UUID
    type: str
    subject: UUID
    position: int
    is_published: bool
    email: str | None


@dataclass(slots=True)
class Findings:
    """How often each invariant is broken, and where, as far as that is worth reading."""

    lost: int = 0
    doubled: int = 0
    order_violations: int = 0
    tenant_mismatches: int = 0
    unfounded: int = 0
    waiting: int = 0
    events: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether all hold."""
        broken = (self.lost, self.doubled, self.order_violations, self.tenant_mismatches, self.unfounded, self.waiting)
        return not any(broken)

    def note(self, kind: str, what: object) -> None:
        """One more of a ``kind``."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(f"{kind}: {what}")


async def examine(databases: Mapping[str, str], acknowledged: Iterable[str], people: Iterable[str]) -> Findings:
    """Look through ``databases`` (each service's, as its owner).

    ``acknowledged`` are the addresses in facts whose tellers were told that they are saved; ``people`` those who were
    told that they are in.
    """
    findings = Findings()
    told: list[Told] = []
    for url in databases.values():
        told += await _told(url)
    findings.events = len(told)
    for event in told:
        if not event.is_published:
            findings.note("waiting", event)
    known = {event.email for event in told}
    for email in acknowledged:
        if email not in known:
            findings.note("lost", f"{email} was acknowledged and is in no outbox")
    for consumer, types in WANTED.items():
        if consumer in databases:
            await _examine_inbox(databases[consumer], consumer, [e for e in told if e.type in types], findings)
    await _examine_effects(databases[ledger.NAME], told, findings)
    if "invitations" in databases:
        await _examine_members(databases["invitations"], told, findings)
        await _examine_people(databases, people, findings)
    return findings


async def _told(url: str) -> list[Told]:
    async with connected(url) as connection:
        rows = await connection.fetch(_TOLD)
    return [
        Told(r["id"], r["tenant_id"], r["type"], r["subject"], r["position"], r["published_at"] is not None, r["email"])
        for r in rows
    ]


async def _examine_inbox(url: str, consumer: str, wanted: Sequence[Told], findings: Findings) -> None:
    async with connected(url) as connection:
        received = {row["event_id"]: row["tenant_id"] for row in await connection.fetch(_RECEIVED)}
        if parked := await connection.fetchval(_PARKED):
            findings.note("lost", f"{consumer} has put aside {parked}")
    for event in wanted:
        if event.id not in received:
            findings.note("lost", f"{consumer} never heard of {event}")
        elif received[event.id] != event.tenant_id:
            findings.note("tenant_mismatches", f"{consumer} received in {received[event.id]} {event}")
    for event_id in received.keys() - {event.id for event in wanted}:
        findings.note("unfounded", f"{consumer} heard of {event_id}, which was never told")


async def _examine_effects(url: str, told: Sequence[Told], findings: Findings) -> None:
    async with connected(url) as connection:
        effects = await connection.fetch(_EFFECTS)
    origin = {event.id: event for event in told}
    times = Counter(effect["event_id"] for effect in effects)
    for event_id, number in times.items():
        if number > 1:
            findings.note("doubled", f"{event_id} took effect {number} times")
    for event in told:
        if event.type in WANTED[ledger.NAME] and event.id not in times:
            findings.note("lost", f"without effect: {event}")
    newest: dict[UUID, int] = {}
    for effect in effects:
        if newest.get(effect["subject"], 0) > effect["sequence"]:
            findings.note("order_violations", dict(effect))
        newest[effect["subject"]] = max(newest.get(effect["subject"], 0), effect["sequence"])
        its = origin.get(effect["event_id"])
        if its and its.tenant_id != effect["tenant_id"]:
            findings.note("tenant_mismatches", f"took effect in {effect['tenant_id']}: {its}")


async def _examine_members(url: str, told: Sequence[Told], findings: Findings) -> None:
    """The replica says what the newest event said."""
    async with connected(url) as connection:
        members = {row["user_id"]: row["sequence"] for row in await connection.fetch(_MEMBERS)}
    newest: dict[UUID, int] = {}
    for event in told:
        if event.type == "auth.membership.created.v1" and event.email:
            newest[event.subject] = max(newest.get(event.subject, 0), event.position)
    for subject, position in newest.items():
        if members.get(subject) != position:
            findings.note("order_violations", f"member {subject} is as of {members.get(subject)}, not {position}")


async def _examine_people(databases: Mapping[str, str], people: Iterable[str], findings: Findings) -> None:
    for email, found in (await traces(databases, people)).items():
        if found != IN_ONCE:
            doubled = max(found.users, found.memberships, found.used_invitations, found.told_joined) > 1
            findings.note("doubled" if doubled else "lost", f"{email} left {found}")
