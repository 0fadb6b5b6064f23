"""``python -m tests.benchmarks.gateway.naive PORT SERVICE PEM``: Starlette before httpx, as one would begin."""

import sys
from pathlib import Path

import httpx
import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.contracts import access_token
from tests.support.access_tokens import ISSUER

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def proxy(service: str, pem: str) -> Starlette:
    """An app that checks the token and passes the request on, whole in both directions."""
    client = httpx.AsyncClient(base_url=service, trust_env=False)

    async def forward(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(
                token, pem, algorithms=[access_token.ALGORITHM], audience=access_token.AUDIENCE, issuer=ISSUER
            )
        except jwt.PyJWTError:
            return Response(status_code=401)
        told = {"x-user-id": claims["sub"], "x-tenant-id": claims["tenant_id"], "x-role": claims["role"]}
        answer = await client.request(request.method, request.url.path, content=await request.body(), headers=told)
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))

    return Starlette(routes=[Route("/{path:path}", forward, methods=METHODS)])


if __name__ == "__main__":
    port, service_url, pem_file = sys.argv[1:]
    app = proxy(service_url, Path(pem_file).read_text())
    uvicorn.run(app, port=int(port), log_level="error", access_log=False)
