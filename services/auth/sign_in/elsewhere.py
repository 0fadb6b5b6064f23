"""Tells people whom a tenant does not let in where else they can sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.auth.domain.accounts import User
from services.auth.domain.sign_in_methods import Methods
from services.auth.errors.admission import NotAdmitted
from services.auth.repository import tenants
from shared.database import Transaction

MOST_TOLD = 50


@asynccontextmanager
async def told_where_else(tx: Transaction, user: User, methods: Methods) -> AsyncIterator[None]:
    """Let ``NotAdmitted`` name the other tenants where ``user``, whose transaction ``tx`` is, could sign in now.

    For whoever has shown by ``methods`` that they are that person: those are named that allow one of them.
    """
    try:
        yield
    except NotAdmitted as refusal:
        if others := await tenants.that_admit(tx, user.id, methods, MOST_TOLD):
            refusal.extensions["tenants"] = [
                {"id": str(tenant.id), "slug": tenant.slug, "name": tenant.name} for tenant in others
            ]
        raise
