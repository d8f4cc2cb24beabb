"""Decides what an uploaded file is remembered as: what it is called, how large it is, of which type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Store a file's facts; the content itself is not kept."""
    del ids
    try:
        about = orjson.loads(params["file"])
    except orjson.JSONDecodeError:
        about = {}
    if not isinstance(about, dict):
        about = {}
    id = ctx.new_id("file")
    doc = {
        "id": id,
        "object": "file",
        "created": ctx.now,
        "expires_at": None,
        "filename": about.get("filename"),
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={id}"},
        "purpose": params["purpose"],
        "size": about.get("size", len(params["file"])),
        "title": None,
        "type": about.get("type"),
        "url": f"{ctx.base_url}/v1/files/{id}/contents",
    }
    return ctx.put("file", doc)
