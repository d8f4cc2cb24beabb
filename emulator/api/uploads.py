"""Decides how an uploaded file becomes parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader
from aiohttp.http_exceptions import HttpProcessingError

from emulator.api.decode import form
from emulator.kernel.errors import StripeError
from emulator.resources.contents import Upload

if TYPE_CHECKING:
    from aiohttp import web


async def parameters(request: web.Request) -> dict[str, Any]:
    """Return a multipart body's fields; a file is told by its name, type and size in bytes.

    Raises the refusal of a body that is no multipart form.
    """
    if not request.content_type.startswith("multipart/"):
        return form((await request.read()).decode(errors="replace"))
    fields: list[str] = []
    result: dict[str, Any] = {}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            data = await part.read()
            if part.filename is not None:
                result[part.name or "file"] = Upload.of(part.filename, bytes(data))
            else:
                fields.append(f"{part.name}={data.decode(errors='replace')}")
    except (ValueError, HttpProcessingError) as error:
        raise StripeError("Invalid request: the body is not a valid multipart form.") from error
    return {**form("&".join(fields)), **result}
