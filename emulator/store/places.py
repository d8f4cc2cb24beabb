"""Decides what of a world differs from key to key and from server to server, and what stands for it in a file."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from emulator.kernel.documents import Doc

# Where something is put in that differs from key to key; behind a ``~`` stands what somebody wrote just so.
_PLACE = re.compile(r"\{(~*)([a-z_]+)\}")


def places_of(account: str, base_url: str) -> dict[str, str]:
    """Return what differs from key to key and from server to server, by the name that a file has for it.

    Tokens of lasting links (login pages, invoices) begin with the account, in base64.
    """
    whole = account.encode()[: len(account) // 3 * 3]
    return {"account": account, "base_url": base_url, "token": base64.urlsafe_b64encode(whole).decode()}


def filled(value: Any, places: Mapping[str, str]) -> Any:
    """Return documents with what differs from key to key put in, e.g. ``{"account": "acct_1"}`` for ``"{account}"``."""
    if isinstance(value, dict):
        return {key: filled(part, places) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, places) for part in value]
    if isinstance(value, str) and "{" in value:
        return _PLACE.sub(lambda found: _put(found, places), value)
    return value


def _put(found: re.Match[str], places: Mapping[str, str]) -> str:
    """Return what stands for a place: with ``~`` it is somebody's text, one of which is taken off."""
    if found[2] not in places:
        return found[0]
    return f"{{{found[1][1:]}{found[2]}}}" if found[1] else places[found[2]]


def emptied(value: Any, places: Mapping[str, str]) -> Any:
    """Return documents with what differs from key to key taken out: the reverse of ``filled``."""
    if isinstance(value, dict):
        return {key: emptied(part, places) for key, part in value.items()}
    if isinstance(value, list):
        return [emptied(part, places) for part in value]
    if not isinstance(value, str):
        return value
    if "{" in value:
        value = _PLACE.sub(lambda found: f"{{~{found[0][1:]}" if found[2] in places else found[0], value)
    for name, part in places.items():
        value = value.replace(part, f"{{{name}}}")
    return value


def naming(docs: Iterable[Doc], named: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield id and JSON text of the documents that name any of these: few do."""
    parts = [part.encode() for part in named.values()]
    for doc in docs:
        text = orjson.dumps(doc)
        if any(part in text for part in parts):
            yield doc["id"], text


def moved(text: bytes, before: Mapping[str, str], after: Mapping[str, str]) -> Doc:
    """Return a document, given as JSON text, as it is under another key: ``before`` and ``after`` by name.

    As text, which is ten times as fast as going through the fields: each test may have a copy of a world.
    """
    for name, part in before.items():
        text = text.replace(part.encode(), after[name].encode())
    doc: Doc = orjson.loads(text)
    return doc
