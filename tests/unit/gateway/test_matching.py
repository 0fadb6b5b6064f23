"""Which rule a request is judged by."""

import pytest

from gateway.matching import Matcher
from gateway.problems import MethodNotAllowed, UnknownPath
from gateway.routes import MAILBOX, METRICS, ROUTES
from gateway.rule import Public, Rule, SignedIn


def rule(method: str, path: str) -> Rule:
    return Rule(method, path, "auth", SignedIn())


LIST, READ, PREVIEW, REVOKE = (
    rule("GET", "/things"),
    rule("GET", "/things/{id}"),
    rule("POST", "/things/preview"),
    rule("POST", "/things/{id}/revoke"),
)
MATCHER = Matcher([READ, REVOKE, LIST, PREVIEW, rule("POST", "/things")])


def test_a_path_is_matched_as_it_is_written() -> None:
    assert MATCHER.match("GET", "/things") is LIST
    assert MATCHER.match("GET", "/things/42") is READ
    assert MATCHER.match("POST", "/things/42/revoke") is REVOKE


@pytest.mark.parametrize(
    "path", ["/", "/thing", "/Things", "/things/", "/things/42/", "/things/42/revok", "/things/42/revoke/x", "/x/42"]
)
def test_what_is_not_listed_does_not_exist(path: str) -> None:
    with pytest.raises(UnknownPath):
        MATCHER.match("GET", path)


def test_head_is_answered_wherever_get_is() -> None:
    assert MATCHER.match("HEAD", "/things") is LIST
    with pytest.raises(MethodNotAllowed):
        MATCHER.match("HEAD", "/things/preview")


def test_a_wrong_method_is_told_every_right_one() -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        MATCHER.match("DELETE", "/things")
    assert refused.value.allow == "GET, HEAD, POST"


def test_a_literal_path_is_never_taken_for_a_value() -> None:
    assert MATCHER.match("POST", "/things/preview") is PREVIEW
    with pytest.raises(MethodNotAllowed) as refused:
        MATCHER.match("GET", "/things/preview")
    assert refused.value.allow == "POST"


def test_among_templates_the_more_literal_one_wins_in_any_order() -> None:
    mine, any_ = rule("GET", "/t/mine/{x}"), rule("GET", "/t/{id}/{x}")
    for rules in ([mine, any_], [any_, mine]):
        assert Matcher(rules).match("GET", "/t/mine/1") is mine
        assert Matcher(rules).match("GET", "/t/yours/1") is any_


def test_two_rules_for_the_same_thing_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two rules"):
        Matcher([rule("GET", "/a/{id}"), rule("GET", "/a/{other}")])


def test_the_whole_surface_compiles_and_each_rule_matches_itself() -> None:
    surface = (*ROUTES, *METRICS, *MAILBOX)
    matcher = Matcher(surface)
    for listed in surface:
        assert matcher.match(listed.method, listed.path.replace("{", "").replace("}", "")) is listed


def test_nothing_is_public_by_default() -> None:
    """CVE-2026-50105: a rule cannot be written without saying who may use it."""
    with pytest.raises(TypeError, match="access"):
        Rule("GET", "/x", "auth")  # type: ignore[call-arg]
    assert Rule("GET", "/x", "auth", Public()).access == Public()
