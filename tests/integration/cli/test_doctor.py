"""The doctor finds what keeps the product from working, and says what to do about it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import pytest

from cli.described import kept_environment
from cli.dev_file import DevFile
from cli.doctor.database import DatabaseExamination
from cli.doctor.finding import Finding, Outcome
from cli.doctor.gateway import WELL, GatewayExamination
from cli.doctor.signing_keys import examine_signing_keys
from cli.doctor.subjects import examine_product
from cli.embedded.secrets import Secrets
from cli.home import Home
from cli.postgres.locks import FileLock
from cli.processes import Service
from services.auth.schema import SCHEMA as AUTH
from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.sealing import KeySealer
from services.tenants.schema import SCHEMA
from shared.clock import utc_now
from shared.database import Database
from shared.database.migrate import Schema
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.databases import DatabaseUrls

Fresh = Callable[[Schema], Awaitable[DatabaseUrls]]

JWT_SECRET = "only-the-tests-seal-signing-keys-with-this-3d90"


async def failures(findings: AsyncIterator[Finding]) -> dict[str, str]:
    """What failed, by check."""
    return {finding.check: finding.says async for finding in findings if finding.outcome is Outcome.FAILED}


@pytest.fixture
async def urls(fresh_database: Fresh) -> DatabaseUrls:
    return await fresh_database(SCHEMA)


async def on(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def examination(urls: DatabaseUrls) -> DatabaseExamination:
    return DatabaseExamination(SCHEMA, urls.serving, urls.look_up, utc_now)


async def test_a_migrated_database_is_well(urls: DatabaseUrls) -> None:
    findings = [finding async for finding in examination(urls)()]
    assert {finding.check for finding in findings} == {"database", "roles", "schema", "policies", "clock"}
    assert {finding.outcome for finding in findings} == {Outcome.OK}


async def test_a_server_that_is_not_there_is_told_once_and_the_rest_is_skipped(urls: DatabaseUrls) -> None:
    nowhere = DatabaseExamination(SCHEMA, "postgresql://a:b@127.0.0.1:1/x", urls.look_up, utc_now)
    findings = [finding async for finding in nowhere()]
    assert [finding.outcome for finding in findings] == [Outcome.FAILED, Outcome.SKIPPED]
    assert "sparknode migrate" in findings[0].says


async def test_a_role_that_is_not_bound_by_row_level_security_is_told(urls: DatabaseUrls) -> None:
    as_owner = DatabaseExamination(SCHEMA, urls.owner, urls.look_up, utc_now)
    assert "superuser" in (await failures(as_owner()))["roles"]


async def test_an_old_schema_is_told_and_one_of_a_newer_release(urls: DatabaseUrls) -> None:
    await on(urls.owner, "UPDATE alembic_version SET version_num = '0000'")
    assert "Run `sparknode migrate`" in (await failures(examination(urls)()))["schema"]
    await on(urls.owner, "UPDATE alembic_version SET version_num = '0999'")
    schema = next(finding for finding in [each async for each in examination(urls)()] if finding.check == "schema")
    assert schema.outcome is Outcome.OK
    assert schema.says == f"at revision 0999, of a newer release; this one needs {SCHEMA.head}"
    await on(urls.owner, "COMMENT ON TABLE alembic_version IS 'needs 0999'")
    assert "A newer release migrated it" in (await failures(examination(urls)()))["schema"]


@pytest.mark.parametrize(
    "damage",
    [
        "CREATE TABLE loose (tenant_id uuid)",
        "CREATE TABLE loose (tenant_id uuid); ALTER TABLE loose ENABLE ROW LEVEL SECURITY",
        "CREATE TABLE loose (tenant_id uuid); ALTER TABLE loose ENABLE ROW LEVEL SECURITY;"
        " ALTER TABLE loose FORCE ROW LEVEL SECURITY",
    ],
)
async def test_a_table_that_is_not_held_to_its_tenant_is_named(urls: DatabaseUrls, damage: str) -> None:
    await on(urls.owner, damage)
    assert "loose" in (await failures(examination(urls)()))["policies"]


async def test_a_clock_that_is_off_is_told(urls: DatabaseUrls) -> None:
    def late() -> datetime:
        return utc_now() + timedelta(minutes=1)

    wrong = DatabaseExamination(SCHEMA, urls.serving, urls.look_up, late)
    assert "NTP" in (await failures(wrong()))["clock"]


async def test_a_secret_that_does_not_open_the_signing_keys_is_told(fresh_database: Fresh) -> None:
    urls = await fresh_database(AUTH)

    async def found(jwt_secret: str, former: str = "") -> Finding:
        secrets = {"CALLER_SIGNING_KEY": SIGNING_KEY, "DATA_ENCRYPTION_KEY": DATA_KEY, "MAILBOX_DIR": "/nowhere"}
        environment = secrets | {
            "DATABASE_URL": urls.serving,
            "DATABASE_LOOKUP_URL": urls.look_up,
            "JWT_SECRET_KEY": jwt_secret,
            "JWT_SECRET_KEY_OLD": former,
        }
        keys = {"signing keys": partial(examine_signing_keys, environment)}
        *_, last = [each async for each in DatabaseExamination(AUTH, urls.serving, urls.look_up, utc_now, keys)()]
        return last

    assert (await found(JWT_SECRET)).says.startswith("none yet")
    database = await Database.open("auth", urls.serving, urls.look_up)
    [key] = await KeyKeeping(database, KeySealer.from_secret(JWT_SECRET), utc_now).begin()
    await database.close()
    for secrets in ((JWT_SECRET,), (DATA_KEY, JWT_SECRET)):
        assert (await found(*secrets)).says == "JWT_SECRET_KEY opens 1 of 1"
    left = await found(DATA_KEY)
    assert (left.check, left.outcome) == ("signing keys", Outcome.FAILED)
    assert key.kid in left.says


def gateway(**answers: httpx.Response) -> GatewayExamination:
    """A gateway that is well but for ``answers``, by the last word of the path."""
    well = {
        "health": httpx.Response(200, json={"status": "ok"}, headers={"date": "Mon, 23 Nov 2026 10:00:00 GMT"}),
        "db": httpx.Response(200, json={"status": "ok", "databases": {"auth": "ok"}}),
        "jwks.json": httpx.Response(200, json={"keys": [{"kid": "1"}]}),
    } | answers

    def answer(request: httpx.Request) -> httpx.Response:
        return well[request.url.path.rpartition("/")[2]]

    client = httpx.AsyncClient(base_url="http://gateway", transport=httpx.MockTransport(answer))
    return GatewayExamination(client, lambda: datetime(2026, 11, 23, 10, 0, 1, tzinfo=UTC))


async def test_a_gateway_that_is_well_has_no_failure() -> None:
    assert await failures(gateway()()) == {}


@pytest.mark.parametrize(
    ("answers", "check", "words"),
    [
        ({"health": httpx.Response(404)}, "health", "404"),
        ({"db": httpx.Response(503, json={"databases": {"auth": "timeout"}})}, "services", "auth (timeout)"),
        ({"jwks.json": httpx.Response(200, json={"keys": []})}, "key set", "JWT_SECRET_KEY"),
        ({"jwks.json": httpx.Response(503, json={})}, "key set", "auth"),
        (
            {"health": httpx.Response(200, json=WELL, headers={"date": "Mon, 23 Nov 2026 09:00:00 GMT"})},
            "clock",
            "NTP",
        ),
        ({"health": httpx.Response(200, json=WELL)}, "clock", "date"),
        ({"health": httpx.Response(200, text="Welcome!")}, "health", "Is this our gateway?"),
        ({"db": httpx.Response(502, json=["Bad gateway"])}, "services", "502"),
        ({"jwks.json": httpx.Response(200, json=[])}, "key set", "JWT_SECRET_KEY"),
    ],
)
async def test_what_is_wrong_with_a_gateway_is_told(answers: dict[str, httpx.Response], check: str, words: str) -> None:
    found = await failures(gateway(**answers)())
    assert list(found) == [check]
    assert words in found[check]


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:99999"])
async def test_an_address_that_leads_nowhere_is_found_as_well(url: str) -> None:
    *_, last = [finding async for finding in examine_product((), url)]
    assert (last.subject, last.outcome, url in last.says) == ("gateway", Outcome.FAILED, True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """The folder of a product, with all that one has left there; its databases, broker and gateway are gone."""
    home = Home(tmp_path)
    monkeypatch.setenv("SPARKNODE_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:else@127.0.0.1:2/else")
    Secrets.of(home.secrets)
    urls = {
        f"{service.upper()}_{name}": f"postgresql://a_{service}:b@127.0.0.1:1/x"
        for service in Service
        for name in ("DATABASE_URL", "DATABASE_LOOKUP_URL")
    }
    variables = {"AMQP_URL": "amqp://a:b@127.0.0.1:1/"} | urls
    running = DevFile("http://127.0.0.1:1", "", "", "", "", "", None)
    with kept_environment(home.environment, variables), running.kept_in(home.dev_file):
        yield home


async def examined() -> dict[str, Finding]:
    """What the doctor finds first of each subject."""
    found = [finding async for finding in examine_product((), None)]
    return {finding.subject: finding for finding in reversed(found)}


async def test_what_the_product_that_runs_here_works_on_is_examined(home: Home) -> None:
    """And nothing else: it was started with a DATABASE_URL and an AMQP_URL that need not be those of this terminal."""
    lock = FileLock(home.lock)
    assert lock.acquire()
    found = await examined()
    lock.release()
    assert found["up"].outcome is Outcome.OK
    assert found["broker"].outcome is Outcome.FAILED
    for service in Service:
        assert f"Cannot sign in as a_{service}" in found[service].says


async def test_a_product_that_was_killed_does_not_run_whatever_it_left(home: Home) -> None:
    found = await examined()
    assert (found["up"].outcome, "sparknode up" in found["up"].says) == (Outcome.FAILED, True)
    assert "auth" not in found
    assert not home.is_occupied()


async def test_a_file_of_the_product_that_cannot_be_read_is_named(home: Home) -> None:
    home.environment.write_text("{")
    lock = FileLock(home.lock)
    assert lock.acquire()
    found = await examined()
    lock.release()
    assert (found["up"].outcome, str(home.environment) in found["up"].says) == (Outcome.FAILED, True)
