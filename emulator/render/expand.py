"""Decides what ``expand`` may name and puts the named objects in place of their ids (facts billing 1.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import StripeError, bad_param
from emulator.render.includes import INCLUDES, MEMBERS
from emulator.render.present import present, stored

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context
    from emulator.spec.catalogue import Node

Tree = dict[str, "Tree"]
MAX_DEPTH = 4


def tree(paths: list[str]) -> Tree:
    """Return expansion paths as a tree; raises the refusal of a path that is too deep."""
    root: Tree = {}
    for path in paths:
        segments = path.split(".")
        if len(segments) > MAX_DEPTH:
            error = bad_param(
                f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}",
                code="property_expansion_max_depth",
            )
            error.extra["doc_url"] = None  # recorded without one
            raise error
        branch = root
        for segment in segments:
            branch = branch.setdefault(segment, {})
    return root


def refused(path: str) -> StripeError:
    """Build the refusal of a field that cannot be expanded."""
    return bad_param(f"This property cannot be expanded ({path}).")


def refused_in_list(path: str) -> StripeError:
    """Build the refusal of an object's field where a list is answered."""
    return bad_param(f"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead.")


class Expander:
    """Expands answers of one call."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.catalogue = ctx.catalogue

    async def object(self, kind: str, doc: Doc, shown: Doc, wanted: Tree, path: str = "") -> Doc:
        """Return a shown object with the wanted fields expanded; ``doc`` is what is stored of it.

        Raises the refusal of what cannot be expanded.
        """
        if not wanted or shown.get("deleted"):
            return shown
        kind = self._kind(kind, shown)
        if kind not in self.catalogue.schemas:
            raise refused(next(iter(wanted)))
        return await self._fields(kind, self._node(kind), doc, shown, wanted, path, "")

    def _kind(self, kind: str, shown: Doc) -> str:
        name = shown.get("object")
        return name if isinstance(name, str) and name in self.catalogue.schemas else kind

    def _node(self, kind: str) -> Node:
        node = self.catalogue.schema(kind)
        return self.catalogue.node(node["v"][0]) if node["t"] == "any" else node

    async def _fields(self, kind: str, node: Node, doc: Any, shown: Doc, wanted: Tree, path: str, inside: str) -> Doc:
        result = dict(shown)
        for name, deeper in wanted.items():
            full = f"{path}{name}"
            place = f"{inside}{name}"
            index = node.get("p", {}).get(name)
            includable = place in self.catalogue.includable.get(kind, ())
            if index is None or (name not in node.get("x", ()) and not includable and not self._leads_on(index)):
                raise refused(full)
            if includable:
                value = await self._included(kind, place, doc, deeper, full + ".")
                if value is not None or self.catalogue.node(index).get("null"):
                    result[name] = value
            else:
                value = doc.get(name) if isinstance(doc, dict) else None
                result[name] = await self._value(kind, index, value, shown.get(name), deeper, full + ".", place + ".")
        return result

    def _leads_on(self, index: int) -> bool:
        node = self.catalogue.node(index)
        return bool(node.get("expand")) or node["t"] in ("obj", "list", "arr", "ref")

    async def _included(self, kind: str, place: str, doc: Any, deeper: Tree, path: str) -> Any:
        include = INCLUDES.get((kind, place))
        root = doc if isinstance(doc, dict) else {}
        value = await include(self.ctx, root) if include else stored(root, place.rsplit(".", 1)[-1])
        member = MEMBERS.get((kind, place))
        if member and isinstance(value, dict):
            data = [await self._member(member, one, deeper.get("data", {}), path + "data.") for one in value["data"]]
            return {**value, "data": data}
        return value

    async def _member(self, kind: str, one: Doc, deeper: Tree, path: str) -> Doc:
        kind = self._kind(kind, one)
        return await self.object(kind, one, await present(self.ctx, kind, one), deeper, path)

    async def _value(self, kind: str, index: int, doc: Any, shown: Any, deeper: Tree, path: str, inside: str) -> Any:
        node = self.catalogue.node(index)
        if shown is None:
            return None
        if "expand" in node:
            return await self._reference(node["expand"], shown, deeper, path)
        if node["t"] == "list":
            data = shown.get("data", []) if isinstance(shown, dict) else []
            stored_data: list[Any] = (doc.get("data") or data) if isinstance(doc, dict) else data
            member = self.catalogue.node(node["v"])
            name = member.get("to", "")
            rest = deeper.get("data", {})
            if set(deeper) - {"data"}:
                raise refused(path + next(iter(set(deeper) - {"data"})))
            return {
                **shown,
                "data": [
                    await self.object(name, a, b, rest, path + "data.") for a, b in zip(stored_data, data, strict=False)
                ],
            }
        if node["t"] == "arr":
            return [await self._value(kind, node["v"], one, one, deeper, path, inside) for one in shown]
        if node["t"] == "ref":
            if not isinstance(shown, dict):
                return shown
            target = self._kind(node["to"], shown)
            if "object" in shown:
                return await self.object(target, doc, shown, deeper, path)
            return await self._fields(kind, self.catalogue.schema(node["to"]), doc, shown, deeper, path, inside)
        if node["t"] == "obj" and isinstance(shown, dict):
            return await self._fields(kind, node, doc, shown, deeper, path, inside)
        if deeper:
            raise refused(path + next(iter(deeper)))
        return shown

    async def _reference(self, kinds: list[str], shown: Any, deeper: Tree, path: str) -> Any:
        if isinstance(shown, dict):
            return await self.object(kinds[0], shown, shown, deeper, path)
        for kind in kinds:
            doc = await self.ctx.find(kind, shown)
            if doc is not None:
                return await self.object(kind, doc, await present(self.ctx, kind, doc), deeper, path)
        for kind in kinds:
            gone = await self.ctx.stub(kind.removeprefix("deleted_"), shown)
            if gone is not None:
                return gone
        return shown
