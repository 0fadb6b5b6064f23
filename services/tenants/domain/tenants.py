"""What a tenant is, and what it may be called: values and rules."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NewType, TypeVar
from uuid import UUID

from services.tenants.errors import InvalidName, InvalidSlug, PlatformIsPermanent, PlatformNeedsPasswords, SlugReserved
from shared.contracts.tenancy import PLATFORM_SLUG, PLATFORM_TENANT_ID, TenantStatus
from shared.contracts.tenant_settings import UNSETTLED, SignInMethod, TenantSettings
from shared.contracts.tenants import TenantEvent

LONGEST_NAME = 200

Slug = NewType("Slug", str)
"""The name of a tenant in addresses. Made by ``parse_slug``, or read back from where such a one was stored."""

SLUG_PATTERN = r"^(?!..--)[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$"
"""A label of a host name (RFC 1123, section 2.1) in small letters, but no A-label, which two hyphens in the third and
fourth place mark (RFC 5891, section 4.2.3.1)."""

# Host names and path segments that the product, or whoever runs it, needs; and what people would take for us.
RESERVED_SLUGS = frozenset(
    f"{PLATFORM_SLUG} admin administrator api app assets auth billing cdn console current dashboard dev docs ftp "
    "gateway health help imap internal invitations localhost login logout mail me metrics mx new ns1 ns2 null "
    "operator operators pop postmaster public root security settings signin signup smtp sparknode sso static status "
    "support system tenant tenants undefined users webmail well-known www".split()
)

# Joiners that some scripts need inside a word; everything else that is invisible only deceives.
_JOINERS = "\u200c\u200d"

E = TypeVar("E", bound=TenantEvent)


def parse_slug(raw: str) -> Slug:
    """``raw`` if it is a slug, else ``InvalidSlug``. Nothing is mended, so that a slug has one spelling."""
    if not re.fullmatch(SLUG_PATTERN, raw):
        raise InvalidSlug
    return Slug(raw)


def parse_name(raw: str) -> str:
    """``raw`` in NFC, its words a space apart; ``InvalidName`` for control characters and other invisible ones."""
    # Ordering accents takes time by the square of their number. Of more than four characters none becomes one.
    if len(raw) > 4 * LONGEST_NAME:
        raise InvalidName
    name = " ".join(unicodedata.normalize("NFC", raw).split())
    if not 0 < len(name) <= LONGEST_NAME or not _is_visible(name):
        raise InvalidName
    return name


def _is_visible(text: str) -> bool:
    visible = text.translate(dict.fromkeys(map(ord, _JOINERS)))
    return bool(visible) and visible.isprintable()


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer company. Everything that anybody has in this product, they have in one of these."""

    id: UUID
    name: str
    slug: Slug
    status: TenantStatus
    created_at: datetime
    settings: TenantSettings = UNSETTLED

    @classmethod
    def found(cls, tenant_id: UUID, *, name: str, slug: Slug, at: datetime) -> "Tenant":
        """A new tenant, open to its people from now on. ``SlugReserved`` for a word of the product's own."""
        if slug in RESERVED_SLUGS:
            raise SlugReserved
        return cls(tenant_id, name, slug, TenantStatus.ACTIVE, at)

    def suspend(self) -> "Tenant":
        """Closed to everybody. Suspending twice changes nothing; ``PlatformIsPermanent`` for the operators' own."""
        if self.id == PLATFORM_TENANT_ID:
            raise PlatformIsPermanent
        return replace(self, status=TenantStatus.SUSPENDED)

    def resume(self) -> "Tenant":
        """Open again. Resuming twice changes nothing."""
        return replace(self, status=TenantStatus.ACTIVE)

    def changed(self, name: str | None, settings: Mapping[str, Any]) -> "Tenant":
        """With what is given: a name, unless it is ``None``, and those of the settings that are named.

        ``PlatformNeedsPasswords`` where the operators' own would shut them out when no mails go out.
        """
        settled = self.settings.model_copy(update=settings)
        if self.id == PLATFORM_TENANT_ID and SignInMethod.PASSWORD not in settled.sign_in_methods:
            raise PlatformNeedsPasswords
        return replace(self, name=self.name if name is None else name, settings=settled)

    def told_as(self, kind: type[E]) -> E:
        """An event about this tenant, with its present state."""
        return kind(tenant_id=self.id, name=self.name, slug=self.slug, status=self.status, settings=self.settings)
