"""Decides how a portal configuration is laid out as a form: which questions stand together, and what each is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.kernel.documents import at
from portal_ui import prices
from portal_ui.pages import dashboard_form as form
from portal_ui.pages.reasons import labels as reason_labels
from portal_ui.views.dashboard import FormPart, PlanSetting, Setting, SettingsSection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError
    from portal_ui.i18n import Words

FEATURES = "features[{feature}]"


class Sheet(NamedTuple):
    """A configuration on its way to the page, with what the API said of it."""

    words: Words
    draft: Doc
    answer: Doc
    coupon: str | None
    refusal: StripeError | None = None

    def feature(self, name: str) -> Doc:
        """Return a feature's settings."""
        found: Doc = self.draft["features"][name]
        return found

    def problem(self, param: str) -> str | None:
        """Return what the API said of a parameter or a member of it."""
        said = self.refusal.param if self.refusal else None
        return self.refusal.message if self.refusal and said and said.startswith(param) else None

    def switch(self, feature: str, label: str) -> Setting:
        """Return the switch of a feature."""
        return Setting(f"{feature}.enabled", form.ON, label, "", bool(self.feature(feature)["enabled"]))

    def checks(self, label: str, options: Iterable[Setting], param: str = "", hint: str = "") -> FormPart:
        """Return a group of boxes to tick."""
        return FormPart("checks", "", label, hint, "", None, tuple(options), self.problem(param) if param else None)

    def radios(
        self, name: str, label: str, value: str, options: dict[str, str], param: str, hint: str = ""
    ) -> FormPart:
        """Return a group of which one is chosen."""
        drawn = tuple(Setting(name, one, text, "", one == value) for one, text in options.items())
        return FormPart("radios", name, label, hint, value, None, drawn, self.problem(param))


def sections(sheet: Sheet) -> tuple[SettingsSection, ...]:
    """Return the whole form, in the order of the real settings page."""
    return (
        _simple(sheet, "invoice_history", sheet.words.gettext("Invoices"),
                sheet.words.gettext("Customers can view, pay and download their invoices.")),
        _information(sheet),
        _simple(sheet, "payment_method_update", sheet.words.gettext("Payment methods"),
                sheet.words.gettext("Customers can add, remove and choose their payment methods.")),
        _cancellations(sheet),
        _updates(sheet),
        _pauses(sheet),
        _business(sheet),
    )  # fmt: skip


def _simple(sheet: Sheet, feature: str, heading: str, lead: str) -> SettingsSection:
    return SettingsSection(feature, heading, lead, sheet.switch(feature, heading), (), (), None)


def _information(sheet: Sheet) -> SettingsSection:
    words, feature = sheet.words, sheet.feature("customer_update")
    names = {
        "name": words.gettext("Name"),
        "email": words.gettext("Email"),
        "address": words.gettext("Billing address"),
        "phone": words.gettext("Phone number"),
        "shipping": words.gettext("Shipping address"),
        "tax_id": words.gettext("Tax ID"),
    }
    options = [
        Setting(f"customer_update.{name}", form.ON, text, "", name in feature["allowed_updates"])
        for name, text in names.items()
    ]
    heading = words.gettext("Customer information")
    part = sheet.checks(words.gettext("What may be changed"), options, "features[customer_update]")
    lead = words.gettext("Customers can keep their billing details up to date.")
    return SettingsSection(
        "customer_update", heading, lead, sheet.switch("customer_update", heading), (part,), (), None
    )


def _cancellations(sheet: Sheet) -> SettingsSection:
    words, feature = sheet.words, sheet.feature("subscription_cancel")
    base = "features[subscription_cancel]"
    heading = words.gettext("Cancellations")
    mode = sheet.radios(
        "cancel.mode", words.gettext("When it ends"), feature["mode"],
        {"at_period_end": words.gettext("At the end of the billing period"), "immediately": words.gettext("Immediately")},
        f"{base}[mode]",
    )  # fmt: skip
    credit = Setting(
        "cancel.credit", form.ON, words.gettext("Give a credit for the time that is left"),
        words.gettext("Counts when subscriptions end immediately."), feature["proration_behavior"] == "create_prorations",
    )  # fmt: skip
    parts = (
        mode,
        sheet.checks(words.gettext("Proration"), [credit], f"{base}[proration_behavior]"),
        *_reasons(sheet, feature["cancellation_reason"], base),
        _retention(sheet),
    )
    lead = words.gettext("Customers can cancel their subscriptions.")
    return SettingsSection(
        "subscription_cancel", heading, lead, sheet.switch("subscription_cancel", heading), parts, (), None
    )


