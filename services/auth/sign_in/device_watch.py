"""Tells people when their account is used on a device that was never seen with it before."""

from dataclasses import dataclass

from services.auth.domain.accounts import Tenant, User
from services.auth.domain.devices import device_name
from services.auth.postbox import Postbox
from services.auth.repository import known_devices
from shared.database import Transaction
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class DeviceWatch:
    """Devices are known again by browser, system and network, so that neither an update nor a walk makes a new one."""

    postbox: Postbox

    async def tell_of(self, tx: Transaction, client: Client, user: User, tenant: Tenant) -> None:
        """Mail ``user``, whom ``tx`` holds locked, that somebody signed in to ``tenant`` from a new device."""
        await known_devices.keep_newest(tx, user.id)
        await self.postbox.new_device(tx, user, tenant, device_name(client.agent), client.address)
