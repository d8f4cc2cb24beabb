"""Decides how a quote is drawn up, what it comes to, and when it is open, canceled or over (docs.stripe.com/quotes)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.billing import invoices, selection
from emulator.billing import shapes as billing_shapes
from emulator.checkout import baskets, checks, errors, shapes
from emulator.kernel.documents import changed
from emulator.kernel.errors import not_emulated, one_of
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.checkout.baskets import Pick
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "quote"
BEHIND = "_quote"  # what is quoted, as it was asked for
LIFE = 30 * shapes.DAY  # until a quote is canceled by itself (docs.stripe.com/api/quotes/create)
PLAIN = (
    "application_fee_amount", "application_fee_percent", "collection_method", "customer_account", "description",
    "footer", "header", "on_behalf_of", "transfer_data",
)  # fmt: skip
STEPS: Doc = {"accepted_at": None, "canceled_at": None, "finalized_at": None}


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/quotes: a draft, of line items or of another quote."""
    quote: Doc = {
        "id": ctx.new_id(KIND),
        **ctx.blank(KIND),
        "automatic_tax": shapes.automatic_tax(None, None),
        "collection_method": "charge_automatically",
        "default_tax_rates": [],
        "discounts": [],
        "expires_at": ctx.now + LIFE,
        "invoice_settings": {
            "custom_fields": None, "days_until_due": None, "description": None, "footer": None,
            "issuer": {"type": "self"},
        },
        "metadata": {},
        "status": "draft",
        "status_transitions": STEPS,
        "subscription_data": {
            "billing_mode": _without_time(billing_shapes.default_mode(ctx)), "description": None, "effective_date": None,
            "metadata": {}, "trial_period_days": None,
        },
    }  # fmt: skip
    behind: Doc = {"id": quote["id"], "picks": [], "discounts": [], "own": {}}
    if params.get("from_quote"):
        quote, behind = await _copied(ctx, quote, behind, params["from_quote"])
    return await _written(ctx, quote, behind, params)


async def _copied(ctx: Context, quote: Doc, behind: Doc, given: Doc) -> tuple[Doc, Doc]:
    """Return a quote with what another one says."""
    source = await ctx.need(KIND, given["quote"], "from_quote[quote]")
    kept = await ctx.need(BEHIND, source["id"], "from_quote[quote]")
    revision = bool(given.get("is_revision"))
    names = (*PLAIN, "customer", "default_tax_rates", "invoice_settings", "metadata", "subscription_data", "test_clock")
    quote = {**quote, **{name: source[name] for name in names}}
    quote["from_quote"] = {"is_revision": revision, "quote": source["id"]}
    picks = [{**row, "id": ctx.new_id(baskets.KIND)} for row in kept["picks"]]
    renamed = {old["id"]: new["id"] for old, new in zip(kept["picks"], picks, strict=True)}
    own = {renamed[id]: entries for id, entries in kept["own"].items()}
    return quote, {**behind, "picks": picks, "discounts": kept["discounts"], "own": own}


async def _written(ctx: Context, quote: Doc, behind: Doc, params: Doc) -> Doc:
    """Store a quote after the parameters of a create or an update."""
    quote = {**quote, **{name: params[name] for name in PLAIN if name in params}}
    if params.get("customer") is not None:
        customer = await ctx.need("customer", params["customer"], "customer")
        quote |= {"customer": customer["id"], "test_clock": customer.get("test_clock")}
    if params.get("test_clock") is not None:
        quote["test_clock"] = (await ctx.need("test_helpers.test_clock", params["test_clock"], "test_clock"))["id"]
    if params.get("expires_at") is not None:
        quote["expires_at"] = _future(ctx, params["expires_at"])
    if "metadata" in params:
        quote["metadata"] = merge_map(quote["metadata"], params["metadata"])
    if params.get("invoice_settings"):
        quote["invoice_settings"] = {**quote["invoice_settings"], **params["invoice_settings"]}
    if params.get("subscription_data"):
        quote["subscription_data"] = _subscription(ctx, quote["subscription_data"], params["subscription_data"])
    if "default_tax_rates" in params:
        had = [{"id": one} for one in quote["default_tax_rates"]]
        found = await selection.tax_rates(ctx, params, "default_tax_rates", had, name="default_tax_rates")
        quote["default_tax_rates"] = [one["id"] for one in found]
    if params.get("automatic_tax"):
        owner = await ctx.find("customer", quote["customer"] or "")
        quote["automatic_tax"] = shapes.automatic_tax(params["automatic_tax"], owner)
    if "discounts" in params:
        behind = changed(behind, discounts=[await _source(ctx, one) for one in params["discounts"] or ()])
    picks = await _stored_picks(ctx, behind)
    if params.get("line_items"):
        picks, behind = await _picked(ctx, behind, picks, params["line_items"])
    quote = await _computed(ctx, quote, behind, picks)
    ctx.put(BEHIND, {**behind, "picks": [
        {"id": pick.id, "price": pick.price["id"], "quantity": pick.quantity, "rates": pick.rates, "params": {}}
        for pick in picks
    ]})  # fmt: skip
    return ctx.put(KIND, quote)


