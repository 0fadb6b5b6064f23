"""Finds what answers a path, and turns what it raises into an answer."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.errors import Problem
from shared.http.problems import problem_response, status_response

Answer = Callable[[Request], Awaitable[Response]]

_PARAMETER = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Place:
    """What answers at one path, by method. HEAD is GET whose body the server leaves out."""

    template: str
    answers: Mapping[str, Answer]
    pattern: re.Pattern[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        parts = _PARAMETER.split(self.template)
        texts = [f"(?P<{part}>[^/]+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)]
        object.__setattr__(self, "pattern", re.compile("".join(texts)))

    @property
    def is_fixed(self) -> bool:
        """Whether there is nothing in it to be filled in."""
        return "{" not in self.template

    @property
    def methods(self) -> list[str]:
        """Those that it answers to."""
        return sorted({*self.answers, *(["HEAD"] if "GET" in self.answers else [])})


class Routes:
    """The ASGI app of a service: one coroutine, because each statement of each request passes through all there are.

    A fixed path goes before one with a parameter. The template is noted for logs and metrics.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        places = list(places)
        self._fixed = {place.template: place for place in places if place.is_fixed}
        self._others = [place for place in places if not place.is_fixed]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer_to(scope)(request)
        except Problem as problem:
            response = problem_response(problem)
        except ClientDisconnect:
            response = Response(status_code=499)  # nobody is there to read it; the number is for the log
        await response(scope, receive, send)

    def _answer_to(self, scope: Scope) -> Answer:
        path, method = scope["path"], scope["method"]
        state = scope.setdefault("state", {})
        place = self._fixed.get(path)
        if place is None:
            for each in self._others:
                if found := each.pattern.fullmatch(path):
                    scope["path_params"], place = found.groupdict(), each
                    break
            else:
                return _no_such_path
        state["route"] = place.template
        answer = place.answers.get("GET" if method == "HEAD" else method)
        return answer or _no_such_method(place)


async def _no_such_path(request: Request) -> Response:
    return status_response(404, f"There is nothing at {request.url.path}.")


def _no_such_method(place: Place) -> Answer:
    async def answer(request: Request) -> Response:
        detail = f"{request.url.path} does not answer to {request.method}."
        return status_response(405, detail, {"Allow": ", ".join(place.methods)})

    return answer
