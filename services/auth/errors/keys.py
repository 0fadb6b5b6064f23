"""What may be wrong with API keys, and with signing keys."""

from shared.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class ApiKeyNotFound(NotFound):
    """No key with this id in the caller's tenant."""

    code = "api_key_not_found"
    title = "API key not found"
    detail = "There is no such API key in your company. It may have been revoked already."


class TooManyApiKeys(Conflict):
    """The tenant has as many keys as it may have."""

    code = "too_many_api_keys"
    title = "Too many API keys"
    detail = "Your company has as many API keys as it may have. Revoke one that is not used any more."


class ScopeTooWide(Forbidden):
    """Nobody makes a key that may do more than they may."""

    code = "scope_too_wide"
    title = "Scope beyond your own rights"
    detail = "You cannot make an API key that may do more than you may."


class ExpiryInThePast(Invalid):
    """The key would be dead before it is born."""

    field = "expires_at"
    code = "expiry_in_the_past"
    title = "Expiry in the past"
    detail = "The API key would have expired already. Choose a later time, or none."


class UnknownSigningKey(NotFound):
    """An operator names a key that there never was."""

    code = "signing_key_not_found"
    title = "No such signing key"
    detail = "There is no signing key of that name. `sparknode keys list` names them."


class SigningKeyUnreadable(Unavailable):
    """``JWT_SECRET_KEY`` was changed, and this process was not given the new one; others were, and can sign."""

    code = "signing_key_unreadable"
