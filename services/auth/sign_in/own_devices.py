"""The devices from which somebody has signed in before, as subjects of a throttle."""

from uuid import UUID

from services.auth.domain.devices import fingerprint
from services.auth.repository import known_devices, users
from shared.contracts.email import Email
from shared.database import Database
from shared.http.client_info import Client

_NOBODY = UUID(int=0)


async def own_device(database: Database, email: Email, client: Client) -> str | None:
    """For what tries from this device are counted, if the person has signed in from there before.

    An address without an account costs the same.
    """
    async with database.look_up() as across:
        user = await users.find_by_email(across, email)
        seen = fingerprint(user.id if user else _NOBODY, client.agent, client.address)
        known = await known_devices.is_known(across, user.id if user else _NOBODY, seen)
    return f"{email}\0{seen.hex()}" if known else None
