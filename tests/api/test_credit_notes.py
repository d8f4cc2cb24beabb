"""Credit notes: before and after the payment, lines, taxes, refunds, balance, void, preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.billing.desk import START, Desk, billed

if TYPE_CHECKING:
    from tests.support.client import Api

NOTES = "/v1/credit_notes"


async def opened(desk: Desk, amount: int = 1000, **params: Any) -> Any:
    draft = await billed(desk, amount, **params)
    return await desk.ok(f"/v1/invoices/{draft['id']}/finalize")


async def paid(desk: Desk, amount: int = 1000, **params: Any) -> Any:
    draft = await billed(desk, amount, **params)
    return await desk.ok(f"/v1/invoices/{draft['id']}/pay")


async def test_a_note_on_an_open_invoice_lowers_what_is_owed(api: Api) -> None:
    desk = await Desk(api).open()
    invoice = await opened(desk)
    await desk.news()
    note = await desk.ok(NOTES, {"invoice": invoice["id"], "amount": 300, "memo": "Sorry", "reason": "order_change"})
    assert (note["number"], note["type"], note["status"]) == (f"{invoice['number']}-CN-01", "pre_payment", "issued")
    assert (note["pre_payment_amount"], note["post_payment_amount"], note["amount"]) == (300, 0, 300)
    assert (note["memo"], note["reason"], note["effective_at"]) == ("Sorry", "order_change", START)
    assert note["pdf"].endswith("/pdf?s=ap")
    after = await desk.get(f"/v1/invoices/{invoice['id']}", {"expand": ["payments.data.payment.payment_intent"]})
    assert (after["amount_due"], after["amount_remaining"], after["pre_payment_credit_notes_amount"]) == (700, 700, 300)
    payment = after["payments"]["data"][0]
    assert (payment["amount_requested"], payment["payment"]["payment_intent"]["amount"]) == (700, 700)
    assert await desk.news() == ["credit_note.created", "invoice.updated"]
    voided = await desk.ok(f"{NOTES}/{note['id']}/void")
    assert (voided["status"], voided["voided_at"]) == ("void", START)
    assert (await desk.get(f"/v1/invoices/{invoice['id']}"))["amount_remaining"] == 1000
    assert (await desk.news())[:2] == ["credit_note.updated", "credit_note.voided"]
    assert (await desk.refused(f"{NOTES}/{note['id']}/void")).status == 400
    second = await desk.ok(NOTES, {"invoice": invoice["id"], "amount": 1000})
    assert second["number"].endswith("-CN-02")
    done = await desk.get(f"/v1/invoices/{invoice['id']}")
    assert (done["status"], done["amount_paid"], done["amount_remaining"], done["attempted"]) == ("paid", 0, 0, False)
    assert await desk.news() == [
        "credit_note.created", "payment_intent.canceled", "invoice.paid", "invoice.payment_succeeded",
    ]  # fmt: skip


async def test_a_note_on_a_paid_invoice_gives_money_back(api: Api) -> None:
    desk = await Desk(api).open()
    invoice = await paid(desk)
    await desk.news()
    wish = {"invoice": invoice["id"], "amount": 600, "refund_amount": 400, "credit_amount": 150}
    assert "must equal" in (await desk.refused(NOTES, wish)).error["message"]
    note = await desk.ok(NOTES, {**wish, "out_of_band_amount": 50})
    assert (note["type"], note["post_payment_amount"], note["out_of_band_amount"]) == ("post_payment", 600, 50)
    assert note["refunds"][0]["amount_refunded"] == 400
    assert (await desk.get(f"/v1/refunds/{note['refunds'][0]['refund']}"))["amount"] == 400
    assert (await desk.get(f"/v1/customers/{desk.customer}"))["balance"] == -150
    entry = (await desk.get(f"/v1/customers/{desk.customer}/balance_transactions"))["data"][0]
    assert (entry["type"], entry["credit_note"], entry["id"]) == (
        "credit_note", note["id"], note["customer_balance_transaction"],
    )  # fmt: skip
    after = await desk.get(f"/v1/invoices/{invoice['id']}")
    assert (after["post_payment_credit_notes_amount"], after["amount_paid"], after["status"]) == (600, 1000, "paid")
    news = await desk.news()
    assert {"refund.created", "charge.refunded", "customer.updated"} <= set(news)
    assert news[-2:] == ["credit_note.created", "invoice.updated"]
    over = await desk.refused(NOTES, {"invoice": invoice["id"], "amount": 500, "refund_amount": 500})
    assert over.error["param"] == "amount"
    assert (await desk.refused(f"{NOTES}/{note['id']}/void")).status == 400
    listed = await desk.get(NOTES, {"invoice": invoice["id"]})
    assert [one["id"] for one in listed["data"]] == [note["id"]]
    changed = await desk.ok(f"{NOTES}/{note['id']}", {"memo": "x", "metadata": {"a": "b"}})
    assert (changed["memo"], changed["metadata"]) == ("x", {"a": "b"})


async def test_lines_carry_their_share_of_discounts_and_taxes(api: Api) -> None:
    desk = await Desk(api).open()
    rate = await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 20, "inclusive": False})
    coupon = await desk.ok("/v1/coupons", {"percent_off": 10, "duration": "once"})
    invoice = await opened(desk, 1000, discounts=[{"coupon": coupon["id"]}], default_tax_rates=[rate["id"]])
    assert invoice["total"] == 1080
    line = invoice["lines"]["data"][0]["id"]
    wish = {
        "invoice": invoice["id"],
        "lines": [{"type": "invoice_line_item", "invoice_line_item": line, "amount": 500}],
    }
    seen = await desk.get(f"{NOTES}/preview", wish)
    assert (seen["subtotal"], seen["discount_amount"], seen["total"]) == (500, 50, 540)
    assert seen["total_taxes"][0]["amount"] == 90
    assert (await desk.get(NOTES))["data"] == []
    rows = (await desk.get(f"{NOTES}/preview/lines", wish))["data"]
    assert [(one["amount"], one["invoice_line_item"]) for one in rows] == [(500, line)]
    free = {"type": "custom_line_item", "description": "Goodwill", "quantity": 2, "unit_amount": 50,
            "tax_rates": [rate["id"]]}  # fmt: skip
    note = await desk.ok(NOTES, {"invoice": invoice["id"], "lines": [*wish["lines"], free]})
    assert (note["subtotal"], note["total"]) == (600, 540 + 120)
    rows = (await desk.get(f"{NOTES}/{note['id']}/lines"))["data"]
    assert [one["type"] for one in rows] == ["invoice_line_item", "custom_line_item"]
    unknown = {"invoice": invoice["id"], "lines": [{"type": "invoice_line_item", "invoice_line_item": "il_x"}]}
    assert (await desk.refused(NOTES, unknown)).error["param"] == "lines[0][invoice_line_item]"


async def test_what_cannot_be_credited(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk)
    assert (await desk.refused(NOTES, {"invoice": draft["id"], "amount": 1})).error["param"] == "invoice"
    invoice = await desk.ok(f"/v1/invoices/{draft['id']}/finalize")
    assert (await desk.refused(NOTES, {"invoice": invoice["id"]})).status == 400
    assert (await desk.refused(NOTES, {"invoice": invoice["id"], "amount": 0})).status == 400
    assert (await desk.refused(NOTES, {"invoice": invoice["id"], "amount": 1001})).status == 400
    out = await desk.ok(f"/v1/invoices/{invoice['id']}/pay", {"paid_out_of_band": True})
    none = await desk.refused(NOTES, {"invoice": out["id"], "amount": 10, "refund_amount": 10})
    assert none.error["param"] == "refund_amount"


async def refunded(desk: Desk, invoice: Any, *amounts: int) -> list[str]:
    """Refund parts of the payment of an invoice and return the refunds' ids."""
    payments = (await desk.get("/v1/invoice_payments", {"invoice": invoice["id"]}))["data"]
    intent = payments[0]["payment"]["payment_intent"]
    return [(await desk.ok("/v1/refunds", {"payment_intent": intent, "amount": one}))["id"] for one in amounts]


