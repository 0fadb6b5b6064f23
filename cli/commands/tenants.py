"""`sparknode tenants`: the customers, as operators see them."""

from typing import Annotated, Any

import typer

from cli.connection import AsJson, Email, Password, Url, connect
from cli.output import show, show_table

COLUMNS = ("slug", "name", "status", "id", "created_at")
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


def _claim(written: str) -> dict[str, str]:
    """What ``company.com:approval`` says."""
    domain, _, mode = written.partition(":")
    return {"domain": domain, "mode": mode or DEFAULT_MODE}
