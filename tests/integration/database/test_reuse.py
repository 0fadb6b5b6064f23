"""What one test left in its database, or on its connections to it, the next one does not find."""

from tests.support.databases import Databases
from tests.support.notebook import NOTEBOOK
from tests.support.reuse import ReusedDatabases
from tests.support.waiting import until

_ADVISORY_LOCKS_HERE = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
"""The view shows those of the whole server, and a product of other tests may run in it."""


async def test_a_connection_that_is_left_to_the_next_test_has_nothing_of_the_last_one(databases: Databases) -> None:
    reused = ReusedDatabases(databases)
    urls = await reused.fresh(NOTEBOOK)
    left, other = await urls.connect("one", urls.owner), await urls.connect("one", urls.owner)
    await left.execute(
        "SET statement_timeout = '1s'; SELECT pg_advisory_lock(1); SELECT set_config('app.x', 'y', false)"
    )
    await left.execute("INSERT INTO notes (tenant_id, text) VALUES (gen_random_uuid(), 'left')")
    await left.close()

    await reused.give_back(NOTEBOOK, urls)
    again = await reused.fresh(NOTEBOOK)
    kept = await again.connect("one", again.owner)

    assert again is urls
    assert kept is left
    await until(other.is_closed)
    assert await kept.fetchval("SHOW statement_timeout") == "15s"
    assert await kept.fetchval("SELECT current_setting('app.x', true)") == ""
    assert await kept.fetchval(_ADVISORY_LOCKS_HERE) == 0
    assert await kept.fetchval("SELECT count(*) FROM notes") == 0
    await reused.give_back(NOTEBOOK, again)
    await until(kept.is_closed)
    reused.end()
