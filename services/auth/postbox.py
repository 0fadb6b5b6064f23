"""The mails that auth sends, put into the queue of the transaction that they tell of."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.domain_claims import DomainClaim
from services.auth.domain.one_time_tokens import LIFETIME, Purpose
from shared.clock import Clock
from shared.contracts.email import Email
from shared.contracts.tenancy import EnrolmentMode
from shared.database import Transaction
from shared.mail.queue import enqueue
from shared.mail.templates import MailTemplates
from shared.sealing import Sealer

TEMPLATES = Path(__file__).parent / "mails"


@dataclass(frozen=True, slots=True)
class Postbox:
    """Each method sends one mail if, and only if, ``tx`` commits. Links begin with ``public_url``, whoever asks."""

    templates: MailTemplates
    sealer: Sealer
    public_url: str
    clock: Clock

    async def verification(
        self, tx: Transaction, to: Email, tenant: Tenant, token: str, *, with_password: bool
    ) -> None:
        """Ask the owner of a mailbox whether it was them who signed up.

        Without ``with_password`` the link sets none, and the mail says so. Nothing that the sign-up said is in the
        mail: whoever typed in this address chooses no words that its owner reads.
        """
        await self._send(
            tx,
            "verification",
            to,
            tenant=tenant.shown_as,
            link=self._link("verify-email", token=token),
            hours=_hours(Purpose.VERIFY_EMAIL),
            at=self.clock(),
            with_password=with_password,
            good_for=LIFETIME[Purpose.VERIFY_EMAIL],
        )

    async def account_exists(self, tx: Transaction, user: User, home: Tenant) -> None:
        """Tell somebody that a sign-up was tried with the address of their account."""
        await self._send(
            tx,
            "account_exists",
            user.email,
            name=user.name,
            tenant=home.shown_as,
            sign_in=self._link("login"),
            reset=self._link("forgot-password"),
        )

    async def password_reset(self, tx: Transaction, user: User, home: Tenant, token: str) -> None:
        """Send the link with which a new password is set."""
        await self._send(
            tx,
            "password_reset",
            user.email,
            name=user.name,
            tenant=home.shown_as,
            link=self._link("reset-password", token=token),
            hours=_hours(Purpose.RESET_PASSWORD),
            good_for=LIFETIME[Purpose.RESET_PASSWORD],
        )

    async def sign_in_link(self, tx: Transaction, user: User, tenant: Tenant, token: str, life: timedelta) -> None:
        """Send the link that signs its owner in to ``tenant``."""
        await self._send(
            tx,
            "sign_in_link",
            user.email,
            name=user.name,
            tenant=tenant.shown_as,
            link=self._link("login/link", token=token),
            minutes=int(life.total_seconds() // 60),
            good_for=life,
        )

    async def password_changed(
        self, tx: Transaction, user: User, home: Tenant, *, made_more: bool, here_goes_on: bool = False
    ) -> None:
        """Tell the owner of an account, in case it was somebody else.

        ``made_more``: there may be API keys and invitations in their name, which go on. ``here_goes_on``: the device on
        which it was done stays signed in, alone.
        """
        await self._send(
            tx,
            "password_changed",
            user.email,
            name=user.name,
            tenant=home.shown_as,
            at=self.clock(),
            reset=self._link("forgot-password"),
            made_more=made_more,
            here_goes_on=here_goes_on,
        )

    async def password_dropped(self, tx: Transaction, user: User, home: Tenant) -> None:
        """Tell the owner of an account that its password, which they have never shown, works no more."""
        await self._send(
            tx,
            "password_dropped",
            user.email,
            name=user.name,
            tenant=home.shown_as,
            at=self.clock(),
            reset=self._link("forgot-password"),
        )

    async def approval_wanted(self, tx: Transaction, to: Email, waiting: Email, tenant: Tenant) -> None:
        """Tell somebody who may approve that somebody waits.

        By the proven address alone: what the person calls themselves is nothing that an admin should trust.
        """
        link = self._link("members", status="pending")
        await self._send(tx, "approval_wanted", to, email=waiting, tenant=tenant.shown_as, link=link)

    async def approved(self, tx: Transaction, member: Membership, tenant: Tenant) -> None:
        """Tell somebody who waited that they are in."""
        await self._send(
            tx, "approved", member.email, name=member.name, tenant=tenant.shown_as, link=self._link("login")
        )

    async def domain_counts(self, tx: Transaction, to: Email, claim: DomainClaim, tenant: Tenant) -> None:
        """Tell somebody who runs a tenant whom a domain of theirs lets in from now on."""
        await self._send(
            tx,
            "domain_counts",
            to,
            domain=claim.domain,
            mode=(claim.mode if tenant.settings.self_sign_up else EnrolmentMode.MANUAL).value,
            subdomains=claim.include_subdomains,
            tenant=tenant.shown_as,
            link=self._link("domains"),
        )

    async def domain_lapsed(self, tx: Transaction, to: Email, domain: str, tenant: Tenant) -> None:
        """Tell somebody who runs a tenant that its domain lets nobody in any more."""
        await self._send(tx, "domain_lapsed", to, domain=domain, tenant=tenant.shown_as, link=self._link("domains"))

    async def new_device(self, tx: Transaction, user: User, tenant: Tenant, device: str, address: str) -> None:
        """Tell the owner of an account that it was used on a device that was never seen with it before."""
        await self._send(
            tx,
            "new_device",
            user.email,
            name=user.name,
            tenant=tenant.shown_as,
            device=device,
            address=address or "unknown",
            at=self.clock(),
            reset=self._link("forgot-password"),
        )

    async def _send(
        self, tx: Transaction, kind: str, to: Email, *, good_for: timedelta | None = None, **values: object
    ) -> None:
        """``good_for`` is how long the link in it works; a mail that leads to nothing that ends has none."""
        if tx.tenant_id is None:
            raise ValueError("mails are sent in the transaction of a tenant")
        mail = self.templates.render(kind, to, **values)
        now = self.clock()
        good_until = now + good_for if good_for else None
        await enqueue(tx, self.sealer, tx.tenant_id, mail, kind=kind, at=now, good_until=good_until)

    def _link(self, page: str, **parameters: str) -> str:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return f"{self.public_url}/{page}{query}"


def _hours(purpose: Purpose) -> int:
    return int(LIFETIME[purpose].total_seconds() // 3600)
