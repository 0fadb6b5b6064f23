"""`sparknode invitations`: who is asked to join a tenant, as its HR people see it."""

from typing import Annotated, Any

import typer

from cli.connection import AsJson, Email, Password, Url, connect
from cli.output import show, show_table

COLUMNS = ("email", "role", "status", "delivery.status", "expires_at", "id")

invitations = typer.Typer(help="Who is asked to join. For HR people and admins.", no_args_is_help=True)


@invitations.command("list")
def list_invitations(
    status: Annotated[str | None, typer.Option(help="pending, accepted, revoked or expired.")] = None,
    q: Annotated[str | None, typer.Option(help="A part of the address.")] = None,
    url: Url = None,
    email: Email = None,
    password: Password = None,
    as_json: AsJson = False,
) -> None:
    """The invitations of one's tenant."""
    with connect("admin", url, email, password) as gateway:
        found = list(gateway.items("/api/invitations", status=status, q=q))
    if as_json:
        show(found)
    else:
        show_table(found, COLUMNS, none="Nobody is invited.")


@invitations.command("create")
def create_invitation(
    invitee: Annotated[str, typer.Argument(help="The e-mail address to invite.")],
    role: Annotated[str | None, typer.Option(help="member, hr, admin or owner; at most one's own.")] = None,
    message: Annotated[str | None, typer.Option(help="A few words for the mail.")] = None,
    expires_in_days: Annotated[int | None, typer.Option(help="How long the link is good.")] = None,
    url: Url = None,
    email: Email = None,
    password: Password = None,
    as_json: AsJson = False,
) -> None:
    """Ask somebody to join one's tenant, and print the link, which is shown this once."""
    wishes = {"role": role, "message": message, "expires_in_days": expires_in_days}
    body: dict[str, Any] = {"email": invitee} | {name: wish for name, wish in wishes.items() if wish is not None}
    with connect("admin", url, email, password) as gateway:
        created = gateway.post("/api/invitations", body)
    if as_json:
        show(created)
    else:
        show_table([created], COLUMNS, none="")
        typer.echo(created.get("invite_url", ""))
