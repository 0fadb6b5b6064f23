"""How somebody comes who is to be signed in."""

from dataclasses import dataclass

from services.auth.domain.sign_in_methods import Methods
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class Arrival:
    """On which device, and by which methods they have shown who they are."""

    client: Client
    methods: Methods
