"""Discounts, taxes and totals of invoices."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.billing import amounts, discounting, dunning, taxes, totals
from emulator.billing.discounting import Reduction
from emulator.billing.pricing import SCALE, scaled

TEN = Reduction("di_ten", percent=10 * SCALE)
FIVE_OFF = Reduction("di_five", amount_off=500)


def line(amount: int, product: str = "prod_1", **more: Any) -> dict[str, Any]:
    """Return what of an invoice line the sums look at."""
    return {
        "id": f"il_{amount}_{product}", "amount": amount, "discountable": True, "discount_amounts": [], "taxes": [],
        "parent": {"subscription_item_details": None}, "pricing": {"price_details": {"product": product}}, **more,
    }  # fmt: skip


def rate(percent: float, *, inclusive: bool = False) -> dict[str, Any]:
    """Return a tax rate."""
    return {"id": f"txr_{percent}_{inclusive}", "percentage": percent, "inclusive": inclusive}


def test_an_amount_is_shared_with_the_remainder_on_the_last_line() -> None:
    assert discounting.taken(FIVE_OFF, [1000, 2000]) == [166, 334]
    assert discounting.taken(FIVE_OFF, [100, 200]) == [100, 200]
    assert discounting.taken(FIVE_OFF, [1000, -200, 0]) == [500, 0, 0]
    assert discounting.spread(7, [0, 0]) == [0, 0]


def test_discounts_stack_on_what_is_left() -> None:
    assert discounting.stacked([TEN, FIVE_OFF], [2500], ["prod_1"]) == [[250], [500]]
    assert discounting.stacked([FIVE_OFF, TEN], [2500], ["prod_1"]) == [[500], [200]]


def test_a_proration_as_the_docs_tell_it() -> None:
    """docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts: $10.00, 10% of the item, $2.00."""
    steps = [discounting.Step("di_item", percent=10 * SCALE), discounting.Step("di_all", off=200 * SCALE)]
    assert discounting.prorated(1000 * SCALE, 1, 1, steps) == discounting.Prorated(1000, 700, (100, 200))
    assert discounting.prorated(1000 * SCALE, 1, 1, steps, sign=-1) == discounting.Prorated(-1000, -700, (-100, -200))
    told = [{"discount": "di_item", "amount": 100}, {"discount": "di_all", "amount": 200}]
    parent = {"subscription_item_details": {"proration": True}}
    gross = line(1000, discount_amounts=told, discounts=["di_item"], discountable=False, parent=parent)
    sums = amounts.summed([gross], [TEN])
    assert (sums.fields["subtotal"], sums.fields["total"]) == (900, 700)
    assert sums.fields["total_discount_amounts"] == [
        {"amount": 100, "discount": "di_item"},
        {"amount": 200, "discount": "di_all"},
    ]
    assert (sums.lines[0]["discount_amounts"], sums.lines[0]["subtotal"]) == (told, 900)
    included = line(
        700,
        discount_amounts=[{"discount": "di_all", "amount": 0}],
        discounts=["di_item"],
        discountable=False,
        parent=parent,
    )
    sums = amounts.summed([included], [TEN])
    assert (sums.fields["subtotal"], sums.fields["total"], sums.fields["total_discount_amounts"]) == (700, 700, [])
    assert sums.lines[0]["discount_amounts"] == [{"discount": "di_all", "amount": 0}]


steps_of = st.lists(
    st.one_of(
        st.integers(1, 100).map(lambda one: discounting.Step("di", percent=one * SCALE)),
        st.integers(0, 10_000).map(lambda one: discounting.Step("di", off=one * SCALE)),
    ),
    max_size=4,
)


@given(cost=st.integers(0, 10_000_000), whole=st.integers(1, 10**7), data=st.data(), steps=steps_of)
def test_shares_of_a_proration_are_what_its_discounts_take(
    cost: int, whole: int, data: st.DataObject, steps: list[discounting.Step]
) -> None:
    seconds = data.draw(st.integers(0, whole))
    debit = discounting.prorated(cost * SCALE, whole, seconds, steps)
    assert debit.gross - sum(debit.shares) == debit.net
    assert 0 <= debit.net <= debit.gross
    assert min(debit.shares, default=0) >= 0
    credit = discounting.prorated(cost * SCALE, whole, seconds, steps, sign=-1)
    assert credit.gross - sum(credit.shares) == credit.net
    assert credit.gross <= credit.net <= 0
    assert abs(credit.net + debit.net) <= 1 + len(steps), "each rounding may part them by one"


@given(shares=st.lists(st.integers(0, 500), max_size=4), end=st.integers(1, 10**7), data=st.data())
def test_what_is_given_back_is_rounded_once(shares: list[int], end: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, end))
    back = discounting.credited(sum(shares) + 1000, shares, 0, end, at)
    assert back.net == discounting.credited(1000, (), 0, end, at).gross
    assert back.gross - sum(back.shares) == back.net


def test_a_coupon_for_some_products_leaves_the_others() -> None:
    only = Reduction("di_only", percent=50 * SCALE, products=frozenset({"prod_2"}))
    assert discounting.stacked([only], [1000, 1000], ["prod_1", "prod_2"]) == [[0, 500]]


@pytest.mark.parametrize(
    ("coupon", "wanted"),
    [
        ({"percent_off": 12.5}, Reduction("di_1", percent=scaled("12.5"))),
        ({"percent_off": None, "amount_off": 500, "currency": "usd"}, Reduction("di_1", amount_off=500)),
        (
            {
                "percent_off": None,
                "amount_off": 500,
                "currency": "eur",
                "currency_options": {"usd": {"amount_off": 600}},
            },
            Reduction("di_1", amount_off=600),
        ),
        ({"percent_off": None, "amount_off": 500, "currency": "eur"}, Reduction("di_1")),
        (
            {"percent_off": 1.0, "applies_to": {"products": ["prod_1"]}},
            Reduction("di_1", percent=SCALE, products=frozenset({"prod_1"})),
        ),
    ],
)
def test_reductions_of_coupons(coupon: dict[str, Any], wanted: Reduction) -> None:
    assert discounting.reduction("di_1", coupon, "usd") == wanted


@given(
    lines=st.lists(st.integers(-5000, 500_000), min_size=1, max_size=8), percent=st.integers(0, 100),
    off=st.integers(0, 300_000),
)  # fmt: skip
def test_discounts_never_go_below_zero_and_share_out_whole(lines: list[int], percent: int, off: int) -> None:
    found = [Reduction("a", percent=percent * SCALE), Reduction("b", amount_off=off)]
    shares = discounting.stacked(found, lines, [None] * len(lines))
    for index, amount in enumerate(lines):
        taken = sum(one[index] for one in shares)
        assert 0 <= taken <= max(0, amount)
    left = sum(max(0, amount) for amount in lines) - sum(shares[0])
    assert sum(shares[1]) == min(off, left)


def test_percentages_are_printed_with_a_point() -> None:
    assert discounting.percent_text(10 * SCALE) == "10.0"
    assert discounting.percent_text(scaled("33.333")) == "33.333"


def test_exclusive_tax_adds_and_inclusive_tax_is_carved_out() -> None:
    exclusive = taxes.of_line(1000, [taxes.rate_of(rate(19.0))])
    assert (taxes.added(exclusive), taxes.contained(exclusive)) == (190, 0)
    inclusive = taxes.of_line(1190, [taxes.rate_of(rate(19.0, inclusive=True))])
    assert (taxes.added(inclusive), taxes.contained(inclusive), inclusive[0].taxable) == (0, 190, 1000)
    both = taxes.of_line(1190, [taxes.rate_of(rate(19.0, inclusive=True)), taxes.rate_of(rate(5.0))])
    assert [tax.amount for tax in both] == [190, 50]


@given(base=st.integers(-100_000, 1_000_000), percent=st.integers(0, 10_000))
def test_net_and_inclusive_tax_make_the_price(base: int, percent: int) -> None:
    made = taxes.of_line(base, [taxes.Rate("txr_1", percent * SCALE // 100, inclusive=True)])
    assert made[0].taxable + made[0].amount == base


def test_sums_as_recorded() -> None:
    # an item's own 50 % lowers the subtotal, an invoice's 10 % only the total (facts billing 7.2)
    own = amounts.summed([line(1900)], [], {"il_1900_prod_1": [Reduction("di_own", percent=50 * SCALE)]})
    assert (own.fields["subtotal"], own.fields["total"], own.lines[0]["subtotal"]) == (950, 950, 950)
    whole = amounts.summed([line(2500)], [TEN])
    assert (whole.fields["subtotal"], whole.fields["total"]) == (2500, 2250)
    assert whole.fields["total_discount_amounts"] == [{"amount": 250, "discount": "di_ten"}]
    assert whole.fields["total_pretax_credit_amounts"][0]["type"] == "discount"


def test_sums_with_taxes_are_added_up_by_rate() -> None:
    rates = {"il_1000_prod_1": [rate(10.0)], "il_2000_prod_1": [rate(10.0)]}
    sums = amounts.summed([line(1000), line(2000)], [], {}, rates)
    assert sums.fields["total"] == 3300
    assert sums.fields["total_excluding_tax"] == 3000
    assert [(tax["amount"], tax["taxable_amount"]) for tax in sums.fields["total_taxes"]] == [(300, 3000)]
    assert sums.lines[0]["taxes"][0]["taxability_reason"] == "not_available"


def test_lines_that_cannot_be_discounted_are_left_alone() -> None:
    fixed = line(-500, "prod_2", discountable=False)
    own = {fixed["id"]: [TEN]}
    sums = amounts.summed([line(1000), fixed], [TEN], own)
    assert sums.fields["total"] == 400
    assert sums.lines[1]["discount_amounts"] == []


def test_a_line_without_pricing_can_be_discounted() -> None:
    assert amounts.summed([line(1000, pricing=None)], [TEN]).fields["total"] == 900


def test_plain_sums() -> None:
    assert amounts.summed([line(1000), line(-300)]).fields["total"] == 700
    assert amounts.plain(()).fields["total"] == 0


def test_sums_with_inclusive_tax() -> None:
    found = totals.of_lines([totals.Line(1190, tax_contained=190), totals.Line(1000, 100, 90, tax_added=81)])
    assert found == totals.Totals(subtotal=2090, subtotal_excluding_tax=1900, total=2081, total_excluding_tax=1810)


@pytest.mark.parametrize(
    ("total", "balance", "wanted"),
    [
        (1000, 0, totals.Due(1000, 0)),
        (1000, -300, totals.Due(700, 0)),
        (1000, -1500, totals.Due(0, -500)),
        (-334, 0, totals.Due(0, -334)),
        (1000, 200, totals.Due(1200, 0)),
        (49, 0, totals.Due(0, 49, "invoice_too_small")),
        (0, 0, totals.Due(0, 0)),
        (99_999_999, 0, totals.Due(99_999_999, 0)),
        (100_000_000, 0, totals.Due(0, 100_000_000, "invoice_too_large")),
        (99_999_999, 1, totals.Due(0, 100_000_000, "invoice_too_large")),
        (100_000_000, -1, totals.Due(99_999_999, 0)),
    ],
)
def test_what_is_due(total: int, balance: int, wanted: totals.Due) -> None:
    assert totals.due(total, balance, "usd") == wanted


def test_small_sums_that_nobody_charges_are_due() -> None:
    assert totals.due(49, 0, "usd", chargeable=False).amount_due == 49
    assert totals.due(1, 0, "xyz").amount_due == 1


def test_retries_end() -> None:
    assert dunning.next_attempt(0, 1) == 3 * 86_400
    assert dunning.next_attempt(0, 3) == 7 * 86_400
    assert dunning.next_attempt(0, 4) is None
    assert dunning.next_attempt(0, 0) is None
    assert dunning.next_attempt(0, 1, {"retry_days": [1]}) == 86_400
    assert dunning.final_act() == "cancel"
    assert dunning.final_act({"then": "unpaid"}) == "unpaid"
