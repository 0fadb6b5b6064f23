"""What the product consists of: the one page that names every service, with its settings, schema and builder."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from gateway.settings import GatewaySettings
from services.auth import app as auth
from services.auth.schema import SCHEMA as AUTH
from services.auth.settings import AuthSettings
from services.invitations import app as invitations
from services.invitations.schema import SCHEMA as INVITATIONS
from services.invitations.settings import InvitationsSettings
from services.tenants import app as tenants
from services.tenants.schema import SCHEMA as TENANTS
from services.tenants.settings import TenantsSettings
from shared.clock import Clock
from shared.database.migrate import Schema
from shared.service import Service
from shared.settings import DatabaseSettings, ServingSettings


@dataclass(frozen=True, slots=True)
class Part:
    """One service, before it is built."""

    schema: Schema
    settings: type[DatabaseSettings]
    build: Callable[[Any, Clock], Awaitable[Service]]

    @property
    def name(self) -> str:
        """The service's name, which is its schema's."""
        return self.schema.service


PARTS = (
    Part(AUTH, AuthSettings, auth.build),
    Part(TENANTS, TenantsSettings, tenants.build),
    Part(INVITATIONS, InvitationsSettings, invitations.build),
)

SCHEMAS = tuple(part.schema for part in PARTS)
SERVICES = tuple(part.name for part in PARTS)

SETTINGS: dict[str, type[ServingSettings]] = {part.name: part.settings for part in PARTS} | {"gateway": GatewaySettings}
"""What each process reads."""
