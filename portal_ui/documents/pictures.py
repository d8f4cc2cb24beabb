"""Decides how a merchant's logo or icon is put on paper: whole or not at all, and on a ground that it can be seen on (PURE)."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from portal_ui import branding

PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"
LOGO, ICON = (150.0, 34.0), (30.0, 30.0)  # at most so wide and high, in points
LARGEST = 4096  # pixels of a side, a choice: more is no logo
LOOKED_AT = 60_000  # pixels at most whose colours are looked at, a choice: larger ones stand on white
CHANNELS = {4: 2, 6: 4}  # samples of a pixel, by the colour types that have transparency (PNG, 11.2.2)
DEPTHS = (1, 2, 4, 8, 16)  # bits of a sample
SEEN = 1.6  # contrast with the paper below which a picture needs a ground, a choice


class Picture(NamedTuple):
    """A picture to be set: its pixels as data address, ``width`` and ``height`` in points; ``ground`` is None for paper."""

    source: str
    width: float
    height: float
    ground: str | None


@lru_cache(64)
def picture(content: bytes, box: tuple[float, float], brand: str) -> Picture | None:
    """Return a PNG, JPEG or GIF fitted into ``box``, None for one that is broken; ``brand`` is the merchant's colour."""
    try:
        type, width, height = _measured(content)
    except (ValueError, LookupError, struct.error, zlib.error):
        return None
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        return None
    scale = min(box[0] / width, box[1] / height, 1.0)
    source = f"data:image/{type};base64,{base64.b64encode(content).decode()}"
    ground = _ground(content, brand) if type == "png" else None
    return Picture(source, round(width * scale, 2), round(height * scale, 2), ground)


def of_address(address: str) -> bytes | None:
    """Return what a ``data:`` address holds."""
    head, _, body = address.partition(",")
    try:
        return base64.b64decode(body, validate=True) if head.endswith(";base64") else None
    except binascii.Error:
        return None


def drawing(found: Picture) -> str:
    """Return the drawing (SVG) that holds a picture: text, so that it can go to the typesetter with the words."""
    size = f'width="{found.width}" height="{found.height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="{found.source}"/></svg>'


def _measured(content: bytes) -> tuple[str, int, int]:
    """Return type, width and height of a whole picture; raises ValueError and its kin."""
    if content.startswith(PNG):
        header = dict(_chunks(content))[b"IHDR"]
        width, height, depth, colour = struct.unpack(">IIBB", header[:10])
        if width > LARGEST or height > LARGEST:
            raise ValueError(width)
        _pixels(content, width, height, depth, colour)
        return "png", width, height
    if content.startswith(JPEG) and content.rstrip(b"\0").endswith(b"\xff\xd9"):
        return "jpeg", *_jpeg_size(content)
    if content.startswith(GIF) and content.endswith(b";"):
        return "gif", *struct.unpack("<HH", content[6:10])
    raise ValueError


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the parts of a PNG; raises ValueError for one that is damaged."""
    place, name = len(PNG), b""
    while name != b"IEND":
        length, name = struct.unpack(">I4s", content[place : place + 8])
        body = content[place + 8 : place + 8 + length]
        if content[place + 8 + length : place + 12 + length] != struct.pack(">I", zlib.crc32(name + body)):
            raise ValueError(name)
        yield name, body
        place += 12 + length


def _pixels(content: bytes, width: int, height: int, depth: int, colour: int) -> bytes:
    """Return the filtered rows of a PNG; raises ValueError when there are too few."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour)
    if samples is None or depth not in DEPTHS:
        raise ValueError(colour, depth)
    most = height * (1 + (width * samples * depth + 7) // 8) + 8 * LARGEST
    rows = zlib.decompressobj().decompress(b"".join(body for name, body in _chunks(content) if name == b"IDAT"), most)
    if len(rows) < height * width * samples * depth // 8:
        raise ValueError(len(rows))
    return rows


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG from the head of its frame (ITU T.81, B.2.2)."""
    place = 2
    while True:
        mark, length = struct.unpack(">HH", content[place : place + 4])
        if mark in range(0xFFC0, 0xFFD0) and mark not in (0xFFC4, 0xFFC8, 0xFFCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        if not 0xFFC0 <= mark < 0xFFFF:
            raise ValueError(mark)
        place += 2 + length


def _ground(content: bytes, brand: str) -> str | None:
    """Return the colour behind a transparent picture: the brand's, or a dark one, where white paper would swallow it."""
    header = dict(_chunks(content))[b"IHDR"]
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if colour not in CHANNELS or depth != 8 or interlaced or width * height > LOOKED_AT:
        return None
    mean = _mean(_pixels(content, width, height, depth, colour), width, height, CHANNELS[colour])
    if mean is None or branding.contrast(mean, branding.WHITE) >= SEEN:
        return None
    return brand if branding.contrast(mean, brand) >= SEEN * 2 else branding.INK


def _mean(filtered: bytes, width: int, height: int, size: int) -> str | None:
    """Return the mean colour of what is not transparent, None where everything is."""
    total, weight = [0, 0, 0], 0
    for row in _rows(filtered, width * size, height, size):
        alphas = row[size - 1 :: size]
        weight += sum(alphas)
        for channel in range(3):
            samples = row[channel if size == 4 else 0 :: size]
            total[channel] += sum(map(int.__mul__, samples, alphas))
    return "#" + "".join(f"{part // weight:02x}" for part in total) if weight else None


def _rows(filtered: bytes, length: int, height: int, size: int) -> Iterator[bytearray]:
    """Yield the rows of a PNG with their filters undone (PNG, 9.2)."""
    above = bytearray(length)
    for number in range(height):
        start = number * (length + 1)
        row, kind = bytearray(filtered[start + 1 : start + 1 + length]), filtered[start]
        for place in range(length if kind else 0):
            left = row[place - size] if place >= size else 0
            corner = above[place - size] if place >= size else 0
            row[place] = (row[place] + _predicted(kind, left, above[place], corner)) & 0xFF
        yield row
        above = row


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 2:
        return above
    if kind == 3:
        return (left + above) // 2
    return min((left, above, corner), key=lambda one: abs(left + above - corner - one))
