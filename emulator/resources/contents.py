"""Decides how the content of an uploaded file is carried to its operation and kept beside the file object."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "_file_content"
# Choice: larger uploads are remembered by name, type and size only. Logos and icons may have 512 KB
# (docs.stripe.com/file-upload).
MOST_KEPT = 512 * 1024
# What a page shows as a picture, told by its first bytes: never a type that can run anything.
SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


class Upload(str):
    """A file in a call's parameters: as text what is told of it, with the content at its side.

    The text alone stands in the log of requests; the digest in it tells two contents apart.
    """

    __slots__ = ("content",)
    content: bytes

    @classmethod
    def of(cls, filename: str, content: bytes) -> Upload:
        """Return the parameter for a file."""
        about = {
            "digest": hashlib.sha256(content).hexdigest()[:16],
            "filename": filename,
            "size": len(content),
            "type": filename.rpartition(".")[2].lower() or None,
        }
        made = cls(orjson.dumps(about).decode())
        made.content = content
        return made


def picture_type(content: bytes) -> str | None:
    """Return the media type of a picture that pages show, None for anything else."""
    return next((name for start, name in SIGNATURES.items() if content.startswith(start)), None)


def keep(ctx: Context, file: Doc, upload: str) -> None:
    """Keep the content of a file that is small enough; text that came without content has none."""
    content = getattr(upload, "content", None)
    if content and len(content) <= MOST_KEPT:
        data = base64.b64encode(content).decode()
        ctx.put(KIND, {"id": file["id"], "data": data, "picture": picture_type(content)})


async def is_picture(ctx: Context, file: object) -> bool:
    """Say whether a file, by its id, is a picture whose content is here."""
    row = await ctx.find(KIND, file) if isinstance(file, str) else None
    return row is not None and row["picture"] is not None


async def content(ctx: Context, file: str) -> tuple[bytes, str | None] | None:
    """Return the kept content of a file and, for a picture, its media type; None when there is no content."""
    row = await ctx.find(KIND, file)
    return None if row is None else (base64.b64decode(row["data"]), row["picture"])
