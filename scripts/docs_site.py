"""Decides which pages of the docs are made of the program's own tables: the control API, settings, coverage, commands.

A hook of mkdocs (mkdocs.yml): the pages are made while the site is built, so that they cannot be out of date.
"""

from __future__ import annotations

import argparse
import importlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from emulator import API_VERSION
from emulator.cli.command import Parser
from emulator.control import acts, openapi
from emulator.control.coverage import coverage
from emulator.control.fault_presets import PRESETS
from emulator.control.settings import SETTINGS, Setting
from emulator.operations import table
from emulator.operations.space import default_settings

URL = "http://127.0.0.1:12111"
PREFIX = "/_emulator"
GROUPS = {
    "server": "The server", "health": "The server", "ready": "The server", "openapi": "The server", "coverage": "The server",
    "worlds": "Worlds", "clock": "The clock", "events": "Events", "endpoints": "Webhooks", "deliveries": "Webhooks",
    "expectations": "Expectations", "requests": "Requests", "mail": "Mail", "faults": "Faults", "acts": "Acts", "settings": "Settings",
}  # fmt: skip


def on_files(files: Any, config: Any) -> Any:
    """Add the made pages to the site."""
    file = importlib.import_module("mkdocs.structure.files").File
    for path, text in pages().items():
        files.append(file.generated(config, path, content=text))
    return files


def pages() -> dict[str, str]:
    """Return the made pages by their place in docs/."""
    return {
        "reference/control.md": control_page(),
        "reference/settings.md": settings_page(),
        "reference/coverage.md": coverage_page(),
        "reference/commands.md": commands_page(),
    }


# ------------------------------------------------------------------------------------------------ the control API
def control_page() -> str:
    """Return the reference of the control API, made of its OpenAPI document."""
    document = openapi.document(URL, PREFIX)
    lines = [
        "# The control API", "",
        f"{document['info']['description']} The key stands in `Authorization: Bearer KEY`. JSON in, JSON out.", "",
        f"This page is made of the server's own description: `GET {PREFIX}/openapi.json`, for generators of clients.", "",
        'Errors: `{"error": {"message", "param", "hint"}}` with a 4xx status; `param` names what is wrong, `hint` what is known.', "",
        "Browsers that ask for the page of another site, or under a [name that is not this server's](../ci.md#names-of-the-server), get 403.", "",
    ]  # fmt: skip
    by_group: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            group = GROUPS.get(operation["tags"][0].partition(".")[0], "More")
            by_group.setdefault(group, []).extend(_call(method.upper(), path, operation))
    for group, calls in by_group.items():
        lines += [f"## {group}", "", *calls]
        if group == "Faults":
            lines += ["### Presets", "", *_table(("preset", "what it stands for"), _presets()), ""]
        if group == "Acts":
            lines += ["### Acts", "", *_table(("act", "what happens", "takes"), _acts()), ""]
    return "\n".join(lines)


