"""``python -m tests.support.rabbitmq``: see to it that the tests find a broker, if that is possible."""

import os
import subprocess
import sys

from tests.support.debian import may_install
from tests.support.rabbitmq.installation import HOW_TO_GET_ONE, install, programs


def main() -> None:
    """Say something only when there is something to say; the tests themselves decide what to do without a broker."""
    if os.environ.get("TEST_AMQP_URL") or programs():
        return
    if not may_install():
        sys.stderr.write(f"There is no RabbitMQ here. {HOW_TO_GET_ONE}\n")
        return
    sys.stderr.write("Installing rabbitmq-server, which the tests start for themselves ...\n")
    try:
        install()
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"That did not work: {error}. {HOW_TO_GET_ONE}\n")


if __name__ == "__main__":
    main()
