"""`python -m services.tenants`: serve, work in the background, or migrate."""

from services.tenants.app import build
from services.tenants.schema import SCHEMA
from services.tenants.settings import TenantsSettings
from shared.service_commands import service_commands

commands = service_commands(SCHEMA, TenantsSettings, build)

if __name__ == "__main__":
    commands()
