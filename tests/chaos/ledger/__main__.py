"""``python -m tests.chaos.ledger``: a replica of the ledger."""

from shared.logs import configure_logs
from shared.messaging.consumer import Consumer
from shared.messaging.rabbitmq import Intake, RabbitMQ
from shared.process import CannotStart, run, run_until_stopped
from shared.service import open_database
from shared.settings import DatabaseSettings, load
from tests.chaos.ledger import HANDLERS, NAME, SCHEMA, TOPOLOGY


async def main() -> None:
    """Listen until a signal, as every service does."""
    settings = load(DatabaseSettings)
    configure_logs(NAME, level=settings.log_level, style=settings.log_format)
    if settings.amqp_url is None:
        raise CannotStart("AMQP_URL: the ledger needs a broker.")
    database = await open_database(SCHEMA, settings)
    broker = RabbitMQ(settings.amqp_url.get_secret_value(), NAME, TOPOLOGY)
    intake = Intake(settings.events_prefetch, settings.events_delivery_limit)
    try:
        await run_until_stopped(broker.consumer(Consumer(NAME, database, HANDLERS), intake).run())
    finally:
        await broker.close()
        await database.close()


if __name__ == "__main__":
    run(main)
