"""Tells people when their account is used on a device that was never seen with it before."""

from dataclasses import dataclass

from services.auth.domain.accounts import Tenant, User
from services.auth.domain.devices import device_name, fingerprint
from services.auth.postbox import Postbox
from services.auth.repository import known_devices
from shared.clock import Clock
from shared.database import Transaction
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class DeviceWatch:
    """Knows devices again by browser, system and network, so that neither an update nor a walk makes a new one."""

    postbox: Postbox
    clock: Clock

    async def meet(self, tx: Transaction, user: User, tenant: Tenant, client: Client) -> None:
        """Remember from where ``user``, whom ``tx`` holds locked, signs in to ``tenant``; mail them if it is news."""
        seen = fingerprint(user.id, client.agent, client.address)
        if await known_devices.meet(tx, user.id, seen, self.clock()):
            await known_devices.keep_newest(tx, user.id)
            await self.postbox.new_device(tx, user, tenant, device_name(client.agent), client.address)
