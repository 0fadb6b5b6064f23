"""Renders mails from a service's templates on the layout that all mails share.

A mail called ``invitation`` is three files in the folder of each language (``mails/en``): ``invitation.subject.j2``,
``invitation.txt.j2`` (extends ``layout.txt.j2``) and ``invitation.html.j2`` (extends ``layout.html.j2``, imports
``heading``, ``button`` and ``quotation`` from ``parts.html.j2``). The layouts' blocks are ``body``, ``reason`` (why
this person gets this mail) and, in HTML, ``preview`` (what the inbox shows beside the subject).
"""

from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from shared.contracts.email import Email
from shared.mail.languages import BUTTON_HINTS, Language, moment
from shared.mail.message import Mail, one_line

PRODUCT = "SparkNode"
_SHARED = Path(__file__).parent / "templates"


class MailTemplates:
    """One service's mails.

    Values are text, never markup: in HTML they are escaped, in subjects and plain text each is kept on one line,
    so that nobody's name can pass for a paragraph of ours. ``| quoted`` shows a person's own words as a quotation,
    ``| moment`` an instant. A mail that has no translation yet is looked for in ``folder`` itself.
    """

    def __init__(self, folder: Path, language: Language = Language.ENGLISH) -> None:
        self._plain, self._html = _environments(folder, language)

    def render(self, name: str, to: Email, /, **values: object) -> Mail:
        """The mail called ``name``; a value that a template wants and does not get is an error, not a gap."""
        subject = one_line(self._plain.get_template(f"{name}.subject.j2").render(values))
        text = self._plain.get_template(f"{name}.txt.j2").render(values)
        html = self._html.get_template(f"{name}.html.j2").render(values, subject=subject)
        return Mail(to, subject, text, html)


@cache
def _environments(folder: Path, language: Language) -> tuple[Environment, Environment]:
    """For subjects and plain text, and for HTML. They keep what they compiled, so that a process does it once."""
    loader = FileSystemLoader([folder / language, folder, _SHARED])
    plain = Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text has no markup to escape; HTML has its own environment
        finalize=_on_one_line,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    html = Environment(loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True, auto_reload=False)
    plain.filters["quoted"] = _quoted_plain
    html.filters["quoted"] = _quoted_html
    for environment in (plain, html):
        environment.filters["moment"] = partial(moment, language=language)
        environment.globals |= {
            "product": PRODUCT,
            "language": language.value,
            "button_hint": BUTTON_HINTS[language],
        }
    return plain, html


class _Quotation(str):
    """Text that may keep its lines, because each is marked as somebody's words."""

    __slots__ = ()


def _on_one_line(value: object) -> object:
    return one_line(value) if isinstance(value, str) and not isinstance(value, _Quotation) else value


def _quoted_plain(words: str) -> str:
    return _Quotation("\n".join(f"> {one_line(line)}".rstrip() for line in words.strip().splitlines()))


def _quoted_html(words: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in words.strip().splitlines())
