"""Sessions driven at random, beside a model that says what must become of each request."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule, run_state_machine_as_test

from shared.clock import utc_now
from shared.ids import new_token, token_hash
from tests.integration.auth.sessions.desk import Desk, Json, caller_of, claims_of, done, problem

GRACE, IDLE, ABSOLUTE = timedelta(seconds=30), timedelta(days=14), timedelta(days=30)
METHODS = [("password",), ("email_link",), ("password", "email_link")]
DAYS = [None, None, 1, 15]
SETTLE = """
    UPDATE tenants SET settings = jsonb_strip_nulls(
        jsonb_build_object('sign_in_methods', $2::text[], 'session_days', $3::integer)) WHERE id = $1
"""
A_LINK = """
    INSERT INTO one_time_tokens (hash, tenant_id, user_id, purpose, created_at, expires_at)
    VALUES ($1, $2, $3, 'sign_in', $4::timestamptz, $4 + interval '1 minute')
"""
WAITS = [timedelta(seconds=10), GRACE, timedelta(minutes=10), IDLE - timedelta(days=1), IDLE]

T = TypeVar("T")


@dataclass(eq=False)
class Known:
    """What the model knows of a session."""

    body: Json
    tenant: int
    method: str
    signed_in: datetime
    ends: datetime
    used: datetime
    ended: bool = False
    tokens: list[str] = field(default_factory=list)
    spent: dict[str, datetime] = field(default_factory=dict)
    """The chain, oldest first, and when each link but the last was used."""


class Life(RuleBasedStateMachine):
    """One person in two tenants, with as many sessions as come about."""

    sessions = Bundle("sessions")
    numbers = count()
    desk: Desk
    loop: asyncio.AbstractEventLoop

    @property
    def now(self) -> datetime:
        return self.desk.clock()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the test's own loop do it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    @initialize()
    def somebody(self) -> None:
        number = next(self.numbers)
        self.email = f"ann{number}@company.com"
        self.all: list[Known] = []
        self.suspended = [False, False]
        self.allowed = [METHODS[0]] * 2
        self.lasts = [ABSOLUTE] * 2
        self.tenants: list[UUID] = [self.do(self.desk.tenant(f"t{number}-{n}")) for n in range(2)]
        self.ann = self.do(self.desk.person(self.email, self.tenants[0]))
        self.do(self.desk.join(self.ann, self.tenants[1]))

    @rule(target=sessions, tenant=st.integers(0, 1))
    def sign_in(self, tenant: int) -> Any:
        answer = self.do(self.desk.log_in(self.email, tenant_id=str(self.tenants[tenant])))
        return self.begun(answer, tenant, "password")

    @rule(target=sessions, tenant=st.integers(0, 1))
    def sign_in_by_link(self, tenant: int) -> Any:
        token = new_token()
        self.do(self.desk.rows(A_LINK, token_hash(token), self.tenants[tenant], self.ann, self.now))
        answer = self.do(self.desk.post("/api/auth/login/link/redeem", {"token": token}))
        return self.begun(answer, tenant, "email_link")

    @rule(target=sessions, by=sessions, tenant=st.integers(0, 1))
    def switch(self, by: Known, tenant: int) -> Any:
        body = {"tenant_id": str(self.tenants[tenant])}
        answer = self.do(self.desk.post("/api/auth/switch-tenant", body, by=caller_of(by.body)))
        if by.ended or self.now >= by.ends:
            assert problem(answer) == (401, "unauthenticated")
            return multiple()
        return self.begun(answer, tenant, by.method, by)

    def begun(self, answer: httpx.Response, tenant: int, method: str, before: Known | None = None) -> Any:
        if self.suspended[tenant]:
            assert problem(answer) == (403, "tenant_suspended")
            return multiple()
        if method not in self.allowed[tenant]:
            assert problem(answer) == (403, "sign_in_method_not_allowed")
            return multiple()
        signed_in = before.signed_in if before else self.now
        ends = signed_in + self.lasts[tenant]
        if self.now >= ends:
            assert problem(answer) == (403, "sign_in_too_long_ago")
            return multiple()
        body = done(answer)
        assert claims_of(body)["tenant_id"] == str(self.tenants[tenant])
        ends = min(ends, before.ends) if before else ends
        known = Known(body, tenant, method, signed_in, ends, self.now, tokens=[body["refresh_token"]])
        self.all.append(known)
        return known

    @rule(session=sessions, back=st.sampled_from([0, 0, 0, 1, 2]))
    def refresh(self, session: Known, back: int) -> None:
        """With the newest token, or with one of those before it."""
        token = session.tokens[max(0, len(session.tokens) - 1 - back)]
        answer, spent_at = self.do(self.desk.refresh(token)), session.spent.get(token)
        if spent_at is not None and self.now >= spent_at + GRACE:
            assert problem(answer) == (401, "refresh_token_reused")
            session.ended = True
        elif session.ended or self.now >= session.ends or (spent_at is None and self.is_over(session)):
            assert problem(answer) == (401, "invalid_refresh_token")
        elif self.suspended[session.tenant]:
            assert problem(answer) == (403, "tenant_suspended")
        elif spent_at is not None:
            assert done(answer)["refresh_token"] == session.tokens[-1]
        else:
            assert claims_of(done(answer))["sid"] == claims_of(session.body)["sid"]
            session.spent[token], session.used = self.now, self.now
            session.tokens.append(done(answer)["refresh_token"])
            assert len(set(session.tokens)) == len(session.tokens)

    def is_over(self, session: Known) -> bool:
        """Whether its time is over, by what holds today."""
        lasts = self.lasts[session.tenant]
        return self.now >= min(session.ends, session.signed_in + lasts, session.used + IDLE)

    @rule(session=sessions)
    def log_out(self, session: Known) -> None:
        assert self.do(self.desk.post("/api/auth/logout", by=caller_of(session.body))).status_code == 204
        session.ended = True

    @rule(by=sessions, session=sessions)
    def end_another(self, by: Known, session: Known) -> None:
        path = f"/api/auth/sessions/{claims_of(session.body)['sid']}"
        assert self.do(self.desk.delete(path, by=caller_of(by.body))).status_code == 204
        session.ended = True

    @rule(by=sessions)
    def sign_out_everywhere_else(self, by: Known) -> None:
        answer = self.do(self.desk.delete("/api/auth/sessions", by=caller_of(by.body), keep_current="true"))
        assert answer.status_code == 204
        for each in self.all:
            each.ended = each.ended or each is not by

    @rule(by=sessions)
    def look(self, by: Known) -> None:
        listed = done(self.do(self.desk.get("/api/auth/sessions", by=caller_of(by.body), limit=200)))["items"]
        live = [session for session in self.all if not session.ended and not self.is_over(session)]
        assert {each["id"] for each in listed} == {claims_of(session.body)["sid"] for session in live}

    @rule(tenant=st.integers(0, 1))
    def suspend_or_resume(self, tenant: int) -> None:
        self.suspended[tenant] = not self.suspended[tenant]
        status = "suspended" if self.suspended[tenant] else "active"
        self.do(self.desk.suspend(self.tenants[tenant], status=status))

    @rule(tenant=st.integers(0, 1), methods=st.sampled_from(METHODS), days=st.sampled_from(DAYS))
    def settle(self, tenant: int, methods: tuple[str, ...], days: int | None) -> None:
        self.allowed[tenant], self.lasts[tenant] = methods, timedelta(days=days) if days else ABSOLUTE
        self.do(self.desk.rows(SETTLE, self.tenants[tenant], list(methods), days))

    @rule(span=st.sampled_from(WAITS))
    def wait(self, span: timedelta) -> None:
        self.desk.clock.ahead += span


async def test_whatever_happens_in_whatever_order_the_model_knows_the_answer(desk: Desk) -> None:
    desk.clock.standing = utc_now()

    class OnThisDesk(Life):
        pass

    OnThisDesk.desk, OnThisDesk.loop = desk, asyncio.get_running_loop()
    budget = settings(max_examples=8, stateful_step_count=25)
    await asyncio.to_thread(run_state_machine_as_test, OnThisDesk, settings=budget)
