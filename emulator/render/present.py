"""Decides what of a stored object is shown, and what is put into it that is stored elsewhere."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from emulator.catalog import held, plan_shape
from emulator.kernel.documents import at

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

    Presenter = Callable[["Context", Doc], Awaitable[Doc]]


def hidden(doc: Doc, paths: list[str]) -> Doc:
    """Return the document without fields that are shown only when expanded."""
    result = doc
    for path in paths:
        first, _, rest = path.partition(".")
        if first not in result:
            continue
        if not rest:
            result = {key: value for key, value in result.items() if key != first}
        elif isinstance(result[first], dict):
            inner = hidden(result[first], [rest])
            if inner is not result[first]:
                result = {**result, first: inner}
    return result


# Prices as items show them, with the plan that each is; true as long as the stored price is the very same document.
PRICES_KEPT = 1024
_PRICES: dict[str, tuple[Doc, Doc | None, Doc]] = {}


async def subscription_item(ctx: Context, item: Doc) -> Doc:
    """Put the price and the legacy plan into a stored item."""
    price = item.get("price")
    if not isinstance(price, str):
        return item
    found = await held.find(ctx, price)
    if found is None:
        return item
    kept = _PRICES.get(price)
    if kept is None or kept[0] is not found:
        if len(_PRICES) >= PRICES_KEPT:
            _PRICES.clear()
        plan = plan_shape.of(found) if found["recurring"] else None
        kept = _PRICES[price] = (found, plan, await present(ctx, "price", found))
    hidden_ones = ctx.catalogue.includable.get("subscription_item", ())  # none of them lies deeper
    shown = {key: item.get(key) for key in _in_order(tuple(item), tuple(hidden_ones))}
    shown["plan"] = kept[1]
    shown["price"] = kept[2]
    return shown


@lru_cache(maxsize=64)
def _in_order(keys: tuple[str, ...], hidden_ones: tuple[str, ...]) -> tuple[str, ...]:
    """Return an item's keys as the API shows them: the id and what it is, then all others and its plan by their names."""
    return "id", "object", *sorted({*keys, "plan"} - {"id", "object", *hidden_ones})


async def subscription(ctx: Context, doc: Doc) -> Doc:
    """Put prices and plans into the items; a single item's plan and quantity stand at the top as well (recorded)."""
    items = doc["items"]
    data = [await subscription_item(ctx, item) for item in items["data"]]
    result = {**doc, "items": {**items, "data": data}}
    if len(data) == 1:
        result["plan"] = data[0].get("plan")
        result["quantity"] = data[0].get("quantity")
    else:
        result["plan"] = None
    return result


async def product(ctx: Context, doc: Doc) -> Doc:
    """Add the legacy fields that the real API still answers (probed)."""
    del ctx
    return {**doc, "attributes": doc.get("attributes") or [], "type": doc.get("type") or "service"}


async def plan(ctx: Context, doc: Doc) -> Doc:
    """Show a recurring price in the legacy form, for the events of plans."""
    del ctx
    return plan_shape.of(doc) if doc["object"] == "price" else doc


async def unnamed(ctx: Context, doc: Doc) -> Doc:
    """Leave out the key under which something without an id of its own is kept."""
    del ctx
    return {name: value for name, value in doc.items() if name != "id"}


PRESENTERS: dict[str, Presenter] = {
    "subscription": subscription,
    "subscription_item": subscription_item,
    "product": product,
    "plan": plan,
    "tax.settings": unnamed,
}


# Kinds whose fields that are shown only when expanded are never stored in them: there is nothing to hide.
LOOKED_UP = frozenset({"customer", "charge", "invoice"})


def flat(kind: str, includable: dict[str, list[str]]) -> bool:
    """Say whether objects of a kind are shown exactly as they are stored, so that their bytes can be kept."""
    return kind not in PRESENTERS and (kind in LOOKED_UP or not includable.get(kind))


async def present(ctx: Context, kind: str, doc: Doc) -> Doc:
    """Return a stored object as the API shows it, nothing expanded."""
    presenter = PRESENTERS.get(kind)
    if presenter is not None:
        kept = ctx.presented
        if kept is not None and (shown := kept.get(id(doc))) is not None and kind != "plan":
            return shown
        shown = hidden(await presenter(ctx, doc), ctx.catalogue.includable.get(kind, []))
        if kept is not None and kind != "plan":
            kept[id(doc)] = shown
        return shown
    paths = ctx.catalogue.includable.get(kind) if kind not in LOOKED_UP else None
    return hidden(doc, paths) if paths else doc


def stored(doc: Doc, path: str) -> Any:
    """Return what is stored of a field that is shown only when expanded."""
    return at(doc, path)
