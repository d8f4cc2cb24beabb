"""Decides how a test does what a customer does in the portal and on an invoice: by the pages' own links and forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from emulator.testing.pages import Form, Page
from emulator.testing.visitor import PortalError, Visitor
from emulator.testing.wire import Wire

Doc = dict[str, Any]
CHALLENGE, FRAME = "test-source-authorize-3ds", "challengeFrame"
CONFIRM = "confirm"
GONE = 410


class Portal:
    """The portal of one customer, over HTTP; a session is opened anew when the one before has expired."""

    def __init__(self, wire: Wire, customer: str, **params: Any) -> None:
        self._wire = wire
        self.customer = customer
        self._params = params
        self._visitor = Visitor(wire.url)
        self._session: Doc | None = None
        self.page: Page | None = None  # the last page that was seen

    @property
    def session(self) -> Doc:
        """The session, opened on first use (``POST /v1/billing_portal/sessions``)."""
        if self._session is None:
            params = {"customer": self.customer, **self._params}
            self._session = self._wire.api("POST", "/v1/billing_portal/sessions", params)
        return self._session

    @property
    def url(self) -> str:
        """The session's address, for a real browser: ``page.goto(stripe_emulator.portal("cus_demo").url)``."""
        url: str = self.session["url"]
        return url

    @property
    def left_for(self) -> str | None:
        """The address outside of the emulator to which the last page sent the customer."""
        return self._visitor.left_for

    # ------------------------------------------------------------------------------------------ walking
    def open(self) -> Page:
        """Open the portal and return the page that it begins with."""
        page = self._visitor.get(self.url)
        if page.status == GONE and self._session is not None:
            self._session = None
            page = self._visitor.get(self.url)
        return self._seen(page)

    def _seen(self, page: Page) -> Page:
        self.page = page
        if page.status >= 400:
            raise PortalError("; ".join(page.problems) or f"the page answered {page.status}", page)
        return page

    def _follow(self, page: Page, handle: str, containing: str | None) -> Page:
        return self._seen(self._visitor.follow(page, handle, containing or ""))

    def _send(
        self, form: Form | None, page: Page, handle: str | None, fields: dict[str, str] | None = None, value: str | None = None
    ) -> Page:  # fmt: skip
        if form is None:
            raise PortalError(f"there is no form with {handle!r}", page)
        answer = self._visitor.submit(form, handle, value, fields)
        self.page = answer
        if answer.status >= 400 or (answer.problems and answer.form(handle or CONFIRM) is not None):
            raise PortalError("; ".join(answer.problems) or f"the page answered {answer.status}", answer)
        return answer

    def _answered(self, page: Page, authentication: str) -> Page:
        """Answer 3D Secure where the page asks for it, in its frames or itself: "succeed" or "fail"."""
        while inside := page.frame(FRAME):
            page = self._visitor.get(urljoin(page.url, inside))
        form = page.form(CHALLENGE)
        return page if form is None else self._send(form, page, None, value=authentication)

    def _at(self, handle: str, subscription: str | None) -> Page:
        """Open the portal and follow the link of a subscription; a session that is a flow begins there by itself."""
        page = self.open()
        if not page.has(handle):
            return self._flow(page, handle)
        # The whole part of the path: one id may be the beginning of another.
        return self._follow(page, handle, None if subscription is None else f"/subscriptions/{subscription}/")

    def _flow(self, page: Page, handle: str) -> Page:
        flow = self.session.get("flow")
        if flow is None:
            raise PortalError(f"there is no {handle!r} here", page)
        return page

    def _subscription(self, page: Page, subscription: str | None) -> Doc:
        """Return the subscription that a page was about, as it is now."""
        id = subscription or page.url.partition("/subscriptions/")[2].partition("/")[0]
        return self._wire.api("GET", f"/v1/subscriptions/{id}")

    # ------------------------------------------------------------------------------------------ subscriptions
    def cancel(
        self, subscription: str | None = None, *, feedback: str | None = None, comment: str | None = None
    ) -> Doc:
        """Cancel, declining an offer to stay, and say why when ``feedback`` is given; returns the subscription."""
        start = page = self._at("cancel-subscription", subscription)
        if page.has("decline-offer"):
            page = self._follow(page, "decline-offer", None)
        form = page.form(CONFIRM)
        asked = form.offering(feedback) if form is not None and feedback is not None else None
        page = self._send(form, page, CONFIRM, _reason(form, asked, feedback, comment))
        self._because(page, feedback if asked is None else None, comment)
        return self._subscription(start, subscription)

    def _because(self, page: Page, feedback: str | None, comment: str | None) -> None:
        """Say why, or that one does not want to, where a page asks for it after the cancellation."""
        asking = page.form("cancellation_reason_submit")
        if asking is None:
            if feedback is not None:
                raise PortalError("no reason was asked for", page)
        elif feedback is None:
            self._send(page.form("cancellation_reason_cancel"), page, "cancellation_reason_cancel")
        else:
            name = asking.offering(feedback)
            if name is None:
                known = sorted({value for values in asking.options.values() for value in values if value})
                raise PortalError(f"{feedback!r} is none of the reasons: {', '.join(known)}", page)
            self._send(asking, page, "cancellation_reason_submit", _reason(asking, name, feedback, comment))

    def accept_offer(self, subscription: str | None = None) -> Doc:
        """Set out to cancel, and take the offer to stay; returns the subscription."""
        page = self._at("cancel-subscription", subscription)
        self._send(page.form("accept-offer"), page, "accept-offer")
        return self._subscription(page, subscription)

    def renew(self, subscription: str | None = None) -> Doc:
        """Take a planned cancellation back; returns the subscription."""
        return self._confirmed("renew-subscription", subscription)

    def pause(self, subscription: str | None = None, **choices: str) -> Doc:
        """Pause; ``choices`` are fields of the page. Returns the subscription."""
        return self._confirmed("pause-subscription", subscription, choices)

    def resume(self, subscription: str | None = None) -> Doc:
        """End a pause; returns the subscription."""
        return self._confirmed("resume-subscription", subscription)

    def _confirmed(self, handle: str, subscription: str | None, fields: dict[str, str] | None = None) -> Doc:
        page = self._at(handle, subscription)
        self._send(page.form(CONFIRM), page, CONFIRM, fields)
        return self._subscription(page, subscription)

    def update(
        self,
        price: str | None = None,
        *,
        quantity: int | None = None,
        subscription: str | None = None,
        promotion_code: str | None = None,
        authentication: str = "succeed",
    ) -> Doc:
        """Change plan or quantity and confirm what it costs; 3D Secure is answered. Returns the subscription.

        Raises PortalError with what the page says against it.
        """
        start = page = self._at("update-subscription", subscription)
        if page.has("continue-button"):
            page = self._chosen(page, price, quantity)
        if promotion_code is not None:
            form = next((one for one in page.forms if "code" in one.names()), None)
            page = self._send(form, page, None, {"code": promotion_code})
            if page.problems:
                raise PortalError("; ".join(page.problems), page)
        page = self._send(page.form(CONFIRM), page, CONFIRM)
        self._answered(page, authentication)
        return self._subscription(start, subscription)

    def cancel_change(self, subscription: str | None = None) -> Doc:
        """Take back a change that is planned for the end of the period; returns the subscription."""
        return self._confirmed("update-subscription", subscription)

    def _chosen(self, page: Page, price: str | None, quantity: int | None) -> Page:
        """Choose on the page of plans, whatever interval the price is of, and go on to the costs."""
        if price is not None:
            page = self._with_price(page, price)
        fields = {} if quantity is None else {"quantity": str(quantity)}
        answer = self._send(page.form("continue-button"), page, "continue-button", fields)
        if answer.has("continue-button"):
            raise PortalError("; ".join(answer.problems) or "nothing changes", answer)
        return answer

    def _with_price(self, page: Page, price: str) -> Page:
        others = [
            one.attrs.get("href", "") for one in page.root.walk() if one.tag == "a" and one.attrs.get("data-rhythm")
        ]
        for url in (page.url, *others):
            shown = page if url == page.url else self._seen(self._visitor.get(urljoin(page.url, url)))
            for form in shown.forms:
                if form.button(value=price) is not None:
                    return self._send(form, shown, None, value=price)
        raise PortalError(f"the price {price} is not offered", page)

    # ------------------------------------------------------------------------------------------ payment methods
    def add_card(
        self,
        number: str = "4242424242424242",
        *,
        expiry: str = "12 / 40",
        cvc: str = "123",
        postal_code: str = "94107",
        country: str | None = None,
        authentication: str = "succeed",
        **more: str,
    ) -> Doc:
        """Add a card, answering 3D Secure; returns the payment method that is the newest then."""
        page = self._at("add-payment-method", None)
        form = page.form(CONFIRM)
        typed = {
            "number": number,
            "expiry": expiry,
            "cvc": cvc,
            "postalCode": postal_code,
            "postal_code": postal_code,
            **more,
        }
        if country is not None:
            typed["country"] = country
        known = form.names() if form is not None else set()
        fields = {name: text for name, text in typed.items() if name in known or name in more}
        self._answered(self._send(form, page, CONFIRM, fields), authentication)
        methods = self._wire.api("GET", "/v1/payment_methods", {"customer": self.customer, "limit": 1})
        newest: Doc = methods["data"][0]
        return newest

    def make_default(self, payment_method: str) -> Doc:
        """Make a saved payment method the default; returns the customer.

        Raises PortalError where the page offers no such button.
        """
        page = self.open()
        for form in page.forms:
            if f"/{payment_method}/" in form.action and form.button("make-default") is not None:
                self._send(form, page, "make-default")
                return self._wire.api("GET", f"/v1/customers/{self.customer}")
        raise PortalError(f"{payment_method} cannot be made the default here", page)

    # ------------------------------------------------------------------------------------------ the rest
    def update_information(self, **fields: str) -> Doc:
        """Change name, address and the like by the names of the page's fields; returns the customer."""
        page = self._at("update-information", None)
        self._send(page.form(CONFIRM), page, CONFIRM, fields)
        return self._wire.api("GET", f"/v1/customers/{self.customer}")

    def pay_invoice(
        self, invoice: str | None = None, *, payment_method: str | None = None, authentication: str = "succeed"
    ) -> Doc:
        """Pay an invoice on its hosted page, by default the customer's newest open one; returns the invoice.

        Raises PortalError without an open invoice, or with what the page says against it.
        """
        if invoice is None:
            found = self._wire.api("GET", "/v1/invoices", {"customer": self.customer, "status": "open", "limit": 1})
            if not found["data"]:
                raise PortalError("the customer has no open invoice", self.page or Page(self._wire.url, 0, ""))
            invoice = found["data"][0]["id"]
        doc = self._wire.api("GET", f"/v1/invoices/{invoice}")
        page = self._seen(self._visitor.get(doc["hosted_invoice_url"] or ""))
        button = "hosted-invoice-submit-button"
        fields = {} if payment_method is None else {"payment_method": payment_method}
        page = self._answered(self._send(page.form(button), page, button, fields), authentication)
        if page.problems:
            raise PortalError("; ".join(page.problems), page)
        return self._wire.api("GET", f"/v1/invoices/{invoice}")

    def go_back(self) -> str:
        """Follow the link back to the business; returns the address that it leads to."""
        page = self._follow(self.open(), "return-to-business-link", None)
        return self.left_for or page.url

    def close(self) -> None:
        """Close the connections."""
        self._visitor.close()


def _reason(form: Form | None, name: str | None, feedback: str | None, comment: str | None) -> dict[str, str]:
    if form is None or name is None or feedback is None:
        return {}
    return {name: feedback, **({"comment": comment} if comment is not None and "comment" in form.names() else {})}
