"""Everything that this service refuses, one class per failure."""

from shared.errors import Conflict, Invalid, NotFound, RateLimited, Unavailable


class InvalidName(Invalid):
    """Not something that a company can be called."""

    code = "invalid_name"
    title = "Invalid name"
    detail = "A name is one line of 1 to 200 characters."


class InvalidSlug(Invalid):
    """Does not fit where a slug has to fit: a label of a host name."""

    code = "invalid_slug"
    title = "Invalid slug"
    detail = "A slug has 2 to 63 small letters a to z, digits, and hyphens between them."


class SlugReserved(Invalid):
    """A word that means something to the product itself."""

    field = "slug"
    code = "slug_reserved"
    title = "Reserved slug"
    detail = "This slug is reserved. Choose another."


class SlugTaken(Conflict):
    """Another tenant has it."""

    code = "slug_taken"
    title = "Slug taken"
    detail = "Another tenant has this slug. Choose another."


class PublicDomain(Invalid):
    """Strangers share it, so that it can speak for no company."""

    field = "domain"
    code = "public_domain"
    title = "Public domain"
    detail = "Anybody can have an address there, so no tenant can claim it."


class DomainTaken(Conflict):
    """Another tenant has proven that it is theirs."""

    code = "domain_taken"
    title = "Domain taken"
    detail = "Another tenant has this domain, and it is verified."


class DomainNotFound(NotFound):
    """The tenant has no claim on such a domain, or has one that nobody proved in time."""

    code = "domain_not_found"
    title = "Domain not found"
    detail = "Your tenant has no claim on this domain."


class DomainAlreadyVerified(Conflict):
    """There is nothing left to claim."""

    code = "domain_already_verified"
    title = "Domain already verified"
    detail = "This is your tenant's verified domain already. To change what it does, change the domain."


class TooManyDomains(Conflict):
    """More claims than a company has domains."""

    code = "too_many_domains"
    title = "Too many domains"
    detail = "Your tenant has as many domains as it can have. Remove one that you do not need."


class TxtRecordMissing(Conflict):
    """The DNS was asked, and does not say that the domain is the tenant's."""

    code = "txt_record_missing"
    title = "TXT record missing"
    detail = "The TXT record that proves the domain to be yours is not there."


class DnsUnavailable(Unavailable):
    """The DNS gave no answer, which says nothing about what is in it."""

    code = "dns_unavailable"
    title = "DNS unavailable"
    detail = "The name servers of this domain did not answer. Try again in a moment."


class TooManyLookUps(RateLimited):
    """The tenant is waiting for several answers of the DNS already."""

    code = "too_many_look_ups"
    title = "Too many look-ups"
    detail = "Several of your domains are being looked up at this moment. Try again when that is done."


class TenantNotFound(NotFound):
    """No tenant has this id."""

    code = "tenant_not_found"
    title = "Tenant not found"
    detail = "There is no such tenant."


class PlatformIsPermanent(Conflict):
    """Without the platform tenant nobody could resume it."""

    code = "platform_is_permanent"
    title = "The platform tenant cannot be suspended"
    detail = "Its members are the operators. To keep one of them out, suspend that person."


class PlatformNeedsPasswords(Conflict):
    """Operators repair mails that do not go out, and sign in at a command line."""

    code = "platform_needs_passwords"
    title = "The platform tenant needs passwords"
    detail = (
        "Its members are the operators, who sign in when no mails go out, too. Allow `password` beside other methods."
    )
