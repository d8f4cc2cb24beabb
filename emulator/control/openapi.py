"""Decides how the control API describes itself: an OpenAPI 3.1 document made of what the calls really take."""

from __future__ import annotations

import re
from typing import Any

from emulator import __version__
from emulator.control.description import CALLS, Described
from emulator.kernel.documents import Doc

PLACES = {
    "key": "the secret key of the world",
    "id": "the id",
    "act": "the name of the act (GET /acts)",
}
STATUSES = {
    400: "what was given is not understood",
    401: "the Authorization header holds no key of this server",
    403: "a browser asks for the page of another site, or under a name that is none of this server's",
    404: "what is named is not there",
    408: "it did not come in time",
    409: "it cannot be done now",
    501: "it is not emulated",
    503: "not ready",
}
_ERROR: Doc = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message"],
            "properties": {name: {"type": "string"} for name in ("message", "param", "hint")},
        }
    },
}
_REFUSAL = {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}}


def document(base_url: str, prefix: str) -> Doc:
    """Return the description of all calls."""
    paths: dict[str, Doc] = {}
    for line, call in CALLS.items():
        method, _, path = line.partition(" ")
        paths.setdefault(f"/{path}", {})[method.lower()] = _operation(line, path, call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "stripe-emulator control API",
            "version": __version__,
            "description": "Worlds, time, events, deliveries and faults. A call acts on the world of its key; without one, on sk_test_demo.",
        },
        "servers": [{"url": base_url + prefix}],
        "security": [{"key": []}, {}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "any key, sk_test_ANYTHING"}},
            "schemas": {"error": _ERROR},
        },
    }  # fmt: skip


def _operation(line: str, path: str, call: Described) -> Doc:
    places = re.findall(r"{(\w+)}", path)
    operation: Doc = {
        "operationId": _name(line),
        "summary": call.words,
        "tags": [path.partition("/")[0] or "server"],
        "responses": _responses(call),
    }
    parameters: list[Doc] = [
        {"name": name, "in": "path", "required": True, "description": PLACES[name], "schema": {"type": "string"}}
        for name in places
    ]
    for name, schema in call.query.items():
        rest: dict[str, Any] = {key: value for key, value in schema.items() if key != "description"}
        parameters.append({"name": name, "in": "query", "description": schema["description"], "schema": rest})
    if parameters:
        operation["parameters"] = parameters
    if call.body or call.free:
        taken: Doc = {"type": "object", "properties": dict(call.body), "additionalProperties": call.free}
        if call.needs:
            taken["required"] = list(call.needs)
        if call.one_of:
            taken["anyOf"] = [{"required": [name]} for name in call.one_of]
        operation["requestBody"] = {
            "required": bool(call.needs or call.one_of),
            "content": {"application/json": {"schema": taken}},
        }
    return operation


def _responses(call: Described) -> Doc:
    good = {"type": "object", "required": list(call.answer), "properties": {name: {} for name in call.answer}}
    responses: Doc = {"200": {"description": "done", "content": {"application/json": {"schema": good}}}}
    for status in sorted({400, 401, 403, *call.more}):
        responses[str(status)] = {"description": STATUSES[status], "content": _REFUSAL}
    return responses


def _name(line: str) -> str:
    method, _, path = line.partition(" ")
    words = [word for word in re.split(r"[^A-Za-z]+", path) if word] or ["calls"]
    return method.lower() + "".join(word.capitalize() for word in words)
