"""What the databases know of people who were invited, and whether anything was lost or doubled."""

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.support.connections import connected
from tests.support.waiting import eventually

_IN_AUTH = """
    SELECT who.email,
           (SELECT count(*) FROM users AS u WHERE u.email = who.email) AS users,
           (SELECT count(*) FROM memberships AS m WHERE m.email = who.email) AS memberships,
           (SELECT count(*) FROM sessions AS s JOIN users AS u ON u.id = s.user_id WHERE u.email = who.email)
               AS sessions,
           (SELECT count(*) FROM used_invitations AS i JOIN users AS u ON u.id = i.user_id WHERE u.email = who.email)
               AS used_invitations,
           (SELECT count(*) FROM outbox AS o
             WHERE o.type = 'auth.user.registered.v1' AND o.data->>'email' = who.email) AS told_registered,
           (SELECT count(*) FROM outbox AS o
             WHERE o.type = 'auth.membership.created.v1' AND o.data->>'email' = who.email) AS told_joined
      FROM unnest($1::text[]) AS who(email)
"""
_IN_INVITATIONS = """
    SELECT who.email,
           (SELECT string_agg(status, ' ') FROM invitations AS i WHERE i.email = who.email) AS invitation,
           (SELECT count(*) FROM members AS m WHERE m.email = who.email) AS members,
           (SELECT count(*) FROM invitations AS i JOIN members AS m ON m.user_id = i.accepted_by
             WHERE i.email = who.email AND m.email = who.email) AS accepted_by_them,
           (SELECT count(*) FROM outbox AS o
             WHERE o.type = 'invitations.invitation.accepted.v1' AND o.data->>'email' = who.email) AS told_accepted
      FROM unnest($1::text[]) AS who(email)
"""
_UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
_MAILED = "SELECT true FROM invitations WHERE email = $1 AND delivery_status = 'sent'"
_PARKED = "SELECT count(*) FROM dead_letters"

DRAINED_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Traces:
    """Counts of what there is of one invited address: in auth, then in invitations."""

    users: int = 0
    memberships: int = 0
    sessions: int = 0
    used_invitations: int = 0
    told_registered: int = 0
    told_joined: int = 0
    invitation: str = "pending"
    members: int = 0
    accepted_by_them: int = 0
    told_accepted: int = 0


NOBODY = Traces()
"""Nobody is in, and the link works."""

COMMITTED = Traces(users=1, memberships=1, sessions=1, used_invitations=1, told_registered=1, told_joined=1)
"""In, and the invitations service has yet to hear of it."""

IN_ONCE = Traces(1, 1, 1, 1, 1, 1, "accepted", 1, 1, 1)
"""In exactly once, and everybody knows."""


async def traces(databases: Mapping[str, str], emails: Iterable[str]) -> dict[str, Traces]:
    """The traces of each address."""
    wanted = list(emails)
    async with connected(databases["auth"]) as auth, connected(databases["invitations"]) as invitations:
        joined = [dict(row) for row in await auth.fetch(_IN_AUTH, wanted)]
        asked = {row["email"]: dict(row) for row in await invitations.fetch(_IN_INVITATIONS, wanted)}
    merged = [row | asked[row["email"]] for row in joined]
    return {row.pop("email"): Traces(**row) for row in merged}


async def traces_of(databases: Mapping[str, str], email: str) -> Traces:
    """The traces of one address."""
    return (await traces(databases, [email]))[email]


async def until_all_is_told(databases: Mapping[str, str]) -> None:
    """Return when no event waits in any outbox; fail when one was put aside."""

    async with AsyncExitStack() as stack:
        asked = {name: await stack.enter_async_context(connected(url)) for name, url in databases.items()}

        async def waits_for_nobody() -> bool:
            return not sum([await each.fetchval(_UNPUBLISHED) for each in asked.values()])

        await eventually(waits_for_nobody, "the end of the backlog", DRAINED_SECONDS)
        parked = {name: await asked[name].fetchval(_PARKED) for name in ("auth", "invitations")}
    assert not any(parked.values()), parked


async def until_mailed(databases: Mapping[str, str], email: str) -> None:
    """Return when the invitation to ``email`` is out."""
    async with connected(databases["invitations"]) as invitations:
        await eventually(lambda: invitations.fetchval(_MAILED, email), f"the mail to {email}")
