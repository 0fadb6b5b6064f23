"""Events over RabbitMQ: the transport, and the consumers of queues."""

from shared.messaging.rabbitmq.broker import RabbitMQ
from shared.messaging.rabbitmq.consumer import Intake
from shared.messaging.rabbitmq.topology import Topology

__all__ = ["Intake", "RabbitMQ", "Topology"]