def _future(ctx: Context, instant: int) -> int:
    if instant <= ctx.now:
        raise errors.quote_expires_in_past()
    return instant


def _subscription(ctx: Context, before: Doc, given: Doc) -> Doc:
    if given.get("effective_date") == "current_period_end":
        raise not_emulated("subscription_data[effective_date]=current_period_end of quotes")
    checks.check_longest(given)
    result = {**before, **{name: value for name, value in given.items() if name != "billing_mode"}}
    result["metadata"] = merge_map(before["metadata"], given.get("metadata") or {})
    mode = given.get("billing_mode")
    if mode:
        wish = (mode.get("flexible") or {}).get("proration_discounts") or "included"
        shown = billing_shapes.flexible_mode(ctx.now, wish) if mode["type"] == "flexible" else {"type": "classic"}
        result["billing_mode"] = _without_time(shown)
    return result


def _without_time(mode: Doc) -> Doc:
    return {name: value for name, value in mode.items() if name != "updated_at"}


async def _source(ctx: Context, entry: Doc) -> Doc:
    """Return what a discount is redeemed from, also when an earlier discount is named."""
    if entry.get("discount") is None:
        return {name: entry[name] for name in ("coupon", "promotion_code") if entry.get(name)}
    found = await ctx.need("discount", entry["discount"], "discounts")
    return (
        {"promotion_code": found["promotion_code"]}
        if found["promotion_code"]
        else {"coupon": found["source"]["coupon"]}
    )


async def _stored_picks(ctx: Context, behind: Doc) -> list[Pick]:
    return [
        baskets.Pick(row["id"], await ctx.need("price", row["price"], "price"), row["quantity"], row["params"], row["rates"])
        for row in behind["picks"]
    ]  # fmt: skip


async def _picked(ctx: Context, behind: Doc, before: Sequence[Pick], given: Sequence[Doc]) -> tuple[list[Pick], Doc]:
    """Return what ``line_items`` asks for; who is named by id keeps what is not said anew."""
    known = {pick.id: pick for pick in before}
    result: list[Pick] = []
    own: dict[str, Any] = {}
    for index, entry in enumerate(given):
        pick = known.get(entry.get("id") or "")
        if entry.get("id") is not None and pick is None:
            raise errors.no_such_line_item(entry["id"], f"line_items[{index}][id]")
        if entry.get("price") is not None and entry.get("price_data") is not None:
            raise one_of("price", "price_data", param=f"line_items[{index}]")
        said = {"quantity": 1, **entry}
        if pick is not None and entry.get("price") is None and entry.get("price_data") is None:
            pick = pick._replace(quantity=entry.get("quantity", pick.quantity))
        else:
            fresh = (await baskets.picked(ctx, [said], result[0].price["currency"] if result else None))[0]
            pick = fresh if pick is None else fresh._replace(id=pick.id)
        if "discounts" in entry:
            own[pick.id] = [await _source(ctx, one) for one in entry["discounts"] or ()]
        elif pick.id in behind["own"]:
            own[pick.id] = behind["own"][pick.id]
        result.append(pick)
    if len({_interval(pick.price) for pick in result if pick.price["recurring"]}) > 1:
        raise errors.mixed_intervals()
    return result, changed(behind, own=own)


def _interval(price: Doc) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


