"""Decides how the fields of the settings form and a portal configuration say the same (both ways, PURE)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import changed, patched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.kernel.documents import Doc

ON = "on"
COUPON = "retention_coupon"
DETAILS = ("name", "email", "address", "phone", "shipping", "tax_id")
UPDATES = ("price", "quantity", "promotion_code")
CONDITIONS = ("decreasing_item_amount", "shortening_interval")
PROFILE = ("headline", "privacy_policy_url", "terms_of_service_url")
# Pauses that the page offers to offer (choice); a configuration may hold others, which stay.
PAUSES = (("week", 1), ("week", 2), ("month", 1), ("month", 2), ("month", 3), ("month", 6), ("year", 1))


def draft(fields: Mapping[str, str], before: Doc, plans: list[Doc]) -> Doc:
    """Return the configuration that the form describes; what the form does not ask stays as it was."""
    features = before["features"]

    def on(name: str) -> bool:
        return fields.get(name) == ON

    cancel, update, pause = (features[f"subscription_{name}"] for name in ("cancel", "update", "pause"))
    reason = cancel["cancellation_reason"]
    after = {
        "customer_update": {
            "allowed_updates": [name for name in DETAILS if on(f"customer_update.{name}")],
            "enabled": on("customer_update.enabled"),
        },
        "invoice_history": {"enabled": on("invoice_history.enabled")},
        "payment_method_update": {"enabled": on("payment_method_update.enabled")},
        "subscription_cancel": {
            "cancellation_reason": {
                "enabled": on("reason.enabled"),
                "feedback_options": _picked(fields, "feedback.", reason["feedback_options"] or []),
                "options": _picked(fields, "reason.", reason["options"] or []),
            },
            "enabled": on("subscription_cancel.enabled"),
            "mode": fields.get("cancel.mode", cancel["mode"]),
            "proration_behavior": "create_prorations" if on("cancel.credit") else "none",
        },
        "subscription_pause": {
            "duration": {
                "interval_options": _pauses(fields),
                "type": fields.get("pause.type", pause["duration"]["type"]),
            },
            "enabled": on("subscription_pause.enabled"),
        },
        "subscription_update": {
            "billing_cycle_anchor": _anchor(fields, update["billing_cycle_anchor"]),
            "default_allowed_updates": [name for name in UPDATES if on(f"update.{name}")],
            "enabled": on("subscription_update.enabled"),
            "products": _products(fields, plans),
            "proration_behavior": fields.get("update.proration", update["proration_behavior"]),
            "schedule_at_period_end": {
                "conditions": [{"type": name} for name in CONDITIONS if on(f"condition.{name}")]
            },
            "trial_update_behavior": fields.get("update.trial", update["trial_update_behavior"]),
        },
    }
    profile = {name: fields[name].strip() or None for name in PROFILE if name in fields}
    return changed(
        patched(before, {"features": after, "business_profile": profile}),
        default_return_url=fields.get("default_return_url", before["default_return_url"] or "").strip() or None,
    )


def params(draft: Doc) -> Doc:
    """Return a draft as parameters of the API's update: an empty text clears, also a list."""
    features = {name: draft["features"][name] for name in sorted(draft["features"])}
    update = features["subscription_update"]
    features["subscription_update"] = {
        name: value
        for name, value in {**update, "products": [_entry(one) for one in update["products"] or []]}.items()
        if name != "billing_cycle_anchor" or value is not None
    }
    features["payment_method_update"] = {"enabled": features["payment_method_update"]["enabled"]}
    asked = {name: draft[name] for name in ("business_profile", "default_return_url")}
    result: Doc = _cleared({**asked, "features": features})
    return result


def _entry(product: Doc) -> Doc:
    """Return a product without the bounds that it does not have."""
    bounds = {name: value for name, value in product["adjustable_quantity"].items() if value is not None}
    return {**product, "adjustable_quantity": bounds}


def _cleared(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cleared(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_cleared(one) for one in value] or ""
    return "" if value is None else value


def _picked(fields: Mapping[str, str], start: str, already: list[str]) -> list[str]:
    """Return what is ticked of one list, first what was in it in its order."""
    found = [name.removeprefix(start) for name, value in fields.items() if name.startswith(start) and value == ON]
    found = [name for name in found if name != "enabled"]
    return [*(name for name in already if name in found), *(name for name in found if name not in already)]


def _anchor(fields: Mapping[str, str], before: str | None) -> str | None:
    """Return the anchor; "unchanged" is what a configuration without one does anyway."""
    wanted = fields.get("update.anchor", before)
    return before if before is None and wanted == "unchanged" else wanted


def _pauses(fields: Mapping[str, str]) -> list[Doc]:
    found = []
    for name, value in fields.items():
        start, _, rest = name.partition(".")
        interval, _, count = rest.partition(".")
        if start == "pause" and count.isdecimal() and len(count) < 5 and value == ON:
            found.append({"interval": interval, "interval_count": int(count)})
    return found


def _products(fields: Mapping[str, str], plans: list[Doc]) -> list[Doc]:
    chosen = []
    for plan in plans:
        id_ = plan["product"]["id"]
        prices = [price["id"] for price in plan["prices"] if fields.get(f"price.{price['id']}") == ON]
        if prices:
            chosen.append(
                {
                    "adjustable_quantity": {
                        "enabled": fields.get(f"adjustable.{id_}") == ON,
                        "maximum": fields.get(f"maximum.{id_}", "").strip() or None,
                        "minimum": fields.get(f"minimum.{id_}", "").strip() or None,
                    },
                    "prices": prices,
                    "product": id_,
                }
            )
    return chosen
