"""The first operator, who can only be made by somebody with access to the databases."""

from cli.embedded.databases import DatabaseUrls
from services.auth.passwords.choosing import NewPasswords
from services.auth.passwords.hashing import PasswordHasher
from services.auth.use_cases.admit_operator import AdmitOperator
from shared.clock import utc_now
from shared.contracts.email import parse_email
from shared.database import Database

OPERATOR_NAME = "Operator"


async def admit_operator(auth: DatabaseUrls, email: str, password: str) -> None:
    """Make the account ``email`` an operator. One that is there keeps its password."""
    database, hasher = await Database.open("auth", auth.serving, auth.look_up, size=1), PasswordHasher()
    try:
        await AdmitOperator(database, NewPasswords(), hasher, utc_now)(parse_email(email), password, OPERATOR_NAME)
    finally:
        await hasher.close()
        await database.close()
