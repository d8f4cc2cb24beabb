"""Invoices by hand: items, finalizing, paying, voiding, writing off, sending, deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.billing.desk import DECLINES, NEEDS_3DS, START, VISA, Desk, billed

if TYPE_CHECKING:
    from tests.support.client import Api


async def test_an_invoice_by_hand_from_draft_to_paid(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk)
    assert (draft["status"], draft["total"], draft["number"]) == ("draft", 1000, None)
    assert (draft["auto_advance"], draft["billing_reason"], draft["parent"]) == (False, "manual", None)
    assert draft["hosted_invoice_url"] is None
    path = f"/v1/invoices/{draft['id']}"
    opened = await desk.ok(f"{path}/finalize", {"expand": ["payments", "confirmation_secret"]})
    assert (opened["status"], opened["amount_due"], opened["status_transitions"]["finalized_at"]) == (
        "open",
        1000,
        START,
    )
    assert opened["payments"]["data"][0]["status"] == "open"
    assert opened["confirmation_secret"]["client_secret"].startswith("pi_")
    assert opened["hosted_invoice_url"].endswith("?s=ap")
    await desk.news()
    paid = await desk.ok(f"{path}/pay", {"expand": ["payments"]})
    assert (paid["status"], paid["amount_paid"], paid["attempt_count"]) == ("paid", 1000, 1)
    assert [one["status"] for one in paid["payments"]["data"]] == ["paid"]
    assert await desk.news() == [
        "charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]  # fmt: skip
    again = await desk.refused(f"{path}/pay")
    assert again.error["message"] == "Invoice is already paid"
    void = await desk.refused(f"{path}/void")
    assert void.error["message"] == "Invoices with `paid` payments cannot be voided."


async def test_a_draft_excludes_pending_items_unless_asked(api: Api) -> None:
    desk = await Desk(api).open()
    await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "amount": 500, "currency": "usd"})
    empty = await desk.ok("/v1/invoices", {"customer": desk.customer})
    assert (empty["total"], empty["lines"]["data"]) == (0, [])
    paid = await desk.ok(f"/v1/invoices/{empty['id']}/finalize")
    assert (paid["status"], paid["attempted"], paid["attempt_count"]) == ("paid", True, 0)
    other = await desk.ok("/v1/customers", {})
    wish = {"customer": other["id"], "pending_invoice_items_behavior": "include"}
    nothing = await desk.refused("/v1/invoices", wish)
    assert nothing.error["code"] == "invoice_no_customer_line_items"


async def test_a_small_sum_goes_to_the_balance(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk, 30)
    paid = await desk.ok(f"/v1/invoices/{draft['id']}/pay")
    assert (paid["status"], paid["amount_due"], paid["amount_paid"]) == ("paid", 0, 0)
    assert (await desk.get(f"/v1/customers/{desk.customer}"))["balance"] == 30


async def test_a_declined_payment_stays_open(api: Api) -> None:
    desk = await Desk(api).open(DECLINES)
    draft = await billed(desk)
    path = f"/v1/invoices/{draft['id']}"
    answer = await desk.refused(f"{path}/pay")
    assert (answer.status, answer.error["type"]) == (402, "card_error")
    after = await desk.get(path)
    assert (after["status"], after["attempted"], after["attempt_count"]) == ("open", True, 1)
    await desk.refused(f"{path}/pay")
    assert (await desk.get(path))["attempt_count"] == 1  # only the first attempt by hand counts


async def test_authentication_is_asked_for(api: Api) -> None:
    desk = await Desk(api).open(NEEDS_3DS)
    draft = await billed(desk)
    answer = await desk.refused(f"/v1/invoices/{draft['id']}/pay", {"off_session": False})
    assert (answer.status, answer.error["code"]) == (402, "invoice_payment_intent_requires_action")


async def test_paid_outside(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    draft = await billed(desk)
    paid = await desk.ok(f"/v1/invoices/{draft['id']}/pay", {"paid_out_of_band": True})
    assert (paid["status"], paid["attempted"], paid["attempt_count"], paid["auto_advance"]) == ("paid", False, 0, False)


async def test_without_a_payment_method_nothing_is_paid(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    draft = await billed(desk)
    await desk.news()
    answer = await desk.refused(f"/v1/invoices/{draft['id']}/pay")
    assert (answer.status, answer.error["code"]) == (400, "resource_missing")
    assert await desk.news() == ["customer.updated", "invoice.finalized", "payment_intent.created"]
    after = await desk.get(f"/v1/invoices/{draft['id']}", {"expand": ["payments"]})
    assert (after["status"], after["attempted"], after["attempt_count"]) == ("open", False, 0), "it stays finalized"
    assert (after["payments"]["data"][0]["status"], after["amount_remaining"]) == ("open", 1000)
    assert (await desk.refused(f"/v1/invoices/{draft['id']}/pay")).error["code"] == "resource_missing"
    assert await desk.news() == []
    await desk.card(VISA)
    paid = await desk.ok(f"/v1/invoices/{draft['id']}/pay")
    assert (paid["status"], paid["attempt_count"]) == ("paid", 1)


async def test_voiding_gives_the_balance_back(api: Api) -> None:
    desk = await Desk(api).open(balance=-400)
    draft = await billed(desk)
    path = f"/v1/invoices/{draft['id']}"
    early = await desk.refused(f"{path}/void")
    assert early.error["message"] == "You can only pass in open invoices. This invoice isn't open."
    opened = await desk.ok(f"{path}/finalize")
    assert opened["amount_due"] == 600
    voided = await desk.ok(f"{path}/void", {"expand": ["payments"]})
    assert (voided["status"], voided["total"], voided["payments"]["data"][0]["status"]) == ("void", 1000, "canceled")
    assert (await desk.get(f"/v1/customers/{desk.customer}"))["balance"] == -400


async def test_writing_off(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk)
    path = f"/v1/invoices/{draft['id']}"
    await desk.refused(f"{path}/mark_uncollectible")
    await desk.ok(f"{path}/finalize")
    assert (await desk.ok(f"{path}/mark_uncollectible"))["status"] == "uncollectible"
    again = await desk.refused(f"{path}/mark_uncollectible")
    assert again.error["message"] == "This invoice has already been marked uncollectible."
    assert (await desk.ok(f"{path}/pay"))["status"] == "paid"


async def test_only_an_invoice_to_be_sent_is_sent(api: Api) -> None:
    desk = await Desk(api).open()
    charged = await billed(desk)
    refused = await desk.refused(f"/v1/invoices/{charged['id']}/send")
    assert refused.error["message"].startswith("This invoice cannot be sent right now.")
    draft = await billed(desk, collection_method="send_invoice", days_until_due=5)
    assert draft["due_date"] == START + 5 * 86_400
    await desk.news()
    assert (await desk.ok(f"/v1/invoices/{draft['id']}/send"))["status"] == "open"
    assert (await desk.news())[-1] == "invoice.sent"
    for wish, message in (
        ({"collection_method": "send_invoice"}, "you must specify 'due_date' or 'days_until_due'."),
        ({"due_date": START + 9}, "if invoice collection method is 'send_invoice'."),
    ):
        answer = await desk.refused("/v1/invoices", {"customer": desk.customer, **wish})
        assert answer.error["message"].endswith(message)


async def test_a_deleted_draft_takes_its_items_along(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk)
    item = draft["lines"]["data"][0]["parent"]["invoice_item_details"]["invoice_item"]
    gone = await api.ok("DELETE", f"/v1/invoices/{draft['id']}")
    assert gone == {"id": draft["id"], "object": "invoice", "deleted": True}
    dead = await desk.refused(f"/v1/invoiceitems/{item}", method="GET")
    assert dead.error["message"] == "This invoice item has been deleted."
    other = await billed(desk)
    await desk.ok(f"/v1/invoices/{other['id']}/finalize")
    refused = await desk.refused(f"/v1/invoices/{other['id']}", method="DELETE")
    assert refused.error["message"] == "You can only delete draft invoices."


async def test_a_draft_changes_and_a_finalized_invoice_hardly_does(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk)
    path = f"/v1/invoices/{draft['id']}"
    await desk.ok("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "once"})
    changed = await desk.ok(path, {"description": "Thanks", "discounts": [{"coupon": "TEN"}], "auto_advance": True})
    assert (changed["description"], changed["total"]) == ("Thanks", 900)
    assert changed["automatically_finalizes_at"] == START + 3601
    await desk.ok(f"{path}/finalize")
    refused = await desk.refused(path, {"description": "No", "footer": "No"})
    assert (refused.error["message"], refused.error["param"]) == (
        "Finalized invoices can't be updated in this way", "description",
    )  # fmt: skip
    assert (await desk.ok(path, {"metadata": {"a": "b"}}))["metadata"] == {"a": "b"}
    refused = await desk.refused(f"{path}/finalize")
    assert refused.error["message"] == "This invoice is already finalized, you can't re-finalize a non-draft invoice."


async def test_drafts_that_advance_finalize_and_pay_themselves(api: Api) -> None:
    desk = await Desk(api).open()
    draft = await billed(desk, auto_advance=True)
    await api.advance("2h")
    assert (await desk.get(f"/v1/invoices/{draft['id']}"))["status"] == "paid"


async def test_items_of_a_price_and_by_hand(api: Api) -> None:
    desk = await Desk(api).open()
    product = await desk.ok(
        "/v1/products", {"name": "Setup", "default_price_data": {"currency": "usd", "unit_amount": 300}}
    )
    wish = {"customer": desk.customer, "pricing": {"price": product["default_price"]}, "quantity": 2}
    item = await desk.ok("/v1/invoiceitems", wish)
    assert (item["amount"], item["description"], item["invoice"]) == (600, "Setup", None)
    assert item["period"] == {"start": START, "end": START}
    draft = await desk.ok("/v1/invoices", {"customer": desk.customer, "pending_invoice_items_behavior": "include"})
    changed = await desk.ok(f"/v1/invoiceitems/{item['id']}", {"quantity": 3, "description": "More"})
    assert (changed["amount"], changed["invoice"]) == (900, draft["id"])
    assert (await desk.get(f"/v1/invoices/{draft['id']}"))["total"] == 900
    onto = await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "invoice": draft["id"], "amount": -100})
    assert (await desk.get(f"/v1/invoices/{draft['id']}"))["total"] == 800
    assert onto["discountable"] is False
    listed = await desk.get("/v1/invoiceitems", {"invoice": draft["id"]})
    assert {one["id"] for one in listed["data"]} == {item["id"], onto["id"]}
    gone = await api.ok("DELETE", f"/v1/invoiceitems/{onto['id']}")
    assert gone["deleted"] is True
    assert (await desk.get(f"/v1/invoices/{draft['id']}"))["total"] == 900
    await desk.ok(f"/v1/invoices/{draft['id']}/finalize")
    refused = await desk.refused(f"/v1/invoiceitems/{item['id']}", {"quantity": 1})
    assert (refused.error["code"], refused.error["message"]) == (
        "invoice_not_editable", "Invalid invoice: This invoice is no longer editable",
    )  # fmt: skip
    recurring = await desk.refused("/v1/invoiceitems", {"customer": desk.customer, "pricing": {"price": desk.price}})
    assert recurring.error["param"] == "pricing[price]"
    nothing = await desk.refused("/v1/invoiceitems", {"customer": desk.customer})
    assert nothing.status == 400


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_unknown_ids(api: Api, method: str) -> None:
    invoice = await api.call(method, "/v1/invoices/in_nope")
    assert (invoice.status, invoice.error["param"]) == (404, "invoice")
    item = await api.call(method, "/v1/invoiceitems/ii_nope")
    assert item.error["message"] == "No such Invoice Item: 'ii_nope'(livemode=false)"
    act = await api.post("/v1/invoices/in_nope/pay")
    assert (act.status, act.error["param"]) == (404, "id")
