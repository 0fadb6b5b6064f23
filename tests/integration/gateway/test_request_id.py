"""The id and the trace under which a request is known everywhere."""

from tests.integration.gateway.backend import values
from tests.integration.gateway.front import Front


async def test_a_sane_id_is_taken_answered_and_passed_on(front: Front) -> None:
    answer = await front.http.get("/api/enrolment", headers={"X-Request-ID": "abc-123"})
    assert answer.headers.get_list("x-request-id") == ["abc-123"]
    assert values(front.backend.seen[-1], "x-request-id") == ["abc-123"]


async def test_any_other_is_replaced_by_one_of_ours(front: Front) -> None:
    for odd in ("", "a b", "x" * 200, "<script>", "a\tb", "a;b", '"'):
        reply = await front.get("/api/enrolment", ("X-Request-ID", odd))
        (made,) = reply.values("x-request-id")
        assert made != odd
        assert len(made) == 36
        assert values(front.backend.seen[-1], "x-request-id") == [made]


async def test_a_trace_is_continued_or_begun(front: Front) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    await front.http.get("/api/enrolment", headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})
    (passed,) = values(front.backend.seen[-1], "traceparent")
    assert passed.split("-")[1] == trace_id
    assert passed.split("-")[2] != "b7ad6b7169203331"
    await front.http.get("/api/enrolment", headers={"traceparent": "00-broken"})
    (begun,) = values(front.backend.seen[-1], "traceparent")
    assert len(begun.split("-")[1]) == 32
