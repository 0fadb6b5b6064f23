"""The command that makes operators, from its arguments to its last word."""

import sys

from services.auth.passwords.choosing import NewPasswords
from services.auth.passwords.hashing import PasswordHasher
from services.auth.schema import SCHEMA
from services.auth.settings import AuthSettings
from services.auth.use_cases.admit_operator import AdmitOperator
from shared.clock import utc_now
from shared.contracts.email import parse_email
from shared.errors import Problem
from shared.process import CannotStart
from shared.service import open_database


async def create(settings: AuthSettings, email: str, password: str, name: str) -> None:
    """Make ``email`` an operator and say what was done; ``CannotStart`` with the reason when it cannot be."""
    database = await open_database(SCHEMA, settings)
    new_passwords, hasher = NewPasswords.checked_at(settings.breached_passwords_url), PasswordHasher(threads=1)
    try:
        made = await AdmitOperator(database, new_passwords, hasher, utc_now)(parse_email(email), password, name)
    except Problem as problem:
        raise CannotStart(problem.detail) from problem
    finally:
        await new_passwords.close()
        await hasher.close()
        await database.close()
    known = "" if made else " already had an account, which keeps its password, and"
    sys.stdout.write(f"{email}{known} is an operator.\n")
