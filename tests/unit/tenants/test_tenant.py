"""What may happen to a tenant."""

from datetime import UTC, datetime

import pytest

from services.tenants.domain.tenants import RESERVED_SLUGS, Slug, Tenant, parse_slug
from services.tenants.errors import PlatformIsPermanent, PlatformNeedsPasswords, SlugReserved
from shared.contracts.tenancy import PLATFORM_SLUG, PLATFORM_TENANT_ID, TenantStatus
from shared.contracts.tenant_settings import SignInMethod
from shared.contracts.tenants import TenantSuspended
from shared.ids import new_id

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
PLATFORM = Tenant(PLATFORM_TENANT_ID, "Platform", Slug(PLATFORM_SLUG), TenantStatus.ACTIVE, NOON)


def a_tenant() -> Tenant:
    return Tenant.found(new_id(), name="Company", slug=Slug("company"), at=NOON)


def test_a_new_tenant_is_open_from_the_moment_of_its_founding() -> None:
    tenant = a_tenant()
    assert (tenant.status, tenant.created_at) == (TenantStatus.ACTIVE, NOON)


@pytest.mark.parametrize("word", [PLATFORM_SLUG, "admin", "api", "www", "current", "internal"])
def test_words_of_the_product_are_nobodys_slug(word: str) -> None:
    with pytest.raises(SlugReserved):
        Tenant.found(new_id(), name="Company", slug=Slug(word), at=NOON)


def test_every_reserved_word_could_be_a_slug() -> None:
    assert all(parse_slug(word) == word for word in RESERVED_SLUGS)


def test_suspending_and_resuming_lead_back() -> None:
    tenant = a_tenant()
    assert tenant.suspend().status is TenantStatus.SUSPENDED
    assert tenant.suspend().resume() == tenant


def test_doing_either_twice_changes_nothing() -> None:
    tenant = a_tenant()
    assert tenant.suspend().suspend() == tenant.suspend()
    assert tenant.resume() == tenant


def test_the_platform_cannot_be_suspended() -> None:
    with pytest.raises(PlatformIsPermanent):
        PLATFORM.suspend()


def test_the_platform_lets_operators_in_when_no_mails_go_out() -> None:
    by_link = {"sign_in_methods": (SignInMethod.EMAIL_LINK,)}
    with pytest.raises(PlatformNeedsPasswords):
        PLATFORM.changed(None, by_link)
    assert a_tenant().changed(None, by_link).settings.sign_in_methods == (SignInMethod.EMAIL_LINK,)
    assert PLATFORM.changed(None, {"sign_in_methods": tuple(SignInMethod)}).settings.sign_in_methods == (*SignInMethod,)


def test_an_event_carries_the_whole_present_state() -> None:
    tenant = a_tenant().suspend()
    assert tenant.told_as(TenantSuspended) == TenantSuspended(
        tenant_id=tenant.id, name="Company", slug="company", status=TenantStatus.SUSPENDED
    )
