"""A RabbitMQ of the tests' own: private ports, a private folder, an account that nobody else knows; gone afterwards."""

from tests.support.rabbitmq.node import Node
from tests.support.rabbitmq.shared import join

__all__ = ["Node", "join"]
