"""Whatever is sent, the answer is one that the OpenAPI document tells of.

`OPENAPI_EXAMPLES=100 make slow ARGS=tests/e2e/openapi` tries much more of it.
"""

from typing import Any

import pytest

from gateway.routes import GROUPS
from gateway.rule import Public
from tests.e2e.openapi.people import People
from tests.e2e.openapi.trial import EXAMPLES, described_by, tried
from tests.e2e.support import World, body_of

WANTS_A_SECRET = {
    "POST /api/auth/signup",
    "POST /api/auth/verify-email",
    "POST /api/auth/login",
    "POST /api/auth/login/link/redeem",
    "POST /api/auth/refresh",
    "POST /api/auth/password/reset",
    "POST /api/auth/password",
    "POST /api/invitations/preview",
    "POST /api/invitations/accept",
}
"""Nobody makes up what these want to see; `test_answers_are_allow_lists.py` holds their successes to the document."""

WANTS_AN_OWN_ID = {
    "POST /api/auth/switch-tenant",
    "POST /api/auth/invitations/generate",
    "DELETE /api/auth/sessions/{session_id}",
}
"""Only what belongs to whoever asks will do; the same test has it."""


@pytest.fixture(scope="module")
def people(product: World) -> People:
    return People.gather(product)


@pytest.fixture
def schema(product: World, people: People) -> Any:
    return described_by(body_of(product.anonymous.get("/openapi.json")), product.base_url, people.sign)


@pytest.mark.slow
@pytest.mark.timeout(120 + 30 * EXAMPLES)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of a failure, or of the longest text that fits
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")  # it is signing a request
@pytest.mark.parametrize("tag", GROUPS)
def test_every_answer_is_one_that_the_document_tells_of(schema: Any, people: People, tag: str) -> None:
    found = tried(schema.include(tag=tag))

    assert found.failures == []
    assert set(found.answers) == {f"{rule.method} {rule.path}" for rule in GROUPS[tag]}
    succeeded = {label for label, statuses in found.answers.items() if any(status < 300 for status in statuses)}
    assert set(found.answers) - succeeded <= WANTS_A_SECRET | WANTS_AN_OWN_ID
    for person in (people.customer.owner, people.operator):  # they are who they were: no refusal was for that alone
        assert person.http.get("/api/auth/me").status_code == 200


def test_what_opens_without_a_token_is_told_from_what_does_not(schema: Any) -> None:
    """So that the check for ignored credentials knows which operations it is about."""
    for tag in GROUPS:
        for rule in GROUPS[tag]:
            described = schema[rule.path][rule.method].definition.raw
            assert (described["security"] == []) == isinstance(rule.access, Public)
