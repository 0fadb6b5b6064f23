"""The signing keys as a process of auth would find them, for whoever looks from outside."""

from collections.abc import Mapping

from services.auth.settings import AuthSettings
from services.auth.signing_keys.keeping import KeyKeeping
from shared.clock import utc_now
from shared.database import Database
from shared.errors import Problem
from shared.process import CannotStart
from shared.settings import load


async def keys_in_force(environment: Mapping[str, str]) -> dict[str, bool]:
    """Every key in force, and whether the secrets in auth's ``environment`` open it; ``CannotStart`` says why not."""
    settings = load(AuthSettings, **{variable.lower(): value for variable, value in environment.items() if value})
    urls = settings.database_url.get_secret_value(), settings.database_lookup_url.get_secret_value()
    database, sealer = await Database.open("auth", *urls, size=1), settings.key_sealer
    try:
        return {key.kid: sealer.opens(key) for key in await KeyKeeping(database, sealer, utc_now).in_force()}
    except Problem as problem:
        raise CannotStart(problem.detail) from problem
    finally:
        await database.close()
