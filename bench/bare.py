"""The measuring stick: aiohttp with one route per path that answers bytes and headers made ready beforehand."""

import json
import sys

from aiohttp import web
from aiohttp.typedefs import Handler


def handler(answer: dict) -> Handler:  # type: ignore[type-arg]  # no imports here but what it serves with
    """Return a handler that takes the request in, body and all, and gives the ready answer."""
    body = answer["body"].encode()
    status = answer["status"]
    headers = answer["headers"]
    reads_body = answer["method"] == "POST"

    async def answered(request: web.Request) -> web.Response:
        if reads_body:
            await request.read()
        return web.Response(body=body, status=status, headers=headers)

    return answered


def main() -> None:
    """Serve the answers of a JSON file: python bench/bare.py PORT FILE [uvloop]."""
    port, path = int(sys.argv[1]), sys.argv[2]
    if sys.argv[3:] == ["uvloop"]:
        import uvloop

        uvloop.install()
    app = web.Application()
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        for answer in json.load(file):
            app.router.add_route(answer["method"], answer["path"], handler(answer))
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main()
