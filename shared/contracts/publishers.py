"""Who publishes what: every event that there is, by service, in the order in which its module speaks of them."""

from collections.abc import Mapping

from shared.contracts import auth, invitations, tenants
from shared.contracts.events import Event, published

PUBLISHERS: Mapping[str, tuple[type[Event], ...]] = {
    module.__name__.rpartition(".")[2]: tuple(event for event in published() if event.__module__ == module.__name__)
    for module in (auth, tenants, invitations)
}