async def _computed(ctx: Context, quote: Doc, behind: Doc, picks: Sequence[Pick]) -> Doc:
    """Return a quote with its line items, sums, and what is due upfront and in each period."""
    owner = await ctx.find("customer", quote["customer"] or "")
    currency = picks[0].price["currency"] if picks else (owner or {}).get("currency") or invoices.default_currency(ctx)
    found = await baskets.redeemed(ctx, behind["discounts"], currency, quote["customer"])
    own = {id: await baskets.redeemed(ctx, given, currency, quote["customer"]) for id, given in behind["own"].items()}
    for doc, _ in found:
        # Nobody owns a quote's discount before it is accepted: it is not announced.
        ctx.put("discount", changed(doc, customer=None))
    rates = [await ctx.need("tax_rate", one, "default_tax_rates") for one in quote["default_tax_rates"]]
    taxed = quote["automatic_tax"]["enabled"]

    async def summed(some: Sequence[Pick]) -> baskets.Basket:
        mine = {pick.id: own[pick.id] for pick in some if pick.id in own}
        return await baskets.summed(ctx, some, found, own=mine, customer=owner, taxed=taxed, rates=rates)

    whole = await summed(picks)
    recurring = [pick for pick in picks if pick.price["recurring"]]
    trial = bool(quote["subscription_data"]["trial_period_days"])
    upfront = await summed([pick._replace(free=trial and bool(pick.price["recurring"])) for pick in picks])
    url = f"/v1/quotes/{quote['id']}"
    computed: Doc = {
        "recurring": None,
        "upfront": {
            **upfront.figures, "line_items": baskets.listed(upfront.items, f"{url}/computed_upfront_line_items"),
        },
    }  # fmt: skip
    if recurring:
        interval, count = _interval(recurring[0].price)
        figures = (await summed(recurring)).figures
        computed["recurring"] = {**figures, "interval": interval, "interval_count": count}
    return {
        **quote, **whole.figures, "computed": computed, "currency": currency if picks else None,
        "discounts": [doc["id"] for doc, _ in found],
        "line_items": baskets.listed(whole.items, f"{url}/line_items"),
    }  # fmt: skip


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/quotes/{quote}: a draft freely, a finalized one its metadata only (choice).

    Raises the refusal of what else is changed then.
    """
    quote = await ctx.at_path(KIND, ids["quote"], name="quote")
    if quote["status"] != "draft":
        if set(params) - {"metadata", "expand"}:
            raise errors.quote_not_in(quote, "updated", "draft")
        return ctx.put(KIND, changed(quote, metadata=merge_map(quote["metadata"], params.get("metadata") or {})))
    return await _written(ctx, quote, await ctx.need(BEHIND, quote["id"], "quote"), params)


async def finalize(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/quotes/{quote}/finalize: it gets its number and can be accepted.

    Raises the refusals of one that is no draft, or has no customer or line items.
    """
    quote = await ctx.at_path(KIND, ids["quote"], name="quote")
    if quote["status"] != "draft":
        raise errors.quote_not_in(quote, "finalized", "draft")
    if quote["customer"] is None:
        raise errors.quote_without_customer()
    if not quote["line_items"]["data"]:
        raise errors.quote_without_items()
    if params.get("expires_at") is not None:
        quote = changed(quote, expires_at=_future(ctx, params["expires_at"]))
    steps = {**quote["status_transitions"], "finalized_at": ctx.now}
    number = await _number(ctx, quote)
    return ctx.put(KIND, changed(quote, number=number, status="open", status_transitions=steps))


async def _number(ctx: Context, quote: Doc) -> str:
    """Return the number of a quote: of its customer, counted, with the number of its revision (form: choice)."""
    source = quote["from_quote"]
    if source and source["is_revision"]:
        before = await ctx.find(KIND, source["quote"])
        if before is not None and before["number"]:
            stem, _, revision = before["number"].rpartition("-")
            return f"{stem}-{int(revision) + 1}"
    owner = await ctx.need("customer", quote["customer"], "customer")
    numbered = [one for one in await ctx.select(KIND, customer=owner["id"]) if one["number"]]
    count = len({one["number"].rpartition("-")[0] for one in numbered})
    return f"QT-{owner['invoice_prefix']}-{count + 1:04d}-1"


async def cancel(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/quotes/{quote}/cancel: a draft or an open one; raises the refusal of others."""
    quote = await ctx.at_path(KIND, ids["quote"], name="quote")
    if quote["status"] not in {"draft", "open"}:
        raise errors.quote_not_in(quote, "canceled", "draft", "open")
    return canceled(ctx, quote)


def canceled(ctx: Context, quote: Doc) -> Doc:
    """Store a quote as canceled."""
    steps = {**quote["status_transitions"], "canceled_at": ctx.now}
    return ctx.put(KIND, changed(quote, status="canceled", status_transitions=steps))


def due(quote: Doc) -> int | None:
    """Return when a quote is canceled by itself (unix seconds), None when it is over."""
    return quote["expires_at"] if quote["status"] in {"draft", "open"} else None


async def wake(ctx: Context, quote: Doc) -> None:
    """Cancel a quote whose time is over (docs.stripe.com/api/quotes/object, expires_at)."""
    if quote["status"] in {"draft", "open"}:
        canceled(ctx, quote)


async def line_items(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/quotes/{quote}/line_items."""
    quote = await ctx.at_path(KIND, ids["quote"], name="quote")
    return baskets.page(quote["line_items"]["data"], params, quote["line_items"]["url"])


async def upfront_items(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/quotes/{quote}/computed_upfront_line_items."""
    quote = await ctx.at_path(KIND, ids["quote"], name="quote")
    listed = quote["computed"]["upfront"]["line_items"]
    return baskets.page(listed["data"], params, listed["url"])
