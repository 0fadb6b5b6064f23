"""Which gateway a command speaks to, and as whom: options, then environment, then the product of `sparknode up`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.dev_file import DevFile
from cli.gateway_client import Account, GatewayClient
from cli.settings import CommandSettings
from shared.process import CannotStart
from shared.settings import load

Url = Annotated[
    str | None, typer.Option(envvar="SPARKNODE_URL", help="The gateway. By default the one of `sparknode up`.")
]
Email = Annotated[
    str | None, typer.Option("--email", envvar="SPARKNODE_EMAIL", help="Whom to sign in as. By default as dev.json.")
]
Password = Annotated[
    str | None,
    typer.Option("--password", envvar="SPARKNODE_PASSWORD", help="Better given as variable. Asked for when missing."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

TERMINAL = Path("/dev/tty")

Who = Literal["admin", "operator"]


def connect(who: Who, url: str | None, email: str | None, password: str | None) -> GatewayClient:
    """A client for the gateway that was named, or the one that runs here, as ``who`` unless somebody was named.

    The accounts of ``dev.json`` are offered to the gateway of ``dev.json`` and to no other.
    """
    home = load(CommandSettings).home
    here = DevFile.read(home.dev_file)
    address = url or (here and here.base_url)
    if not address:
        raise CannotStart(
            f"No product runs in {home.folder}. Start `sparknode up`, or name a gateway: --url or SPARKNODE_URL."
        )
    if email:
        return GatewayClient(address, Account(email, password or _asked_for(email)))
    if password:
        raise CannotStart("Say whose password this is: --email or SPARKNODE_EMAIL.")
    if here is None or address != here.base_url:
        raise CannotStart(
            f"Say whom to sign in to {address} as: --email and --password, or SPARKNODE_EMAIL and …_PASSWORD."
        )
    return GatewayClient(address, _account(here, who))


def _asked_for(email: str) -> str:
    try:
        TERMINAL.open().close()
    except OSError as error:
        raise CannotStart(
            f"There is no terminal to ask for the password of {email} on: set SPARKNODE_PASSWORD."
        ) from error
    password: str = typer.prompt("Password", hide_input=True, err=True)
    return password


def _account(here: DevFile, who: Who) -> Account:
    if who == "operator":
        return Account(here.operator_email, here.operator_password)
    return Account(here.admin_email, here.admin_password)
