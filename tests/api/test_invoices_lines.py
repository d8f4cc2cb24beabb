"""Lines of drafts, attached payments, revisions, shipping, discounts of customers, promotion codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.billing.desk import Desk, billed

if TYPE_CHECKING:
    from tests.support.client import Api


async def test_lines_are_added_changed_and_removed(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk)
    path = f"/v1/invoices/{draft['id']}"
    waiting = await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "amount": 5, "currency": "usd"})
    added = await desk.ok(
        f"{path}/add_lines",
        {
            "lines": [
                {"description": "Setup", "amount": 200},
                {
                    "price_data": {"currency": "usd", "product_data": {"name": "Hat"}, "unit_amount": 30},
                    "quantity": 2,
                },
                {"invoice_item": waiting["id"]},
            ],
            "invoice_metadata": {"a": "b"},
        },
    )
    assert (added["total"], added["amount_due"], added["metadata"]) == (1265, 1265, {"a": "b"})
    by = {line["amount"]: line for line in added["lines"]["data"]}
    assert by[60]["description"] == "Hat"
    changed = await desk.ok(
        f"{path}/update_lines",
        {"lines": [{"id": by[200]["id"], "amount": 300, "description": "Bigger", "metadata": {"x": "y"}}]},
    )
    line = next(one for one in changed["lines"]["data"] if one["id"] == by[200]["id"])
    assert (line["amount"], line["description"], line["metadata"]) == (300, "Bigger", {"x": "y"})
    assert changed["total"] == 1365
    one = await desk.ok(f"{path}/lines/{by[60]['id']}", {"quantity": 3})
    assert (one["object"], one["amount"], one["quantity"]) == ("line_item", 90, 3)
    left = await desk.ok(
        f"{path}/remove_lines",
        {"lines": [{"id": by[5]["id"], "behavior": "unassign"}, {"id": by[60]["id"], "behavior": "delete"}]},
    )
    assert left["total"] == 1300
    pending = (await desk.get("/v1/invoiceitems", {"pending": True}))["data"]
    assert [item["id"] for item in pending] == [waiting["id"]]
    gone = await desk.refused(f"{path}/lines/{by[60]['id']}", {"quantity": 3})
    assert gone.status == 404
    taken = await desk.refused(f"{path}/add_lines", {"lines": [{"invoice_item": by[200]["parent"]
                                                                ["invoice_item_details"]["invoice_item"]}]})  # fmt: skip
    assert taken.error["param"] == "lines[0][invoice_item]"
    await desk.ok(f"{path}/finalize")
    for call in ("add_lines", "update_lines", "remove_lines"):
        wish: Any = {"lines": [{"id": by[200]["id"], "amount": 1, "behavior": "delete"}]}
        wish["lines"][0] = {key: value for key, value in wish["lines"][0].items()
                            if (key != "behavior" or call == "remove_lines") and (key != "id" or call != "add_lines")
                            and (key != "amount" or call != "remove_lines")}  # fmt: skip
        refused = await desk.refused(f"{path}/{call}", wish)
        assert refused.error["code"] == "invoice_not_editable", call


async def test_lines_of_subscriptions_and_told_taxes(api: Api) -> None:
    desk = await Desk(api).open()
    sub = await desk.subscribe()
    await api.advance("31d")
    await api.freeze(sub["items"]["data"][0]["current_period_end"] + 10)
    draft = await desk.get("/v1/invoices", {"subscription": sub["id"]})
    draft = draft["data"][0]
    if draft["status"] != "draft":
        draft = await billed(desk)
    path = f"/v1/invoices/{draft['id']}"
    line = draft["lines"]["data"][0]["id"]
    rate = {"display_name": "Duty", "percentage": 7, "inclusive": False}
    told = await desk.ok(f"{path}/lines/{line}", {"tax_amounts": [
        {"amount": 70, "taxable_amount": 1000, "tax_rate_data": rate, "taxability_reason": "reduced_rated"}]})  # fmt: skip
    assert [(tax["amount"], tax["taxability_reason"]) for tax in told["taxes"]] == [(70, "reduced_rated")]
    after = await desk.get(path)
    assert after["total"] == after["subtotal"] + 70


async def test_a_payment_made_elsewhere_is_attached(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk)
    path = f"/v1/invoices/{draft['id']}"
    closed = await desk.refused(f"{path}/attach_payment", {"payment_intent": "pi_x"})
    assert closed.error["message"].startswith("You can only pass in open invoices")
    await desk.ok(f"{path}/finalize")
    card = (await desk.get(f"/v1/customers/{desk.customer}"))["invoice_settings"]["default_payment_method"]
    wish = {"amount": 400, "currency": "usd", "customer": desk.customer, "payment_method": card,
            "allowed_payment_method_types": ["card"]}  # fmt: skip
    first = await desk.ok("/v1/payment_intents", {**wish, "confirm": True})
    part = await desk.ok(f"{path}/attach_payment", {"payment_intent": first["id"], "expand": ["payments"]})
    assert (part["status"], part["amount_paid"], part["amount_remaining"]) == ("open", 400, 600)
    later = await desk.ok("/v1/payment_intents", {**wish, "amount": 700})
    await desk.ok(f"{path}/attach_payment", {"payment_intent": later["id"]})
    await desk.news()
    await desk.ok(f"/v1/payment_intents/{later['id']}/confirm")
    done = await desk.get(path)
    assert (done["status"], done["amount_paid"], done["amount_remaining"], done["amount_overpaid"]) == (
        "paid", 1000, 0, 100,
    )  # fmt: skip
    news = await desk.news()
    assert news.count("invoice.paid") == news.count("invoice.overpaid") == news.count("invoice_payment.paid") == 1
    foreign = await desk.ok("/v1/payment_intents", {"amount": 400, "currency": "eur"})
    other = await desk.ok(f"/v1/invoices/{(await billed(desk))['id']}/finalize")
    refused = await desk.refused(f"/v1/invoices/{other['id']}/attach_payment", {"payment_intent": foreign["id"]})
    assert refused.error["param"] == "payment_intent"


async def test_a_revision_takes_the_place_of_an_invoice(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk)
    wish = {"from_invoice": {"invoice": draft["id"], "action": "revision"}}
    assert (await desk.refused("/v1/invoices", wish)).error["param"] == "from_invoice[invoice]"
    original = await desk.ok(f"/v1/invoices/{draft['id']}/finalize")
    revision = await desk.ok("/v1/invoices", wish)
    assert (revision["status"], revision["total"], revision["number"]) == ("draft", 1000, None)
    assert revision["from_invoice"] == {"action": "revision", "invoice": original["id"]}
    line = revision["lines"]["data"][0]
    assert (line["id"] != original["lines"]["data"][0]["id"], line["invoice"]) == (True, revision["id"])
    done = await desk.ok(f"/v1/invoices/{revision['id']}/finalize")
    assert done["status"] == "open"
    before = await desk.get(f"/v1/invoices/{original['id']}")
    assert (before["status"], before["latest_revision"]) == ("void", done["id"])


async def test_shipping_is_part_of_the_total(api: Api) -> None:
    desk = await Desk(api).open()
    data = {"display_name": "Post", "fixed_amount": {"amount": 250, "currency": "usd"}, "type": "fixed_amount"}
    draft = await billed(desk, shipping_cost={"shipping_rate_data": data})
    assert (draft["subtotal"], draft["total"], draft["amount_shipping"], draft["amount_due"]) == (1000, 1250, 250, 1250)
    rate = draft["shipping_cost"]["shipping_rate"]
    assert (await desk.get(f"/v1/shipping_rates/{rate}"))["display_name"] == "Post"
    path = f"/v1/invoices/{draft['id']}"
    off = await desk.ok(path, {"shipping_cost": ""})
    assert (off["total"], off["shipping_cost"], off["amount_shipping"]) == (1000, None, 0)
    again = await desk.ok(path, {"shipping_cost": {"shipping_rate": rate}})
    assert again["total"] == 1250
    opened = await desk.ok(f"{path}/finalize")
    note = await desk.ok("/v1/credit_notes", {"invoice": opened["id"], "shipping_cost": {"shipping_rate": rate}})
    assert (note["total"], note["amount_shipping"]) == (250, 250)


async def test_promotion_codes_hold_a_minimum(api: Api) -> None:
    desk = await Desk(api).open()
    coupon = await desk.ok("/v1/coupons", {"amount_off": 100, "currency": "usd", "duration": "once"})
    rules = {"minimum_amount": 2000, "minimum_amount_currency": "usd"}
    code = await desk.ok("/v1/promotion_codes", {
        "promotion": {"type": "coupon", "coupon": coupon["id"]}, "restrictions": rules})  # fmt: skip
    await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "amount": 1000, "currency": "usd"})
    wish = {"customer": desk.customer, "pending_invoice_items_behavior": "include",
            "discounts": [{"promotion_code": code["id"]}]}  # fmt: skip
    assert (await desk.refused("/v1/invoices", wish)).error["param"] == "discounts[0][promotion_code]"
    await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "amount": 1000, "currency": "usd"})
    assert (await desk.ok("/v1/invoices", wish))["total"] == 1900


async def test_a_negative_total_becomes_credit(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk, -700)
    assert (draft["total"], draft["amount_due"]) == (-700, 0)
    done = await desk.ok(f"/v1/invoices/{draft['id']}/finalize")
    assert (done["status"], done["ending_balance"], done["amount_due"]) == ("paid", -700, 0)
    entry = (await desk.get(f"/v1/customers/{desk.customer}/balance_transactions"))["data"][0]
    assert (entry["type"], entry["amount"], entry["ending_balance"]) == ("applied_to_invoice", -700, -700)
    used = await desk.ok(f"/v1/invoices/{(await billed(desk))['id']}/finalize")
    assert (used["starting_balance"], used["ending_balance"], used["amount_due"]) == (-700, 0, 300)


async def test_a_discount_of_the_customer_works_when_there_is_no_other(api: Api) -> None:
    desk = await Desk(api).open()
    space = await api.space()
    space.settings["email_receipts"] = True
    own = await desk.ok("/v1/coupons", {"percent_off": 50, "duration": "once"})
    other = await desk.ok("/v1/coupons", {"percent_off": 10, "duration": "once"})
    async with api.engine.store.begin(space.store_name) as uow:
        discount = {"id": "di_1", "object": "discount", "customer": desk.customer, "end": None, "start": 1,
                    "source": {"coupon": own["id"], "type": "coupon"}, "promotion_code": None}  # fmt: skip
        uow.put("customer", {**(await uow.get("customer", desk.customer) or {}), "discount": discount})
        await uow.commit()
    taken = await billed(desk, discounts=[{"coupon": other["id"]}])
    assert taken["total"] == 900
    await desk.ok(f"/v1/invoices/{taken['id']}/finalize")
    draft = await billed(desk)
    assert (draft["discounts"], draft["subtotal"], draft["total"]) == (["di_1"], 1000, 500)
    done = await desk.ok(f"/v1/invoices/{draft['id']}/pay")
    assert done["receipt_number"][4] == "-"
    assert (await desk.get(f"/v1/customers/{desk.customer}"))["discount"] is None
    assert (await billed(desk))["total"] == 1000
