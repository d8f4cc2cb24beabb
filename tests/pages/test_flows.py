"""Canceling, the reason, and taking it back, as plain forms without scripts."""

from __future__ import annotations

import asyncio

import pytest

from tests.pages.conftest import Portal
from tests.pages.fake_objects import REASONS

SUB = "subscriptions/sub_1FakeTeam"


async def test_cancel_at_period_end_with_a_reason(portal: Portal) -> None:
    ask = await portal.get(f"one/{SUB}/cancel")
    assert "<title>Cancel subscription · Billing · Northwind</title>" in ask.html
    for words in (
        "Confirm cancellation",
        "Cancel your subscription",
        "Your subscription will be canceled on August 25, 2024.",
        "If you cancel this subscription, it will still be available until the end of your billing period on August 25, 2024.",
        "$20.00 per month",
        "Go back",
    ):
        assert words in ask.text, words
    done = await portal.post(f"one/{SUB}/cancel")
    assert done.status == 303
    assert done.headers["Location"] == "/p/session/test_one?canceled=sub_1FakeTeam&done=canceled"
    home = await portal.get("one?canceled=sub_1FakeTeam&done=canceled")
    assert 'role="dialog"' in home.html
    assert "Subscription has been canceled" in home.text
    for reason in REASONS:
        assert home.has(f"cancel-reason-opt-{reason}")
    assert home.has("cancellation_reason_submit")
    assert home.has("cancellation_reason_cancel")
    told = await portal.post(f"one/{SUB}/reason", reason="other", comment=" too many buttons ")
    assert told.headers["Location"] == "/p/session/test_one?done=feedback"
    details = portal.world("one").subscriptions["sub_1FakeTeam"]["cancellation_details"]
    assert details == {"comment": "too many buttons", "feedback": "other", "reason": "cancellation_requested"}
    assert "Thank you for your feedback." in (await portal.get("one?done=feedback")).text
    assert 'role="dialog"' not in (await portal.get("one?canceled=sub_1FakeTeam")).html, "it is asked once"


async def test_the_free_text_belongs_to_other(portal: Portal) -> None:
    await portal.post(f"leaving/{SUB}/reason", reason="unused", comment="typed, then thought better of it")
    details = portal.world("leaving").subscriptions["sub_1FakeTeam"]["cancellation_details"]
    assert (details["feedback"], details["comment"]) == ("unused", None)


async def test_no_reason_given(portal: Portal) -> None:
    assert (await portal.post(f"leaving/{SUB}/reason")).headers["Location"] == "/p/session/test_leaving"
    assert portal.world("leaving").acts == []


async def test_cancel_immediately(portal: Portal) -> None:
    ask = await portal.get(f"immediate/{SUB}/cancel")
    assert "it ends right away" in ask.text
    assert "You get a credit for the time that is left." in ask.text
    await portal.post(f"immediate/{SUB}/cancel")
    home = await portal.get("immediate?canceled=sub_1FakeTeam")
    assert "You have no active subscriptions." in home.text
    assert 'role="dialog"' in home.html, "the reason is asked of an ended subscription too"


async def test_reasons_switched_off(portal: Portal) -> None:
    await portal.post(f"noreasons/{SUB}/cancel")
    home = await portal.get("noreasons?canceled=sub_1FakeTeam&done=canceled")
    assert 'role="dialog"' not in home.html
    assert 'role="status"' in home.html
    assert "Subscription has been canceled" in home.text


async def test_a_trial_ends_with_the_trial(portal: Portal) -> None:
    assert "until the end of your free trial on August 25, 2024" in (await portal.get(f"trial/{SUB}/cancel")).text


async def test_renew(portal: Portal) -> None:
    ask = await portal.get(f"leaving/{SUB}/renew")
    assert ask.has("confirm")
    assert "Renew subscription" in ask.text
    done = await portal.post(f"leaving/{SUB}/renew")
    assert (done.status, done.headers["Location"]) == (303, "/p/session/test_leaving?done=renewed")
    home = await portal.get("leaving?done=renewed")
    assert "Your subscription will continue." in home.text
    assert not home.has("subscription-cancel-at-period-end-badge")
    assert home.has("cancel-subscription")


@pytest.mark.parametrize("act, world", [("cancel", "one"), ("renew", "leaving")])
async def test_sent_twice_is_done_once(portal: Portal, act: str, world: str) -> None:
    replies = await asyncio.gather(*(portal.post(f"{world}/{SUB}/{act}") for _ in range(3)))
    assert {reply.status for reply in replies} == {303}
    assert len({reply.headers["Location"] for reply in replies}) == 1
    assert portal.world(world).acts == [act]


async def test_hidden_acts_typed_by_hand_are_refused(portal: Portal) -> None:
    for path in (f"viewonly/{SUB}/cancel", f"nothing/{SUB}/renew"):
        assert (await portal.get(path)).status == 403
    refused = await portal.post(f"viewonly/{SUB}/cancel")
    assert refused.status == 403
    assert portal.world("viewonly").acts == []


async def test_what_is_done_already_leads_home(portal: Portal) -> None:
    assert (await portal.get(f"leaving/{SUB}/cancel")).headers["Location"] == "/p/session/test_leaving"
    assert (await portal.get(f"one/{SUB}/renew")).headers["Location"] == "/p/session/test_one"


async def test_other_peoples_subscriptions_are_not_there(portal: Portal) -> None:
    for act in ("cancel", "renew"):
        assert (await portal.get(f"one/subscriptions/sub_1Bundle/{act}")).status == 404
        assert (await portal.post(f"one/subscriptions/sub_1Bundle/{act}")).status == 404
    assert (await portal.post("one/subscriptions/sub_1Bundle/reason", reason="unused")).status == 404
    assert 'role="dialog"' not in (await portal.get("one?canceled=sub_1Bundle")).html


async def test_merchants_own_reasons(portal: Portal) -> None:
    world = portal.world("leaving")
    around = world.around
    world.around = lambda: {**around(), "feedback_options": [{"id": "fo_1", "description": "My <cat> left"}]}  # type: ignore[method-assign]
    page = await portal.get("leaving?canceled=sub_1FakeTeam")
    assert page.has("cancel-reason-opt-fo_1")
    assert "My <cat> left" in page.text
    assert page.html.index("opt-fo_1") < page.html.index("opt-other")
