"""The devices from which somebody has signed in before, as subjects of a throttle."""

from uuid import UUID

from services.auth.domain.devices import fingerprint
from services.auth.repository import known_devices, users
from shared.contracts.email import Email
from shared.database import Database
from shared.http.client_info import Client

_NOBODY = UUID(int=0)


def device_of(email: Email, user_id: UUID, client: Client) -> str:
    """For what tries of a person from this device are counted."""
    return f"{email}\0{fingerprint(user_id, client.agent, client.address).hex()}"


async def own_device(database: Database, email: Email, client: Client) -> str | None:
    """``device_of`` whoever has the address, if they have signed in from there before.

    An address without an account costs the same.
    """
    async with database.look_up() as across:
        user = await users.find_by_email(across, email)
        user_id = user.id if user else _NOBODY
        seen = fingerprint(user_id, client.agent, client.address)
        known = await known_devices.is_known(across, user_id, seen)
    return device_of(email, user_id, client) if known else None
