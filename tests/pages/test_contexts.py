"""Templates and their contexts: every field is used, and nothing that is not a field."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from typing import Any

import pytest
from jinja2 import meta, nodes

from portal_ui import render, views
from portal_ui.views.registry import TEMPLATES

MODULES = [importlib.import_module(f"portal_ui.views.{found.name}") for found in pkgutil.iter_modules(views.__path__)]


def is_part(found: Any) -> bool:
    return dataclasses.is_dataclass(found) or (isinstance(found, type) and hasattr(found, "_fields"))


PARTS = {name: part for module in MODULES for name, part in vars(module).items() if is_part(part)}
AROUND = {"words", "_", "gettext", "ngettext"}


def names(part: type[Any]) -> list[str]:
    plain: tuple[str, ...] | None = getattr(part, "_fields", None)
    return list(plain) if plain is not None else [field.name for field in dataclasses.fields(part)]


def parsed(name: str) -> nodes.Template:
    environment = render.environment()
    assert environment.loader is not None
    return environment.parse(environment.loader.get_source(environment, name)[0])


def family(name: str) -> dict[str, nodes.Template]:
    """Return a template with all that it extends, includes and imports."""
    found: dict[str, nodes.Template] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found[current] = parsed(current)
            waiting += [other for other in meta.find_referenced_templates(found[current]) if other]
    return found


@pytest.mark.parametrize("view", list(TEMPLATES), ids=lambda view: view.__name__)
def test_a_template_uses_exactly_its_context(view: type[Any]) -> None:
    used: set[str] = set()
    for tree in family(TEMPLATES[view]).values():
        macros = {name for found in tree.find_all(nodes.FromImport) for name in found.names}
        used |= meta.find_undeclared_variables(tree) - {str(name) for name in macros}
    assert used - AROUND == {field.name for field in dataclasses.fields(view)}


def test_every_field_of_every_part_is_drawn() -> None:
    drawn: set[str] = set()
    for name in render.environment().list_templates():
        drawn |= {found.attr for found in parsed(name).find_all(nodes.Getattr)}
    parts = [part for part in PARTS.values() if isinstance(part, type) and part not in TEMPLATES]
    fields = {f"{part.__name__}.{field}" for part in parts for field in names(part)}
    used_in_code = {"Badge.text", "Badge.day", "SubscriptionCard.id", "Frame.home_url"}
    assert {name for name in fields - used_in_code if name.partition(".")[2] not in drawn} == set()


def test_all_contexts_are_frozen() -> None:
    for name, part in PARTS.items():
        assert hasattr(part, "_fields") or vars(part)["__dataclass_params__"].frozen, name


def test_no_template_has_inline_scripts_styles_or_handlers() -> None:
    environment = render.environment()
    assert environment.loader is not None
    for name in environment.list_templates():
        source = environment.loader.get_source(environment, name)[0]
        assert "<style" not in source
        assert " style=" not in source
        assert "<script>" not in source
        assert " on" + "click" not in source
        assert "|safe" not in source
