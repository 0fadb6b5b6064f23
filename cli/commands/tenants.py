"""`sparknode tenants`: the customers, as operators see them."""

from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

import typer

from cli.connection import AsJson, Email, Password, Url, connect
from cli.gateway_client import GatewayClient
from cli.output import show, show_table
from shared.process import CannotStart

COLUMNS = ("slug", "name", "status", "id", "created_at")
INVITED = ("email", "role", "status", "expires_at", "id")
DEFAULT_MODE = "automatic"

tenants = typer.Typer(help="The customers. For operators.", no_args_is_help=True)


@tenants.command("list")
def list_tenants(
    url: Url = None,
    email: Email = None,
    password: Password = None,
    as_json: AsJson = False,
) -> None:
    """All tenants."""
    with connect("operator", url, email, password) as gateway:
        found = list(gateway.items("/api/tenants"))
    if as_json:
        show(found)
    else:
        show_table(found, COLUMNS, none="There is no tenant yet.")


@tenants.command("create")
def create_tenant(
    name: Annotated[str, typer.Argument(help="What people call the customer.")],
    slug: Annotated[str, typer.Option(help="Its short name, in lower case.")],
    domain: Annotated[
        list[str] | None,
        typer.Option(help="An e-mail domain that is the customer's: company.com, or company.com:approval. May repeat."),
    ] = None,
    owner_email: Annotated[str | None, typer.Option(help="Gets an invitation to be the first owner.")] = None,
    url: Url = None,
    email: Email = None,
    password: Password = None,
    as_json: AsJson = False,
) -> None:
    """Open the product to a new customer."""
    body: dict[str, Any] = {"name": name, "slug": slug, "domains": [_claim(each) for each in domain or ()]}
    if owner_email:
        body["owner_email"] = owner_email
    with connect("operator", url, email, password) as gateway:
        created = gateway.post("/api/tenants", body)
    if as_json:
        show(created)
    else:
        show_table([created], COLUMNS, none="")


@tenants.command("invite-owner")
def invite_owner(
    tenant: Annotated[str, typer.Argument(help="The customer's short name, or its id.")],
    owner_email: Annotated[str, typer.Argument(help="Gets an invitation to be the first owner.")],
    url: Url = None,
    email: Email = None,
    password: Password = None,
    as_json: AsJson = False,
) -> None:
    """Invite the first owner of a customer that has none. Whoever was asked before, at another address, is no more."""
    with connect("operator", url, email, password) as gateway:
        invited = gateway.post(f"/api/tenants/{_id_of(tenant, gateway)}/invite-owner", {"email": owner_email})
    if as_json:
        show(invited)
    else:
        show_table([invited], INVITED, none="")


def _id_of(tenant: str, gateway: GatewayClient) -> str:
    with suppress(ValueError):
        return str(UUID(tenant))
    found = next((each for each in gateway.items("/api/tenants", q=tenant) if each["slug"] == tenant), None)
    if found is None:
        raise CannotStart(f"There is no tenant {tenant}. `sparknode tenants list` shows all.")
    return str(found["id"])


def _claim(written: str) -> dict[str, str]:
    """What ``company.com:approval`` says."""
    domain, _, mode = written.partition(":")
    return {"domain": domain, "mode": mode or DEFAULT_MODE}