def _call(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### `{method} {PREFIX}{path}`"
    yield ""
    yield operation["summary"]
    yield ""
    rows = [
        (one["name"], one["in"], _kind(one["schema"]), one["description"]) for one in operation.get("parameters", ())
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    rows += [(name, "body", _kind(one), one.get("description", "")) for name, one in body.get("properties", {}).items()]
    if rows:
        yield from _table(("name", "in", "type", "meaning"), [(f"`{name}`", *rest) for name, *rest in rows])
        yield ""
    good = operation["responses"]["200"]["content"]["application/json"]["schema"]["required"]
    if good:
        yield f"Answers {', '.join(f'`{name}`' for name in good)}."
        yield ""
    worse = [
        f"{status} ({one['description']})"
        for status, one in operation["responses"].items()
        if status not in ("200", "400", "401", "403")
    ]
    if worse:
        yield f"Also: {'; '.join(worse)}."
        yield ""


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return "list of " + str(schema["items"]["type"])
    return str(schema.get("type", "any"))


def _presets() -> Iterator[tuple[str, ...]]:
    for name, rule in PRESETS.items():
        yield f"`{name}`", ", ".join(f"`{part}: {value}`" for part, value in rule.items())


def _acts() -> Iterator[tuple[str, ...]]:
    for act in acts.listed()["data"]:
        takes = [name if not known else f"{name} ({', '.join(known)})" for name, known in act["takes"].items()]
        yield f"`{act['act']}`", act["does"], "; ".join(takes)


def _table(head: tuple[str, ...], rows: Any) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


# ------------------------------------------------------------------------------------------------ the settings
def settings_page() -> str:
    """Return every setting of an account with what it takes, from the table by which they are checked."""
    defaults = default_settings()
    lines = [
        "# Settings of the account", "",
        f"What an account sets in its Dashboard, for each world: `GET` and `POST {PREFIX}/settings`, or `settings` of `_meta` in a",
        "[world file](../worlds.md#settings-of-the-account). What is sent is merged with what is there.", "",
        *_table(("setting", "a value is", "it decides"), _settings(SETTINGS, defaults)), "",
    ]  # fmt: skip
    for name, setting in SETTINGS.items():
        if setting.members:
            lines += [f"## `{name}`", "", *_table(("member", "a value is", "it decides"), _members(setting)), ""]
    return "\n".join(lines)


def _settings(settings: Mapping[str, Setting], defaults: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, setting in settings.items():
        default = defaults.get(name)
        told = default is not None and not isinstance(default, dict)
        yield f"`{name}`", setting.wanted + (f"; `{json.dumps(default)}` at first" if told else ""), setting.words


def _members(setting: Setting) -> Iterator[tuple[str, ...]]:
    for name, member in setting.members.items():
        yield f"`{name}`", member.wanted, member.words


# ------------------------------------------------------------------------------------------------ the coverage
def coverage_page() -> str:
    """Return what is emulated and what is not, counted from the tables that the server answers by."""
    from emulator.app import build_engine
    from emulator.config import Config

    engine = build_engine(Config())
    told = coverage(engine)
    operations, events = told["operations"], told["events"]
    areas: dict[str, Counter[str]] = {}
    for operation in engine.catalogue.operations.values():
        parts = operation.path.strip("/").split("/")
        areas.setdefault("/".join(parts[: 3 if parts[0] == "v2" else 2]), Counter())[table.tier(operation)] += 1
    rows = [
        (f"`/{area}`", *(str(tiers[name] or "") for name in ("behaviour", "generic", "not_emulated")))
        for area, tiers in sorted(areas.items())
    ]
    lines = [
        "# Coverage", "",
        f"Of the {operations['total']} operations of API version `{API_VERSION}`:", "",
        f"- **{operations['behaviour']} behave**: what they do is written, and happens.",
        f"- **{operations['generic']} are generic**: parameters are checked, complete objects are stored and returned; nothing else follows.",
        f"- **{len(operations['not_emulated'])} are not emulated**: they answer 501 with an error that says so.", "",
        f"Of {events['total']} types of events, {events['announced']} are announced. A running server tells the same: `GET {PREFIX}/coverage`.", "",
        "## By area", "", *_table(("path", "behave", "generic", "not emulated"), rows), "",
        "## Operations that are not emulated", "", *(f"- `{one}`" for one in operations["not_emulated"]), "",
        "## Events that are not announced", "", *(f"- `{one}`" for one in events["not_announced"]), "",
    ]  # fmt: skip
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------ the commands
def commands_page() -> str:
    """Return every command with its options, from the parsers that read the command line."""
    from emulator.cli import command, commands

    lines = [
        "# All commands and options",
        "",
        "Made of the program's own help. [The command line](../command-line.md) shows how they are used.",
        "",
    ]
    acting = Parser(prog="stripe-emulator", add_help=False)
    commands.build(acting)
    whole = {**_choices(command.parser()), **_choices(acting)}
    for name, parser in whole.items():
        lines += [f"## `stripe-emulator {name}`", "", *_options(parser)]
        for action, inner in _choices(parser).items():
            lines += [f"### `stripe-emulator {name} {action}`", "", *_options(inner)]
    return "\n".join(lines)


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way to its commands
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            return dict(action.choices)
    return {}


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    rows = []
    aside = (argparse._HelpAction, argparse._SubParsersAction)  # noqa: SLF001 - as above
    for action in parser._actions:  # noqa: SLF001 - as above
        if action.help != argparse.SUPPRESS and not isinstance(action, aside):
            value = f" {action.metavar}" if action.metavar else ""
            name = ", ".join(f"`{one}{value}`" for one in action.option_strings) or f"`{action.metavar or action.dest}`"
            words = (action.help or "") % {"default": action.default, "prog": parser.prog}
            if action.choices and not isinstance(action.choices, range):
                words += f" ({', '.join(map(str, action.choices))})"
            rows.append((name, words))
    if rows:
        yield from _table(("option", "meaning"), rows)
        yield ""
