"""The two files, as they should be."""

import json

from cli.catalogue.asyncapi import document
from cli.catalogue.entry import entries
from cli.catalogue.markdown import events_page
from shared.contracts.publishers import PUBLISHERS
from shared.contracts.subscriptions import GATEWAY_SUBSCRIPTION, SUBSCRIPTIONS


def contents() -> dict[str, str]:
    """Each file's name and text."""
    catalogue = entries(PUBLISHERS, {**SUBSCRIPTIONS, "gateway": GATEWAY_SUBSCRIPTION})
    return {
        "events.md": events_page(catalogue),
        "asyncapi.json": json.dumps(document(catalogue), indent=2, ensure_ascii=False) + "\n",
    }
