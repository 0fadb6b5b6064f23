"""Keeps the refresh token of a browser in a cookie that no script can read and no foreign page can use."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from services.auth.errors.sessions import ForeignOrigin
from shared.contracts.refresh_cookie import PATH, PLAIN_NAME, SECURE_NAME
from shared.http.browser import Browser


@dataclass(frozen=True, slots=True)
class RefreshCookie:
    """HttpOnly, SameSite=Strict, Secure but for http, sent to auth's routes alone, and only for pages of ``origin``.

    A page of any other origin neither gets such a cookie nor uses one: it may sit on the same site, where
    SameSite does not hold it off.
    """

    origin: str
    path: str
    life: timedelta

    @classmethod
    def at(cls, public_url: str, life: timedelta) -> Self:
        """The cookie of an installation at ``public_url``, which browsers drop ``life`` after its last renewal."""
        scheme, host, prefix, *_ = urlsplit(public_url)
        # As a browser writes it (RFC 6454, section 6.2).
        host = host.removesuffix(":443" if scheme == "https" else ":80")
        return cls(f"{scheme}://{host}".lower(), prefix + PATH, life)

    @property
    def name(self) -> str:
        """What it is called."""
        return SECURE_NAME if self._is_secure else PLAIN_NAME

    def is_wanted(self, asked: bool, browser: Browser) -> bool:
        """Whether the answer shall set the cookie; ``ForeignOrigin`` for a page that may not have it."""
        if asked:
            self._require_own_page(browser)
        return asked

    def token_in(self, browser: Browser) -> str | None:
        """The token that a browser keeps, if it does; ``ForeignOrigin`` when a foreign page would use it."""
        token = browser.cookies.get(self.name)
        if token is not None:
            self._require_own_page(browser)
        return token

    def keeping(self, token: str) -> str:
        """The Set-Cookie header that puts ``token`` in."""
        return self._header(token, int(self.life.total_seconds()))

    def dropping(self) -> str:
        """The Set-Cookie header that takes it away."""
        return self._header("", 0)

    @property
    def _is_secure(self) -> bool:
        return self.origin.startswith("https://")

    def _header(self, value: str, seconds: int) -> str:
        secure = "; Secure" if self._is_secure else ""
        return f"{self.name}={value}; Max-Age={seconds}; Path={self.path}; HttpOnly; SameSite=Strict{secure}"

    def _require_own_page(self, browser: Browser) -> None:
        if browser.origin != self.origin:
            raise ForeignOrigin
