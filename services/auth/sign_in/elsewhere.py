"""Tells people whom a tenant does not let in where else they can sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.auth.domain.accounts import User
from services.auth.errors import NotAdmitted
from services.auth.repository import tenants
from shared.database import Transaction

MOST_TOLD = 50


@asynccontextmanager
async def told_where_else(tx: Transaction, user: User) -> AsyncIterator[None]:
    """Let ``NotAdmitted`` name the other tenants where ``user``, whose transaction ``tx`` is, could sign in now.

    For whoever has shown that they are that person.
    """
    try:
        yield
    except NotAdmitted as refusal:
        if others := await tenants.that_admit(tx, user.id, MOST_TOLD):
            refusal.extensions["tenants"] = [
                {"id": str(tenant.id), "slug": tenant.slug, "name": tenant.name} for tenant in others
            ]
        raise
