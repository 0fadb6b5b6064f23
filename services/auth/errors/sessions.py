"""What may be wrong with sessions, and with the tokens that go on with them."""

from shared.errors import Forbidden, NotFound, Unauthenticated


class InvalidRefreshToken(Unauthenticated):
    """A refresh token that is unknown, expired, or whose session has ended."""

    code = "invalid_refresh_token"
    title = "Session ended"
    detail = "This session has ended. Sign in again."


class RefreshTokenReused(Unauthenticated):
    """A refresh token that was used before: somebody else may have it, so its whole session is over."""

    code = "refresh_token_reused"
    title = "Session ended"
    detail = "This session was ended because its refresh token was used twice. Sign in again."


class ForeignOrigin(Forbidden):
    """A page of another origin than ours would keep or use the refresh cookie."""

    code = "foreign_origin"
    title = "Foreign origin"
    detail = "The refresh cookie is for pages at this product's own address. Send the token in the body instead."


class SessionNotFound(NotFound):
    """The caller has no session with this id."""

    code = "session_not_found"
    title = "Session not found"
    detail = "You have no such session."
