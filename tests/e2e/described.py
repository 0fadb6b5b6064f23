"""What describes a product's services, were they processes of their own."""

from cli.processes import Service
from tests.e2e.live import Live


def environment_of(live: Live) -> dict[str, str]:
    """The variables that `sparknode` finds them by."""
    variables = {name.upper(): value for name, value in live.secrets.keys().items()} | {"MAILBOX_DIR": "/nowhere"}
    for service in Service:
        urls = live.product.databases[service]
        variables[f"{service.upper()}_DATABASE_URL"] = urls.serving
        variables[f"{service.upper()}_DATABASE_LOOKUP_URL"] = urls.look_up
        variables[f"{service.upper()}_DATABASE_MIGRATION_URL"] = urls.owner
        variables[f"{service.upper()}_URL"] = live.product.addresses[service]
    return variables
