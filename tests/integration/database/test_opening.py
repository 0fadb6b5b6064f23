"""A service starts on its database only when that is as it should be, and says what is not."""

import asyncio

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from cli.postgres import EmbeddedPostgres
from shared.database.opening import connected, connected_to_migrate
from shared.process import CannotStart
from shared.service import open_database
from shared.settings import DatabaseSettings, Environment
from tests.integration.database.made import an_empty_database, run_as
from tests.support.callers import SIGNING_KEY
from tests.support.databases import DatabaseUrls, Server
from tests.support.notebook import NOTEBOOK


async def opened(url: str, look_up_url: str) -> None:
    settings = DatabaseSettings(
        environment=Environment.TEST,
        caller_signing_key=SecretStr(SIGNING_KEY),
        database_url=SecretStr(url),
        database_lookup_url=SecretStr(look_up_url),
    )
    database = await open_database(NOTEBOOK, settings)
    try:
        await database.ping()
    finally:
        await database.close()


async def test_a_good_database_is_opened(urls: DatabaseUrls) -> None:
    await opened(urls.serving, urls.look_up)


async def test_the_server_is_told_how_soon_to_notice_that_we_are_gone(urls: DatabaseUrls) -> None:
    """It would keep what a machine that is gone holds. Here none can be unplugged, and so it is only told."""
    for made in (connected("notebook", urls.serving), connected_to_migrate(urls.owner)):
        connection = await made
        told = await connection.fetch("SELECT name FROM pg_settings WHERE source = 'client' AND name LIKE 'tcp%'")
        await connection.close()
        assert {row["name"] for row in told} == {
            "tcp_user_timeout",
            "tcp_keepalives_idle",
            "tcp_keepalives_interval",
            "tcp_keepalives_count",
        }


async def test_neither_role_may_be_powerful(urls: DatabaseUrls) -> None:
    for serving, look_up in ((urls.owner, urls.look_up), (urls.serving, urls.owner)):
        with pytest.raises(CannotStart, match="Refusing to serve as the database role postgres"):
            await opened(serving, look_up)


async def test_a_newer_schema_is_opened_and_named_unless_it_has_lost_what_we_need(urls: DatabaseUrls) -> None:
    await run_as(urls.owner, "UPDATE alembic_version SET version_num = '9999'")
    with capture_logs() as told:
        await opened(urls.serving, urls.look_up)
    newer = [line for line in told if line["event"] == "a newer release migrated the database"]
    told_of = [(line["database"], line["revision"], line["needed"]) for line in newer]
    assert told_of == [("notebook", "9999", NOTEBOOK.head)]
    await run_as(urls.owner, "COMMENT ON TABLE alembic_version IS 'needs 9998'")
    with pytest.raises(CannotStart, match=rf"know 9998; this one knows {NOTEBOOK.head}\. A newer release"):
        await opened(urls.serving, urls.look_up)


async def test_an_older_schema_is_refused_with_the_way_out(urls: DatabaseUrls) -> None:
    for other, change in {
        "0000": "UPDATE alembic_version SET version_num = '0000'",
        "nothing": "DELETE FROM alembic_version",
    }.items():
        await run_as(urls.owner, change)
        with pytest.raises(CannotStart, match=rf"notebook is at revision {other}.*needs {NOTEBOOK.head}.*migrate"):
            await opened(urls.serving, urls.look_up)


async def test_a_database_without_tables_is_refused_with_the_way_out(postgres: Server, urls: DatabaseUrls) -> None:
    async with an_empty_database(postgres) as empty:
        with pytest.raises(CannotStart, match="is at revision nothing"):
            await opened(urls.serving.replace(urls.name, empty.name), urls.look_up.replace(urls.name, empty.name))


async def test_a_wrong_password_and_a_wrong_name_are_told_apart_from_an_outage(urls: DatabaseUrls) -> None:
    for wrong in (urls.serving.replace("serving-password", "guess"), urls.serving.replace(urls.name, "nowhere")):
        with pytest.raises(CannotStart, match="The database refuses us") as caught:
            await opened(wrong, urls.look_up)
        assert "guess" not in str(caught.value)


async def test_a_database_that_is_still_starting_is_waited_for(
    own_server: EmbeddedPostgres, own_urls: DatabaseUrls
) -> None:
    own_server.stop()
    opening = asyncio.ensure_future(opened(own_urls.serving, own_urls.look_up))
    await asyncio.to_thread(own_server.start)
    await opening