def _reasons(sheet: Sheet, reason: Doc, base: str) -> tuple[FormPart, ...]:
    words = sheet.words
    asked = Setting("reason.enabled", form.ON, words.gettext("Ask why"), "", bool(reason["enabled"]))
    param = f"{base}[cancellation_reason]"
    built_in = [
        Setting(f"reason.{name}", form.ON, text, "", name in (reason["options"] or ()))
        for name, text in reason_labels(words).items()
    ]
    own = [
        Setting(
            f"feedback.{one['id']}", form.ON, one["description"], "", one["id"] in (reason["feedback_options"] or ())
        )
        for one in sheet.answer["feedback_options"]
    ]
    return (
        sheet.checks(words.gettext("Reason for cancellation"), [asked], f"{param}[enabled]"),
        sheet.checks(words.gettext("Reasons to choose from"), [*built_in, *own], param),
    )


def _retention(sheet: Sheet) -> FormPart:
    words, chosen = sheet.words, sheet.coupon
    known = {one["id"]: one.get("name") or one["id"] for one in sheet.answer["coupons"]}
    if chosen and chosen not in known:
        known[chosen] = words.gettext("%(coupon)s (cannot be redeemed any more)", coupon=chosen)
    options = tuple(
        Setting(form.COUPON, value, text, "", value == (chosen or ""))
        for value, text in {"": words.gettext("No offer"), **known}.items()
    )
    return FormPart(
        "select", form.COUPON, words.gettext("Retention coupon"),
        words.gettext("Offered to customers before they cancel."), chosen or "", None, options,
        sheet.problem(form.COUPON),
    )  # fmt: skip


def _updates(sheet: Sheet) -> SettingsSection:
    words, feature = sheet.words, sheet.feature("subscription_update")
    base = "features[subscription_update]"
    names = {
        "price": words.gettext("Switch to another plan"),
        "quantity": words.gettext("Change the quantity"),
        "promotion_code": words.gettext("Use a promotion code"),
    }
    allowed = [
        Setting(f"update.{name}", form.ON, text, "", name in feature["default_allowed_updates"])
        for name, text in names.items()
    ]
    heading = words.gettext("Subscription updates")
    return SettingsSection(
        "subscription_update",
        heading,
        words.gettext("Customers can upgrade, downgrade and change quantities."),
        sheet.switch("subscription_update", heading),
        (
            sheet.checks(words.gettext("What may be changed"), allowed, f"{base}[default_allowed_updates]"),
            _proration(sheet, feature, base),
            _anchor(sheet, feature, base),
            _conditions(sheet, feature, base),
            _trial(sheet, feature, base),
        ),
        tuple(_plan(sheet, plan, feature["products"] or []) for plan in sheet.answer["plans"]),
        sheet.problem(f"{base}[products]"),
    )


def _proration(sheet: Sheet, feature: Doc, base: str) -> FormPart:
    words = sheet.words
    options = {
        "none": words.gettext("No proration"),
        "create_prorations": words.gettext("On the next invoice"),
        "always_invoice": words.gettext("Invoice immediately"),
    }
    label, value = words.gettext("Charge the difference"), feature["proration_behavior"]
    return sheet.radios("update.proration", label, value, options, f"{base}[proration_behavior]")


def _anchor(sheet: Sheet, feature: Doc, base: str) -> FormPart:
    words = sheet.words
    options = {
        "unchanged": words.gettext("Keep the billing date"),
        "now": words.gettext("Start a new billing period with the change"),
    }
    label, value = words.gettext("Billing date"), feature["billing_cycle_anchor"] or "unchanged"
    return sheet.radios("update.anchor", label, value, options, f"{base}[billing_cycle_anchor]")


def _conditions(sheet: Sheet, feature: Doc, base: str) -> FormPart:
    words = sheet.words
    names = {
        "decreasing_item_amount": words.gettext("When the new price is lower"),
        "shortening_interval": words.gettext("When the billing period becomes shorter"),
    }
    chosen = {one["type"] for one in feature["schedule_at_period_end"]["conditions"] or []}
    options = [Setting(f"condition.{name}", form.ON, text, "", name in chosen) for name, text in names.items()]
    label = words.gettext("Wait until the end of the billing period")
    return sheet.checks(label, options, f"{base}[schedule_at_period_end]")


