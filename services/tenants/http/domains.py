"""The routes of a tenant's domains."""

from starlette.responses import Response

from services.tenants.domain_schemas import ChangeDomainBody, ClaimDomainBody, DomainAnswer
from services.tenants.errors import (
    DnsUnavailable,
    DomainAlreadyVerified,
    DomainNotFound,
    DomainTaken,
    PublicDomain,
    TooManyDomains,
    TooManyLookUps,
    TxtRecordMissing,
)
from services.tenants.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.contracts.domains import InvalidDomain, parse_domain
from shared.contracts.permissions import Permission
from shared.http.body import InvalidRequest
from shared.http.endpoint import Endpoint
from shared.http.models import Page, PageQuery
from shared.http.problems import InvalidCursor
from shared.http.replies import no_content, reply


async def list_domains(use_cases: UseCases, caller: Caller, query: PageQuery) -> Response:
    """The tenant's domains, each with the record that proves it."""
    window = use_cases.cursors.window(caller.tenant_id, "domains", query)
    after = window.after[0] if window.after else ""
    found = await use_cases.list_domains(caller.tenant_id, after=after, limit=window.reach)
    return reply(window.page(Page[DomainAnswer], found, show=DomainAnswer.of, place=lambda claim: [claim.domain]))


async def claim_domain(use_cases: UseCases, caller: Caller, body: ClaimDomainBody) -> Response:
    """Claim a domain.

    It counts for nothing until the TXT record in the answer was published and found. A claim that nobody proves is
    gone after 30 days; to claim it again begins anew.
    """
    claim = await use_cases.claim_domain(
        caller.tenant_id, body.domain, body.mode, include_subdomains=body.include_subdomains
    )
    return reply(DomainAnswer.of(claim), 201)


async def change_domain(use_cases: UseCases, caller: Caller, domain: str, body: ChangeDomainBody) -> Response:
    """Change what a domain does for the people who have mailboxes there."""
    changed = await use_cases.change_domain(caller.tenant_id, _canonical(domain), body.mode, body.include_subdomains)
    return reply(DomainAnswer.of(changed))


async def remove_domain(use_cases: UseCases, caller: Caller, domain: str) -> Response:
    """Give a domain up. Who is in, stays."""
    await use_cases.remove_domain(caller.tenant_id, _canonical(domain))
    return no_content()


async def verify_domain(use_cases: UseCases, caller: Caller, domain: str) -> Response:
    """Look for the TXT record now. Once it was found, the domain counts, and the record has to stay."""
    return reply(DomainAnswer.of(await use_cases.verify_domain(caller.tenant_id, _canonical(domain))))


def _canonical(domain: str) -> str:
    try:
        return parse_domain(domain)
    except InvalidDomain:
        raise DomainNotFound from None


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "GET",
        "/api/tenants/current/domains",
        list_domains,
        {200: Page[DomainAnswer]},
        (InvalidRequest, InvalidCursor),
        needs=Permission.TENANT_MANAGE,
    ),
    Endpoint(
        "POST",
        "/api/tenants/current/domains",
        claim_domain,
        {201: DomainAnswer},
        (InvalidRequest, InvalidDomain, PublicDomain, DomainTaken, DomainAlreadyVerified, TooManyDomains),
        needs=Permission.TENANT_MANAGE,
    ),
    Endpoint(
        "PATCH",
        "/api/tenants/current/domains/{domain}",
        change_domain,
        {200: DomainAnswer},
        (InvalidRequest, DomainNotFound),
        needs=Permission.TENANT_MANAGE,
    ),
    Endpoint(
        "DELETE",
        "/api/tenants/current/domains/{domain}",
        remove_domain,
        {204: None},
        (DomainNotFound,),
        needs=Permission.TENANT_MANAGE,
    ),
    Endpoint(
        "POST",
        "/api/tenants/current/domains/{domain}/verify",
        verify_domain,
        {200: DomainAnswer},
        (DomainNotFound, DomainTaken, TxtRecordMissing, TooManyLookUps, DnsUnavailable),
        needs=Permission.TENANT_MANAGE,
    ),
)
