"""The way to one service: bytes go out and come back as they are; nothing here knows of routes or callers."""

from gateway.upstream.failures import AnswerCutShort as AnswerCutShort
from gateway.upstream.question import Question as Question
from gateway.upstream.service import Upstream as Upstream