async def test_several_refunds_are_linked(api: Api) -> None:
    desk = await Desk(api).open()
    invoice = await paid(desk)
    one, two = await refunded(desk, invoice, 300, 200)
    links: list[Any] = [{"refund": one}, {"type": "refund", "refund": two, "amount_refunded": 150}]
    wish = {"invoice": invoice["id"], "amount": 600, "credit_amount": 50, "out_of_band_amount": 25, "refund_amount": 75}
    seen = await desk.get(f"{NOTES}/preview", {**wish, "refunds": links})
    assert [entry["amount_refunded"] for entry in seen["refunds"]] == [300, 150]
    note = await desk.ok(NOTES, {**wish, "refunds": links})
    assert [(entry["type"], entry["amount_refunded"]) for entry in note["refunds"]] == [
        ("refund", 300), ("refund", 150), ("refund", 75),
    ]  # fmt: skip
    assert [entry["refund"] for entry in note["refunds"]][:2] == [one, two]
    assert (note["post_payment_amount"], note["pre_payment_amount"], note["type"]) == (600, 0, "post_payment")
    # What is left of the second refund, and no more, may be told by another note.
    again = {"invoice": invoice["id"], "amount": 60, "refunds": [{"refund": two, "amount_refunded": 60}]}
    assert (await desk.refused(NOTES, again)).error["param"] == "refunds[0][amount_refunded]"
    rest = await desk.ok(NOTES, {"invoice": invoice["id"], "amount": 50, "refunds": [{"refund": two}]})
    assert rest["refunds"][0]["amount_refunded"] == 50
    done = await desk.get(f"/v1/invoices/{invoice['id']}")
    assert done["post_payment_credit_notes_amount"] == 650


