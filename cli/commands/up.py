"""`sparknode up`: the whole product on this machine."""

import sys

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from cli.dev_file import DevFile
from cli.home import Home
from cli.interrupts import ended_by_signals
from cli.settings import UpSettings
from shared.settings import load


def up() -> None:
    """Run the whole product here until Ctrl-C, with a PostgreSQL of its own.

    Data, secrets and the log are in $SPARKNODE_HOME (.sparknode); dev.json there tells programs the addresses and
    passwords that are printed. PORT (8000) and HOST choose where the gateway listens; .env.example has the rest.
    """
    settings = load(UpSettings)
    console = Console(soft_wrap=True, highlight=False)
    with ended_by_signals(), settings.home.occupied(), console.status("Starting") as status:
        from cli.embedded.up import up as run_product  # noqa: PLC0415 - half a second that other commands save

        run_product(
            settings,
            progress=status.update,
            ready=lambda dev_file: _announce(console, status, dev_file, settings.home),
        )
    console.print("SparkNode has stopped.")
    sys.stdout.flush()


def _announce(console: Console, status: Status, product: DevFile, home: Home) -> None:
    status.stop()
    rows = {
        "Address": product.base_url,
        "Routes": f"{product.base_url}/docs",
        "Admin": f"{product.admin_email}   {product.admin_password}",
        "Operator": f"{product.operator_email}   {product.operator_password}",
        "Mailbox": product.mailbox_url or "none: mails go out by SMTP_URL",
        "Data": str(home.folder),
        "Log": str(home.log),
    }
    console.print("\n[bold green]SparkNode is ready.[/]\n")
    for name, value in rows.items():
        console.print(f"  [bold]{name:<10}[/]{escape(value)}")
    console.print("\nCtrl-C stops it. Next time the data and passwords are the same.\n")
