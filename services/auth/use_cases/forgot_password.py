"""Asking for a link with which a new password is set."""

from dataclasses import dataclass

from services.auth.domain.accounts import User
from services.auth.domain.one_time_tokens import LIFETIME, OneTimeToken, Purpose
from services.auth.domain.throttling import Attempt
from services.auth.postbox import Postbox
from services.auth.repository import one_time_tokens, tenants, users
from services.auth.sign_in.even_time import ANSWER_SECONDS, at_least
from services.auth.sign_in.throttle import Throttle
from shared.clock import Clock
from shared.contracts.email import Email
from shared.database import Database
from shared.ids import new_token, token_hash


@dataclass(frozen=True, slots=True)
class ForgotPassword:
    """Mail a link to the owner of a verified account; every earlier link is dead.

    Nobody who asks learns whether there is such an account: not from the answer, nor from its time, nor from a limit.
    An unverified account gets no link: its address is proven by the link of its sign-up and in no other way.
    """

    database: Database
    throttle: Throttle
    postbox: Postbox
    clock: Clock

    async def __call__(self, email: Email) -> None:
        async with at_least(ANSWER_SECONDS):
            if not await self.throttle.allows(Attempt.FORGOT_PASSWORD, email):
                return
            async with self.database.look_up() as across:
                user = await users.find_by_email(across, email)
            if user is not None and user.is_verified:
                await self._send_link(user)

    async def _send_link(self, user: User) -> None:
        secret, now = new_token(), self.clock()
        async with self.database.transaction(user.tenant_id, person=user.id) as tx:
            current = await users.lock(tx, user.id)
            if current is None:
                return
            await one_time_tokens.remove_all(tx, user.id)
            purpose = Purpose.RESET_PASSWORD
            token = OneTimeToken(
                hash=token_hash(secret),
                tenant_id=user.tenant_id,
                user_id=user.id,
                purpose=purpose,
                credentials=None,
                created_at=now,
                expires_at=now + LIFETIME[purpose],
            )
            await one_time_tokens.add(tx, token)
            await self.postbox.password_reset(tx, current, await tenants.home(tx, current), secret)
