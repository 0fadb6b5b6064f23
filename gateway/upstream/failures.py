"""What can go wrong on the way to a service."""

from gateway.problems import ServiceUnavailable


class NoAnswer(ServiceUnavailable):
    """The service cannot be reached, is silent, or does not speak HTTP."""


class LineDied(NoAnswer):
    """The connection ended before the answer began."""


class AnswerCutShort(Exception):
    """The service fell silent or hung up in the middle of its answer; the client's must break off, too."""
