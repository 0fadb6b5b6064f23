"""An account that an inviter may have made, in the hands of the person whose mailbox it is."""

from dataclasses import replace
from datetime import datetime

from services.auth.domain.accounts import User
from services.auth.domain.sessions import EndReason, Session
from services.auth.postbox import Postbox
from services.auth.repository import one_time_tokens, sessions, tenants, users
from services.auth.sessions.ending import end_sessions
from shared.contracts.tenant_settings import SignInMethod
from shared.database import Transaction


async def taken_over(tx: Transaction, person: User, own: Session, postbox: Postbox, *, at: datetime) -> User:
    """The ``person``, whose account opens to nobody else any more.

    Whoever makes an invitation sees its link, and may have signed up with it in the place of whom it is for. Somebody
    who then comes by a mailed link has the mailbox, but has not shown the password. It goes, with all sessions but
    their ``own``. Nothing happens to whoever came by the password.
    """
    if not person.is_vouched_for or SignInMethod.PASSWORD in own.methods:
        return person
    theirs = replace(person, password_hash=None, email_verified_at=at)
    await users.save(tx, theirs)
    await one_time_tokens.remove_all(tx, person.id)
    others = (each for each in await sessions.lock_live(tx, person.id, at) if each.id != own.id)
    await end_sessions(tx, others, EndReason.PASSWORD_CHANGED, at)
    await postbox.password_dropped(tx, theirs, await tenants.home(tx, theirs))
    return theirs
