"""Finds the rule for a request. The list is compiled once; nothing is matched that it does not say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.problems import MethodNotAllowed, UnknownPath
from gateway.rule import Rule


@dataclass(slots=True)
class _Resource:
    """Everything that answers at one path."""

    segments: tuple[str | None, ...]
    rules: dict[str, Rule] = field(default_factory=dict)
    allow: str = ""

    def add(self, rule: Rule) -> None:
        if rule.method in self.rules:
            raise ValueError(f"{rule.method} {rule.path} has two rules")
        self.rules[rule.method] = rule
        if rule.method == "GET":  # HEAD is GET without the content (RFC 9110, section 9.3.2)
            self.rules["HEAD"] = rule
        self.allow = ", ".join(sorted(self.rules))

    def fits(self, segments: list[str]) -> bool:
        pairs = zip(self.segments, segments, strict=True)
        return all(given == wanted if wanted is not None else given for wanted, given in pairs)


class Matcher:
    """All rules of a surface, looked up by method and path."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        resources: dict[tuple[str | None, ...], _Resource] = {}
        for rule in rules:
            segments = _segments(rule.path)
            resources.setdefault(segments, _Resource(segments)).add(rule)
        self._plain = {"/".join(map(str, key)): found for key, found in resources.items() if None not in key}
        self._templates = _by_length(found for key, found in resources.items() if None in key)

    def match(self, method: str, path: str) -> Rule:
        """The rule for ``method`` at ``path``.

        A path that is listed literally beats one with braces, whatever the methods. ``UnknownPath`` when there is
        none, ``MethodNotAllowed`` when it answers to other methods only.
        """
        resource = self._plain.get(path) or self._template(path)
        if resource is None:
            raise UnknownPath(f"There is nothing at {path}.")
        rule = resource.rules.get(method)
        if rule is None:
            raise MethodNotAllowed(f"{path} does not answer to {method}.", resource.allow)
        return rule

    def _template(self, path: str) -> _Resource | None:
        segments = path.split("/")
        candidates = self._templates.get(len(segments), ())
        return next((resource for resource in candidates if resource.fits(segments)), None)


def _segments(path: str) -> tuple[str | None, ...]:
    return tuple(None if part.startswith("{") else part for part in path.split("/"))


def _by_length(resources: Iterable[_Resource]) -> Mapping[int, tuple[_Resource, ...]]:
    """The most literal first, so that the order of the list never decides."""
    found: dict[int, list[_Resource]] = {}
    for resource in resources:
        found.setdefault(len(resource.segments), []).append(resource)
    return {
        length: tuple(sorted(group, key=lambda resource: [part is None for part in resource.segments]))
        for length, group in found.items()
    }
