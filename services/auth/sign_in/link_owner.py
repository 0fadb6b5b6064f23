"""Whose link from a mail it is."""

from datetime import datetime

from services.auth.domain.accounts import User
from services.auth.domain.one_time_tokens import Purpose
from services.auth.errors.credentials import InvalidToken
from services.auth.repository import one_time_tokens, users
from shared.database import Database


async def owner_of_link(database: Database, token_hash: bytes, purpose: Purpose, at: datetime) -> User:
    """The account that a link for ``purpose`` was mailed to; ``InvalidToken`` if there is none that is good ``at``.

    It uses nothing up: whoever acts on it looks again, in a transaction of that person.
    """
    async with database.look_up() as across:
        token = await one_time_tokens.find(across, token_hash, purpose)
        if token is None or not token.is_good(at):
            raise InvalidToken
        owner = await users.find(across, token.user_id)
    if owner is None:
        raise InvalidToken
    return owner
