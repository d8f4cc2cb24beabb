"""Portal configurations: defaults, partial updates, clearing, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.documents import Doc, changed, patched
from emulator.kernel.errors import StripeError
from emulator.portal.settings import configurations
from emulator.portal.urls import account_of

MINIMAL: Doc = {"features": {"invoice_history": {"enabled": True}}}
BPC = configurations.KIND


def updating(*products: Doc, **more: Any) -> Doc:
    update = {"default_allowed_updates": ["price"], "enabled": True, "products": list(products), **more}
    return {"features": {"payment_method_update": {"enabled": True}, "subscription_update": update}}


def entry(*prices: str, product: str = "prod_1", **more: Any) -> Doc:
    return {"prices": list(prices), "product": product, **more}


EVERYTHING: Doc = {
    "business_profile": {
        "headline": "Hello",
        "privacy_policy_url": "https://a.test/p",
        "terms_of_service_url": "https://a.test/t",
    },
    "default_return_url": "http://localhost:3000/account",
    "features": {
        "customer_update": {"allowed_updates": ["email", "tax_id"], "enabled": True},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True, "payment_method_configuration": "pmc_1"},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": True, "options": ["other"]},
            "enabled": True,
            "mode": "immediately",
            "proration_behavior": "create_prorations",
        },
        "subscription_pause": {
            "duration": {
                "interval_options": [{"interval": "month"}, {"interval": "week", "interval_count": 6}],
                "type": "interval_options",
            },
            "enabled": True,
        },
        "subscription_update": {
            "billing_cycle_anchor": "now",
            "default_allowed_updates": ["price", "quantity", "promotion_code"],
            "enabled": True,
            "products": [
                entry("price_month", "price_year", adjustable_quantity={"enabled": True, "minimum": 3}),
                entry("price_other", product="prod_2"),
            ],
            "proration_behavior": "always_invoice",
            "schedule_at_period_end": {"conditions": [{"type": "shortening_interval"}]},
            "trial_update_behavior": "continue_trial",
        },
    },
    "login_page": {"enabled": True},
    "metadata": {"team": "a"},
    "name": "Plans",
}


async def create(ctx: Any, params: Doc) -> Doc:
    return await configurations.create(ctx, {}, params)


async def update(ctx: Any, id: str, params: Doc) -> Doc:
    return await configurations.update(ctx, {"configuration": id}, params)


async def refused(ctx: Any, params: Doc) -> StripeError:
    with pytest.raises(StripeError) as caught:
        await create(ctx, params)
    return caught.value


async def test_a_minimal_create_gets_the_recorded_defaults(ctx: Any) -> None:
    made = await create(ctx, MINIMAL)
    assert (made["active"], made["is_default"], made["metadata"], made["name"]) == (True, False, {}, None)
    features = made["features"]
    assert features["invoice_history"] == {"enabled": True}
    assert features["customer_update"] == {"allowed_updates": [], "enabled": False}
    assert features["payment_method_update"] == {"enabled": False, "payment_method_configuration": None}
    cancel = features["subscription_cancel"]
    assert (cancel["enabled"], cancel["mode"], cancel["proration_behavior"]) == (False, "at_period_end", "none")
    options = ["too_expensive", "missing_features", "switched_service", "unused", "other"]
    assert cancel["cancellation_reason"] == {"enabled": False, "feedback_options": [], "options": options}
    pause = {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": False}
    assert features["subscription_pause"] == pause
    assert features["subscription_update"]["trial_update_behavior"] == "end_trial"
    assert made["login_page"] == {"enabled": False, "url": None}
    assert made["created"] == made["updated"] == ctx.now


async def test_all_parameters_are_kept(ctx: Any) -> None:
    ctx.put("payment_method_configuration", {"id": "pmc_1"})
    made = await create(ctx, EVERYTHING)
    for name in ("business_profile", "default_return_url", "metadata", "name"):
        assert made[name] == EVERYTHING[name]
    features = made["features"]
    assert features["payment_method_update"]["payment_method_configuration"] == "pmc_1"
    assert features["subscription_cancel"]["mode"] == "immediately"
    assert features["subscription_cancel"]["cancellation_reason"]["options"] == ["other"]
    assert features["subscription_pause"]["duration"] == {
        "interval_options": [{"interval": "month", "interval_count": 1}, {"interval": "week", "interval_count": 6}],
        "type": "interval_options",
    }
    assert features["subscription_update"]["products"] == [
        {
            "adjustable_quantity": {"enabled": True, "maximum": None, "minimum": 3},
            "prices": ["price_month", "price_year"],
            "product": "prod_1",
        },
        {
            "adjustable_quantity": {"enabled": True, "maximum": None, "minimum": 1},
            "prices": ["price_other"],
            "product": "prod_2",
        },
    ]
    assert features["subscription_update"]["schedule_at_period_end"] == {
        "conditions": [{"type": "shortening_interval"}]
    }


async def test_the_default_templates_are_never_changed_by_a_create(ctx: Any) -> None:
    await create(ctx, {"features": {"subscription_cancel": {"enabled": True, "mode": "immediately"}}})
    assert configurations.FEATURES["subscription_cancel"]["mode"] == "at_period_end"


async def test_an_update_touches_what_it_names_and_moves_updated(ctx: Any) -> None:
    made = await create(ctx, MINIMAL)
    ctx.now += 60
    after = await update(ctx, made["id"], {"features": {"subscription_cancel": {"mode": "immediately"}}})
    assert after["updated"] == made["updated"] + 60
    expected = {"features": {"subscription_cancel": {"mode": "immediately"}}, "updated": ctx.now}
    assert after == patched(made, expected)
    assert made["features"]["subscription_cancel"]["mode"] == "at_period_end"


async def test_an_update_that_changes_nothing_writes_nothing(ctx: Any) -> None:
    made = await create(ctx, MINIMAL)
    ctx.puts.clear()
    assert await update(ctx, made["id"], MINIMAL) == made
    assert ctx.puts == []


async def test_what_null_clears(ctx: Any) -> None:
    full = patched(
        updating(entry("price_month"), schedule_at_period_end={"conditions": [{"type": "shortening_interval"}]}),
        {
            "business_profile": {"headline": "Hi", "privacy_policy_url": "https://a.test/p"},
            "default_return_url": "https://a.test",
            "features": {"customer_update": {"allowed_updates": ["email"], "enabled": True}},
            "metadata": {"a": "1", "b": "2"},
            "name": "N",
        },
    )
    made = await create(ctx, full)
    after = await update(
        ctx,
        made["id"],
        {
            "business_profile": {"headline": None, "privacy_policy_url": None},
            "default_return_url": None,
            "features": {
                "customer_update": {"allowed_updates": None},
                "subscription_update": {
                    "default_allowed_updates": None,
                    "enabled": False,
                    "products": None,
                    "schedule_at_period_end": {"conditions": None},
                },
            },
            "metadata": {"a": None},
            "name": None,
        },
    )
    assert after["business_profile"]["headline"] is None
    assert (after["default_return_url"], after["name"], after["metadata"]) == (None, None, {"b": "2"})
    assert after["features"]["customer_update"] == {"allowed_updates": [], "enabled": True}
    update_feature = after["features"]["subscription_update"]
    assert (update_feature["products"], update_feature["default_allowed_updates"]) == ([], [])
    assert update_feature["schedule_at_period_end"] == {"conditions": []}
    assert (await update(ctx, made["id"], {"metadata": None}))["metadata"] == {}


async def test_e3_updates_need_payment_method_management(ctx: Any) -> None:
    params = updating(entry("price_month"))
    del params["features"]["payment_method_update"]
    error = await refused(ctx, params)
    assert error.message == "Cannot enable subscription updates while payment method update is disabled."
    made = await create(ctx, updating(entry("price_month")))
    with pytest.raises(StripeError, match="Cannot enable subscription updates"):
        await update(ctx, made["id"], {"features": {"payment_method_update": {"enabled": False}}})


async def test_e10_one_price_per_interval_of_a_product(ctx: Any) -> None:
    ctx.put("price", {**ctx.get("price", "price_month"), "id": "price_again"})
    error = await refused(ctx, updating(entry("price_month", "price_again")))
    assert error.message == "For each product, its price must have unique billing intervals."
    await refused(ctx, updating(entry("price_month"), entry("price_again")))
    quarter = {"interval": "month", "interval_count": 3, "usage_type": "licensed"}
    ctx.put("price", {**ctx.get("price", "price_month"), "id": "price_quarter", "recurring": quarter})
    assert await create(ctx, updating(entry("price_month", "price_quarter")))


@pytest.mark.parametrize(
    "fields",
    [
        {"active": False},
        {"billing_scheme": "tiered"},
        {"recurring": {"interval": "month", "interval_count": 1, "usage_type": "metered"}},
        {"recurring": None},
    ],
)
async def test_e11_only_active_per_unit_licensed_prices(ctx: Any, fields: Doc) -> None:
    ctx.put("price", {**ctx.get("price", "price_month"), **fields})
    error = await refused(ctx, updating(entry("price_month")))
    assert error.message == "Only active, per unit licensed prices are supported."


async def test_e12_updates_need_products(ctx: Any) -> None:
    error = await refused(ctx, updating())
    assert (error.code, error.param) == ("parameter_missing", "features[subscription_update][products]")


async def test_e13_headline_length(ctx: Any) -> None:
    error = await refused(ctx, {**MINIMAL, "business_profile": {"headline": "x" * 61}})
    assert error.message == f"Invalid string: {'x' * 61}; must be at most 60 characters"
    assert error.param == "business_profile[headline]"
    assert await create(ctx, {**MINIMAL, "business_profile": {"headline": "x" * 60}})


async def test_e19_cancellations_are_not_invoiced_at_once(ctx: Any) -> None:
    cancel = {"enabled": True, "proration_behavior": "always_invoice"}
    error = await refused(ctx, {"features": {"subscription_cancel": cancel}})
    assert error.param == "features[subscription_cancel][proration_behavior]"


@pytest.mark.parametrize(
    "params,param",
    [
        ({"default_return_url": "nowhere"}, "default_return_url"),
        ({"business_profile": {"privacy_policy_url": "ftp://a.test"}}, "business_profile[privacy_policy_url]"),
        ({"business_profile": {"terms_of_service_url": "https://"}}, "business_profile[terms_of_service_url]"),
    ],
)
async def test_addresses_are_checked(ctx: Any, params: Doc, param: str) -> None:
    error = await refused(ctx, {**MINIMAL, **params})
    assert (error.message, error.code, error.param) == ("Not a valid URL", "url_invalid", param)


async def test_unknown_parts_of_the_catalogue(ctx: Any) -> None:
    error = await refused(ctx, updating(entry("price_nope")))
    assert error.message == "No such price: 'price_nope'"
    assert error.param == "features[subscription_update][products][0][prices][0]"
    error = await refused(ctx, updating(entry("price_month", product="prod_nope")))
    assert error.param == "features[subscription_update][products][0][product]"
    error = await refused(ctx, updating(entry("price_other")))
    assert error.message == "The price `price_other` does not belong to the product `prod_1`."
    error = await refused(
        ctx, {"features": {"payment_method_update": {"enabled": True, "payment_method_configuration": "pmc_no"}}}
    )
    assert error.code == "resource_missing"


async def test_ten_products_at_most(ctx: Any) -> None:
    entries = []
    for n in range(11):
        ctx.put("product", {"id": f"prod_x{n}"})
        ctx.put("price", {**ctx.get("price", "price_month"), "id": f"price_x{n}", "product": f"prod_x{n}"})
        entries.append(entry(f"price_x{n}", product=f"prod_x{n}"))
    assert await create(ctx, updating(*entries[:10]))
    error = await refused(ctx, updating(*entries))
    assert error.message == "Array features[subscription_update][products] exceeded maximum 10 allowed elements."


@pytest.mark.parametrize("bounds", [{"minimum": 5, "maximum": 4}, {"minimum": -1}])
async def test_quantity_bounds_must_make_sense(ctx: Any, bounds: Doc) -> None:
    error = await refused(ctx, updating(entry("price_month", adjustable_quantity={"enabled": True, **bounds})))
    assert error.param == "features[subscription_update][products][0][adjustable_quantity][maximum]"


async def test_how_long_a_pause_may_be_offered(ctx: Any) -> None:
    def pausing(**duration: Any) -> Doc:
        return {"features": {"subscription_pause": {"duration": duration, "enabled": True}}}

    error = await refused(ctx, pausing(type="interval_options"))
    assert error.code == "parameter_missing"
    too_long = [{"interval": "year", "interval_count": 4}]
    error = await refused(ctx, pausing(type="interval_options", interval_options=too_long))
    assert error.param == "features[subscription_pause][duration][interval_options][0][interval_count]"
    longest = [{"interval": "month", "interval_count": 36}]
    made = await create(ctx, pausing(type="interval_options", interval_options=longest))
    after = await update(ctx, made["id"], pausing(type="indefinite"))
    assert after["features"]["subscription_pause"]["duration"] == {"interval_options": [], "type": "indefinite"}


async def test_feedback_options_must_be_there_and_active(ctx: Any) -> None:
    def asking(*ids: str) -> Doc:
        reason = {"enabled": True, "feedback_options": list(ids), "options": ["other"]}
        return {"features": {"subscription_cancel": {"cancellation_reason": reason, "enabled": True}}}

    assert (await refused(ctx, asking("fo_1"))).code == "resource_missing"
    ctx.put("billing.feedback_option", {"id": "fo_1", "status": "active"})
    made = await create(ctx, asking("fo_1"))
    assert made["features"]["subscription_cancel"]["cancellation_reason"]["feedback_options"] == ["fo_1"]
    ctx.put("billing.feedback_option", {"id": "fo_1", "status": "inactive"})
    assert await update(ctx, made["id"], {"name": "still fine"})
    assert "inactive" in (await refused(ctx, asking("fo_1"))).message


async def test_the_login_page_gets_a_new_address_each_time_it_is_switched_on(ctx: Any) -> None:
    made = await create(ctx, {**MINIMAL, "login_page": {"enabled": True}})
    first = made["login_page"]["url"]
    assert first.startswith("http://localhost:12111/p/login/test_")
    assert account_of(first.rsplit("/", 1)[1]) == ctx.account
    same = await update(ctx, made["id"], {"login_page": {"enabled": True}})
    assert same["login_page"]["url"] == first
    off = await update(ctx, made["id"], {"login_page": {"enabled": False}})
    assert off["login_page"] == {"enabled": False, "url": None}
    on = await update(ctx, made["id"], {"login_page": {"enabled": True}})
    assert on["login_page"]["url"] not in {None, first}


async def test_deactivating(ctx: Any) -> None:
    made = await create(ctx, MINIMAL)
    assert (await update(ctx, made["id"], {"active": False}))["active"] is False
    with pytest.raises(StripeError, match="default configuration"):
        await update(ctx, "bpc_default", {"active": False})


async def test_the_default_is_checked_as_a_whole_on_every_save(ctx: Any) -> None:
    await update(ctx, "bpc_default", updating(entry("price_month")))
    other = await create(ctx, updating(entry("price_month")))
    ctx.put("price", changed(ctx.get("price", "price_month"), active=False))
    assert await update(ctx, other["id"], {"name": "fine"})
    with pytest.raises(StripeError, match="Only active, per unit licensed"):
        await update(ctx, "bpc_default", {"name": "not fine"})
    with pytest.raises(StripeError, match="Only active, per unit licensed"):
        await update(ctx, other["id"], {"features": {"subscription_update": {"enabled": True}}})


async def test_the_seeded_default_has_the_dashboards_switches() -> None:
    made = configurations.seed_default("bpc_1", 7, livemode=True, name="Main")
    features = made["features"]
    assert (made["id"], made["is_default"], made["livemode"], made["name"]) == ("bpc_1", True, True, "Main")
    on = {name for name, feature in features.items() if feature["enabled"]}
    assert on == {"customer_update", "invoice_history", "payment_method_update", "subscription_cancel"}
    assert features["customer_update"]["allowed_updates"] == ["name", "email", "address", "phone"]
    assert features["subscription_cancel"]["mode"] == "at_period_end"
    assert features["subscription_cancel"]["cancellation_reason"]["enabled"] is True


async def test_retrieve_and_list(ctx: Any) -> None:
    made = await create(ctx, MINIMAL)
    assert await configurations.retrieve(ctx, {"configuration": made["id"]}, {}) == made
    with pytest.raises(StripeError) as caught:
        await configurations.retrieve(ctx, {"configuration": "bpc_no"}, {})
    assert (caught.value.status, caught.value.message) == (404, "No such configuration: 'bpc_no'")
    page = await configurations.index(ctx, {}, {})
    assert [doc["id"] for doc in page.docs] == [made["id"], "bpc_default"]
    assert page.url == "/v1/billing_portal/configurations"
