"""The session in which a signed-in person asks."""

from datetime import datetime
from uuid import UUID

from services.auth.domain.sessions import Session
from services.auth.repository import sessions
from shared.contracts.caller import Caller
from shared.database import Transaction
from shared.errors import Forbidden, Unauthenticated


def session_of(caller: Caller) -> UUID:
    """The id of the caller's session; ``Forbidden`` for an API key, which has none."""
    if caller.session_id is None:
        raise Forbidden("An API key has no session, and does nothing that takes a person. Sign in.")
    return caller.session_id


async def hold_own_session(tx: Transaction, caller: Caller, at: datetime) -> Session:
    """The caller's session, which nobody ends before the transaction does.

    ``Unauthenticated`` when it has ended, even while a gateway that has not heard of it lets the caller pass.
    """
    session = await sessions.lock(tx, caller.tenant_id, caller.subject, session_of(caller))
    if session is None or not session.is_live(at):
        raise Unauthenticated
    return session
