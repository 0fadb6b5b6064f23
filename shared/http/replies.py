"""What handlers answer with."""

from collections.abc import Mapping

from pydantic import BaseModel
from starlette.responses import Response

_NO_STORE = {"Cache-Control": "no-store"}


def reply(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(model.model_dump_json(by_alias=True), status, {**_NO_STORE, **(headers or {})}, "application/json")


def no_content() -> Response:
    """204: done, nothing to say."""
    return Response(status_code=204, headers=_NO_STORE)
