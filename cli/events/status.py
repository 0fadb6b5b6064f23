"""Whether events flow: what waits in which outbox and queue, and what was put aside."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.events.subject import Subject
from shared.errors import Problem
from shared.messaging.backlog import backlog
from shared.messaging.dead_letters import DeadLetterTable
from shared.messaging.rabbitmq.inspection import look_at

OLD_SECONDS = 60.0


@dataclass(slots=True)
class ServiceStatus:
    """What is known of one service; ``None`` is what it has not, or nobody could find out. ``look_at`` says where an
    operator should look, and is empty when all is well."""

    service: str
    outbox_depth: int | None = None
    outbox_age_seconds: float | None = None
    queue_depth: int | None = None
    queue_consumers: int | None = None
    dead_letters: int | None = None
    look_at: list[str] = field(default_factory=list)


async def status_of(subject: Subject) -> ServiceStatus:
    """Look at everything of a service. What cannot be reached keeps nothing else from being looked at."""
    found = ServiceStatus(subject.service.value)
    try:
        await _look_at_database(subject, found)
    except Problem as problem:
        found.look_at.append(problem.detail)
    try:
        await _look_at_broker(subject, found)
    except Problem as problem:
        found.dead_letters = None
        found.look_at.append(f"The broker cannot be looked at. {problem.detail}")
    found.look_at += _advice(subject, found)
    return found


async def _look_at_database(subject: Subject, found: ServiceStatus) -> None:
    async with subject.database.look_up() as rows:
        waiting = await backlog(rows)
    found.outbox_depth, found.outbox_age_seconds = waiting.depth, round(waiting.age, 1)
    if subject.listens:
        found.dead_letters = await DeadLetterTable(subject.database, subject.service).count()


async def _look_at_broker(subject: Subject, found: ServiceStatus) -> None:
    if subject.broker is None or not subject.listens:
        return
    queue = await look_at(subject.broker, subject.topology.queue_of(subject.service))
    parked = await look_at(subject.broker, subject.topology.dead_letters_of(subject.service))
    if queue is None or parked is None:
        found.look_at.append("Its queues are not there yet: the first process that starts makes them.")
        return
    found.queue_depth, found.queue_consumers = queue.ready, queue.consumers
    found.dead_letters = (found.dead_letters or 0) + parked.ready


def _advice(subject: Subject, found: ServiceStatus) -> Iterator[str]:
    name = subject.service.value
    if (found.outbox_age_seconds or 0) > OLD_SECONDS:
        what = "the broker reachable" if subject.broker else "AMQP_URL set, or `sparknode up` running"
        yield f"Events have waited in its outbox for {found.outbox_age_seconds:.0f} s. Is {name} running, and {what}?"
    if found.queue_consumers == 0:
        queue = subject.topology.queue_of(name)
        yield f"Nobody listens at {queue}. Is {name} running? If so, its log says `listening interrupted`, and why."
    if found.dead_letters:
        yield f"`sparknode events dead-letters list --service {name}` shows what was put aside, and why."
