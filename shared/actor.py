"""Who is behind what happens: a person, an API key, or nobody who is known."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str | None] = ContextVar("actor", default=None)


def current_actor() -> str | None:
    """Whoever asked for what is at hand, as ``Caller.actor`` writes it; ``None`` when that is the product itself."""
    return _current.get()


def act_for(actor: str | None) -> None:
    """What the present task does from now on, it does for ``actor``. For requests, which have a task of their own."""
    _current.set(actor)


@contextmanager
def acting_for(actor: str | None) -> Iterator[None]:
    """The same while the block lasts."""
    before = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(before)
