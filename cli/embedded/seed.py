"""The first tenant, made the way every tenant is made: by an operator, an invitation and a sign-up."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx

from cli.embedded.secrets import Secrets
from shared.http.tls import usual_authorities
from shared.mail.maildir import read_mailbox
from shared.process import CannotStart

OPERATOR_EMAIL = "operator@sparknode.example"
ADMIN_EMAIL = "admin@company.com"
ADMIN_NAME = "Company Admin"
SLUG = "company"
COMPANY = {
    "name": "Company",
    "slug": SLUG,
    "domains": [{"domain": "company.com", "mode": "automatic"}],
    "owner_email": ADMIN_EMAIL,
}

ANSWER_SECONDS = 15.0
MAIL_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Seed:
    """Takes a product that has an operator, by its public API, to where the first tenant has its admin.

    What was reached before a death is found, and not made again.
    """

    gateway: httpx.AsyncClient
    mailbox: Path
    secrets: Secrets

    async def __call__(self) -> UUID:
        """The id of the first tenant, when there is nothing left to do."""
        tenant_id = await self._tenant()
        if not await self._sign_in(ADMIN_EMAIL, self.secrets.admin_password):
            await self._sign_up()
        return tenant_id

    async def _tenant(self) -> UUID:
        session = await self._sign_in(OPERATOR_EMAIL, self.secrets.operator_password)
        if session is None:
            raise CannotStart(
                f"The databases have an operator {OPERATOR_EMAIL} with another password than the one in this folder. "
                "Use the folder that they were made with, or empty databases."
            )
        headers = {"Authorization": f"Bearer {session['access_token']}"}
        created = await self.gateway.post("/api/tenants", json=COMPANY, headers=headers)
        if created.status_code != httpx.codes.CONFLICT:
            return UUID(_body(created)["id"])
        listed = await self.gateway.get("/api/tenants", params={"q": SLUG}, headers=headers)
        return next(UUID(each["id"]) for each in _body(listed)["items"] if each["slug"] == SLUG)

    async def _sign_in(self, email: str, password: str) -> Any | None:
        """A session; ``None`` when the account is not there, or has another password."""
        answer = await self.gateway.post("/api/auth/login", json={"email": email, "password": password})
        return None if answer.status_code == httpx.codes.UNAUTHORIZED else _body(answer)

    async def _sign_up(self) -> None:
        body = {
            "email": ADMIN_EMAIL,
            "password": self.secrets.admin_password,
            "name": ADMIN_NAME,
            "invitation_token": await self._invitation_token(),
        }
        _body(await self.gateway.post("/api/auth/signup", json=body))

    async def _invitation_token(self) -> str:
        try:
            async with asyncio.timeout(MAIL_SECONDS):
                # A folder gives no sign of a new file.
                while not (tokens := await self._tokens_in_mailbox()):  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
        except TimeoutError:
            raise CannotStart(
                f"No invitation for {ADMIN_EMAIL} came within {MAIL_SECONDS:.0f} s. The log says more."
            ) from None
        return tokens[0]

    async def _tokens_in_mailbox(self) -> list[str]:
        """The secrets of the sign-up links for the admin, the newest first."""
        mails = await read_mailbox(self.mailbox, ADMIN_EMAIL)
        links = [urlsplit(link) for mail in mails for link in mail.links]
        return [
            token for link in links if link.path.endswith("/signup") for token in parse_qs(link.query).get("token", [])
        ]


async def seed(base_url: str, mailbox: Path, secrets: Secrets) -> UUID:
    """Seed the product at ``base_url``, whose mails are kept in ``mailbox``."""
    tls = usual_authorities()
    async with httpx.AsyncClient(base_url=base_url, timeout=ANSWER_SECONDS, verify=tls, trust_env=False) as gateway:
        return await Seed(gateway, mailbox, secrets)()


def _body(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise CannotStart(f"The first tenant could not be made: {answer.request.url.path} answered {answer.text}")
    return answer.json()
