"""Renders the pages that people read in a browser: no script, nothing from elsewhere, light and dark."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

_FOLDER = Path(__file__).parent / "templates"
_CODE = re.compile(r"`([^`]+)`")


def page(template: str, **values: Any) -> Response:
    """The page, with a Content-Security-Policy that allows its one style sheet, forms to us, and nothing else."""
    style = _style()
    html = _environment().get_template(template).render(style=Markup(style), **values)  # noqa: S704 - our own file
    policy = (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = _prose
    return environment


@cache
def _style() -> str:
    return (_FOLDER / "style.css").read_text("utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _prose(text: str) -> Markup:
    """Text with its `code` marked as such."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just now
