"""What may be wrong with passwords, and with links from mails."""

from shared.errors import FieldError, Forbidden, Gone, Invalid, RateLimited, Unauthenticated, Unavailable


class InvalidCredentials(Unauthenticated):
    """No such account, or not its password; which of the two is nobody's business."""

    code = "invalid_credentials"
    title = "Wrong e-mail address or password"
    detail = "The e-mail address or the password is wrong."


class WrongPassword(Forbidden):
    """Somebody who is signed in does not know the password; their token is as good as before, so it is no 401."""

    code = "wrong_password"
    title = "Wrong password"
    detail = "The current password is wrong."


class WeakPassword(Invalid):
    """A password that is too easy to guess."""

    field = "password"
    code = "weak_password"
    title = "Weak password"
    detail = "This password is too easy to guess. Choose a longer one."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail)
        self.errors = (FieldError("password", self.detail),)


class InvalidToken(Gone):
    """A link from a mail that is used, expired, replaced, or was never ours; which of these is nobody's business."""

    code = "invalid_token"
    title = "Invalid token"
    detail = "This link has been used, has expired, or was replaced by a newer one. Ask for a new mail."


class TooManyAttempts(RateLimited):
    """Tried too often for one account."""

    code = "too_many_attempts"
    title = "Too many attempts"
    detail = "Too many attempts. Wait a while and try again."


class HashingOverloaded(Unavailable):
    """More passwords wait to be hashed than may wait."""

    code = "overloaded"
    title = "Overloaded"
    detail = "Too many people are signing in at this moment. Try again shortly."
