"""Why something did not work, in a line for logs and dead letters."""

from pydantic import ValidationError

LONGEST = 1000


def reason_of(error: BaseException) -> str:
    """The kind of ``error`` and what it says; for a group what each of its members says.

    What an event held is left out: a dead letter carries the event itself, and a log line should not.
    """
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(reason_of(inner) for inner in error.exceptions)[:LONGEST]
    said = _message_of(error)
    return f"{type(error).__name__}: {said}"[:LONGEST] if said else type(error).__name__


def _message_of(error: BaseException) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