def _trial(sheet: Sheet, feature: Doc, base: str) -> FormPart:
    words = sheet.words
    options = {
        "end_trial": words.gettext("End the trial and charge"),
        "continue_trial": words.gettext("Continue the trial"),
    }
    label, value = words.gettext("Changes during a free trial"), feature["trial_update_behavior"]
    return sheet.radios("update.trial", label, value, options, f"{base}[trial_update_behavior]")


def _plan(sheet: Sheet, plan: Doc, entries: list[Doc]) -> PlanSetting:
    words, product = sheet.words, plan["product"]
    entry = next((one for one in entries if one["product"] == product["id"]), {})
    adjustable = entry.get("adjustable_quantity") or {"enabled": True, "minimum": 1, "maximum": None}
    return PlanSetting(
        product["id"],
        product["name"],
        tuple(
            Setting(f"price.{price['id']}", form.ON, _price(words, price), _standing(words, price),
                    price["id"] in entry.get("prices", ()))
            for price in plan["prices"]
        ),
        adjustable["enabled"],
        _text(adjustable.get("minimum")),
        _text(adjustable.get("maximum")),
    )  # fmt: skip


def _price(words: Words, price: Doc) -> str:
    return prices.in_words(words, price, 1)


def _standing(words: Words, price: Doc) -> str:
    return "" if price["active"] else words.gettext("Archived: it cannot be offered any more.")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _pauses(sheet: Sheet) -> SettingsSection:
    words, feature = sheet.words, sheet.feature("subscription_pause")
    base, heading = "features[subscription_pause]", words.gettext("Pausing")
    kind = sheet.radios(
        "pause.type", words.gettext("For how long"), feature["duration"]["type"],
        {"indefinite": words.gettext("Until the customer resumes"),
         "interval_options": words.gettext("For a time that the customer chooses")},
        f"{base}[duration][type]",
    )  # fmt: skip
    chosen = [(one["interval"], one.get("interval_count") or 1) for one in feature["duration"]["interval_options"]]
    options = [
        Setting(f"pause.{interval}.{count}", form.ON, _span(words, interval, count), "", (interval, count) in chosen)
        for interval, count in (*form.PAUSES, *(one for one in chosen if one not in form.PAUSES))
    ]
    times = sheet.checks(words.gettext("Times to choose from"), options, f"{base}[duration][interval_options]")
    lead = words.gettext("Customers can pause their subscriptions and resume them.")
    return SettingsSection(
        "subscription_pause", heading, lead, sheet.switch("subscription_pause", heading), (kind, times), (), None
    )


def _span(words: Words, interval: str, count: int) -> str:
    said = {
        "day": words.ngettext("%(num)s day", "%(num)s days", count),
        "week": words.ngettext("%(num)s week", "%(num)s weeks", count),
        "month": words.ngettext("%(num)s month", "%(num)s months", count),
        "year": words.ngettext("%(num)s year", "%(num)s years", count),
    }
    return said.get(interval, interval)


def _business(sheet: Sheet) -> SettingsSection:
    words = sheet.words

    def text(shape: str, name: str, label: str, hint: str = "", limit: int | None = None) -> FormPart:
        profile = name in form.PROFILE
        value = at(sheet.draft, f"business_profile.{name}" if profile else name) or ""
        param = f"business_profile[{name}]" if profile else name
        return FormPart(shape, name, label, hint, value, limit, (), sheet.problem(param))

    parts = (
        text("text", "headline", words.gettext("Headline"),
             words.gettext("Shown beside the portal, at most 60 characters. Empty: a sentence with your name.")),
        text("url", "terms_of_service_url", words.gettext("Terms of service")),
        text("url", "privacy_policy_url", words.gettext("Privacy policy")),
        text("url", "default_return_url", words.gettext("Redirect link"),
             words.gettext("Where customers go when they leave the portal.")),
    )  # fmt: skip
    lead = words.gettext("What customers read about you in the portal.")
    return SettingsSection("business", words.gettext("Business information"), lead, None, parts, (), None)
