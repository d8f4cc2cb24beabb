"""Decides which features a customer is entitled to: those of the products that its subscriptions are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.billing.subscription_reads import embedded_page
from emulator.catalog import held, product_features
from emulator.kernel.ids import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND: Final = "entitlements.active_entitlement"
# An active subscription entitles (docs.stripe.com/billing/entitlements), also in its trial and while it is paused (recorded by users
# of the real API, 2025-01); an unpaid renewal that is still tried for is a choice.
ENTITLING: Final = frozenset({"active", "past_due", "paused", "trialing"})
ID_LENGTH: Final = 24


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List what a customer is entitled to (``GET /v1/entitlements/active_entitlements``), the newest subscription's first.

    Raises the refusals of an unknown customer and of a bad cursor.
    """
    customer = await ctx.need("customer", params["customer"], "customer")
    found = await _of(ctx, await ctx.select("subscription", customer=customer["id"]))
    return embedded_page(found, params, "/v1/entitlements/active_entitlements", "active_entitlement")


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return an entitlement as long as it is active; raises its 404."""
    for one in await _of(ctx, await ctx.select("subscription")):
        if one["id"] == ids["id"]:
            return one
    raise ctx.missing_at_path(KIND, ids["id"])


async def _of(ctx: Context, subscriptions: list[Doc]) -> list[Doc]:
    """Return the entitlements that subscriptions give, each once: by customer and feature."""
    found: dict[str, Doc] = {}
    for customer, price in _priced(subscriptions):
        product = (await held.find(ctx, price) or {}).get("product")
        for feature in await product_features.of_product(ctx, product) if product else ():
            id = f"ent_{fingerprint(customer + feature['id'])[:ID_LENGTH]}"  # the same whenever it is looked at
            found.setdefault(id, {
                "id": id, "object": KIND, "feature": feature["id"], "livemode": ctx.livemode,
                "lookup_key": feature["lookup_key"],
            })  # fmt: skip
    return list(found.values())


def _priced(subscriptions: list[Doc]) -> Iterator[tuple[str, str]]:
    """Yield (customer, price) of the items of subscriptions that entitle."""
    for one in subscriptions:
        if one["status"] in ENTITLING:
            yield from ((one["customer"], item["price"]) for item in one["items"]["data"])