async def test_older_callers_link_one_refund(api: Api) -> None:
    desk = await Desk(api).open()
    invoice = await paid(desk)
    (refund,) = await refunded(desk, invoice, 300)
    older = {"Stripe-Version": "2025-02-24.acacia"}
    note = await desk.ok(NOTES, {"invoice": invoice["id"], "amount": 300, "refund": refund}, headers=older)
    assert (note["refund"], note["tax_amounts"], note["refunds"][0]["refund"]) == (refund, [], refund)
    unknown = await api.post(NOTES, {"invoice": invoice["id"], "amount": 1, "refund": "re_nothing"}, headers=older)
    assert (unknown.status, unknown.error["param"]) == (400, "refund")


async def test_what_was_paid_goes_somewhere_all_of_it(api: Api) -> None:
    desk = await Desk(api).open()
    invoice, other = await paid(desk), await paid(desk, 500)
    (mine,), (foreign,) = await refunded(desk, invoice, 100), await refunded(desk, other, 100)
    await desk.news()
    wish = {"invoice": invoice["id"], "amount": 500}
    sums = await desk.refused(NOTES, {**wish, "credit_amount": 100, "refunds": [{"refund": mine}]})
    assert sums.error["message"] == (
        "The sum of refunds, credit amount, and out of band amount ($2.00) must equal the credit note "
        "post_payment_amount ($5.00)."
    )
    for given, status, param in (
        ({"refund_amount": 700, "credit_amount": -200}, 400, "credit_amount"),
        ({"refund_amount": -1}, 400, "refund_amount"),
        ({"out_of_band_amount": -500}, 400, "out_of_band_amount"),
        ({"refunds": [{"refund": "re_nothing"}]}, 400, "refunds[0][refund]"),
        ({"refunds": [{"amount_refunded": 500}]}, 400, "refunds[0][refund]"),
        ({"refunds": [{"refund": foreign}]}, 400, "refunds[0][refund]"),
        ({"refunds": [{"refund": mine, "amount_refunded": 500}]}, 400, "refunds[0][amount_refunded]"),
        ({"refunds": [{"refund": mine, "amount_refunded": 0}]}, 400, "refunds[0][amount_refunded]"),
        ({"refunds": [{"refund": mine}, {"refund": mine}]}, 400, "refunds[1][amount_refunded]"),
        ({"refunds": [{"type": "payment_record_refund", "refund": mine}]}, 501, None),
    ):
        refused = await desk.refused(NOTES, {**wish, **given})
        assert (refused.status, refused.error.get("param")) == (status, param), given
    # Of what was refunded without a note nothing is refunded again.
    over = await desk.refused(NOTES, {"invoice": invoice["id"], "amount": 950, "refund_amount": 950})
    assert over.error["message"] == "Refund amount ($9.50) is greater than unrefunded amount on charge ($9.00)"
    assert await desk.news() == [], "a refusal leaves nothing"


async def test_taxes_may_be_told(api: Api) -> None:
    desk = await Desk(api).open()
    rate = (await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 20, "inclusive": False}))["id"]
    invoice = await opened(desk, 1000, default_tax_rates=[rate])
    line = {"type": "invoice_line_item", "invoice_line_item": invoice["lines"]["data"][0]["id"], "amount": 500,
            "tax_amounts": [{"amount": 70, "tax_rate": rate, "taxable_amount": 350}]}  # fmt: skip
    note = await desk.ok(NOTES, {"invoice": invoice["id"], "lines": [line]})
    assert (note["total"], note["total_taxes"][0]["amount"], note["total_taxes"][0]["taxable_amount"]) == (570, 70, 350)
    both = await desk.refused(NOTES, {"invoice": invoice["id"], "lines": [{**line, "tax_rates": [rate]}]})
    assert both.error["param"] == "lines[0][tax_amounts]"
