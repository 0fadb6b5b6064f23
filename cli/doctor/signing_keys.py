"""Examines whether a process of auth has the secret that its signing keys are sealed under."""

from collections.abc import Mapping

from cli.doctor.finding import Ailment
from cli.embedded.signing_keys import keys_in_force


async def examine_signing_keys(environment: Mapping[str, str]) -> str:
    """What a process with this environment could sign with."""
    keys = await keys_in_force(environment)
    if closed := [kid for kid, is_open in keys.items() if not is_open]:
        raise Ailment(
            f"JWT_SECRET_KEY does not open {', '.join(closed)}: it is a former one, or another. A process of auth that "
            "has it will sign nothing before long, or does not start. Give it the JWT_SECRET_KEY that the others have; "
            "until `sparknode keys rewrap` was run, with the former one as JWT_SECRET_KEY_OLD beside it."
        )
    return f"JWT_SECRET_KEY opens {len(keys)} of {len(keys)}" if keys else "none yet: auth makes one when it starts"
