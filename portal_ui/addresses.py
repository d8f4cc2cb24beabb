"""Decides which addresses belong to the hosted pages, and which function of which page answers at each."""

from __future__ import annotations

Route = tuple[str, str, str]

SESSION = "/p/session/{token}"
SUBSCRIPTION = "/subscriptions/{subscription}"
INVOICE = "/i/{account}/{token}"
INVOICE_RECEIPT = "/receipts/invoices/{account}/{token}"
PAYMENT_RECEIPT = "/receipts/payment/{charge}"
CREDIT_NOTE = "/credit_notes/{account}/{token}"
CHALLENGE = "/3d_secure/{secret}"
SESSION_PAGE = "/c/pay/{session}"
ASSET = "/portal-assets/{name}"

# method, path, module and function in `pages`. Inside a session paths count from the session's address.
OVERVIEW = (("GET", "", "portal.home"),)
CANCEL = (
    ("GET", SUBSCRIPTION + "/cancel", "cancel.cancel"),
    ("POST", SUBSCRIPTION + "/cancel", "cancel.cancel_now"),
    ("GET", SUBSCRIPTION + "/canceled", "cancel.canceled"),
    ("GET", SUBSCRIPTION + "/offer", "retention.offer"),
    ("POST", SUBSCRIPTION + "/offer", "retention.accept"),
    ("GET", SUBSCRIPTION + "/reason", "reasons.ask"),
    ("POST", SUBSCRIPTION + "/reason", "reasons.give"),
    ("GET", SUBSCRIPTION + "/renew", "renew.renew"),
    ("POST", SUBSCRIPTION + "/renew", "renew.renew_now"),
)
UPDATE = (
    ("GET", SUBSCRIPTION + "/update", "update.choose"),
    ("POST", SUBSCRIPTION + "/update/undo", "update.undo"),
    ("GET", SUBSCRIPTION + "/update/confirm", "update_confirm.asked"),
    ("GET", SUBSCRIPTION + "/preview/{price}", "update_confirm.confirm"),
    ("POST", SUBSCRIPTION + "/preview/{price}", "update_confirm.confirm_now"),
)
PAUSE = (
    ("GET", SUBSCRIPTION + "/pause", "pause.pause"),
    ("POST", SUBSCRIPTION + "/pause", "pause.pause_now"),
    ("GET", SUBSCRIPTION + "/resume", "pause.resume"),
    ("POST", SUBSCRIPTION + "/resume", "pause.resume_now"),
)
METHODS = (
    ("GET", "/payment-methods", "methods.manage"),
    ("GET", "/payment-methods/add", "methods_add.add"),
    ("POST", "/payment-methods/add", "methods_add.add_now"),
    ("GET", "/payment-methods/card", "methods_add.card"),
    ("GET", "/payment-methods/returned", "methods_add.returned"),
    ("GET", "/payment-methods/verify/{setup}", "methods_verify.verify"),
    ("POST", "/payment-methods/verify/{setup}", "methods_verify.verify_now"),
    ("GET", "/payment-methods/subscriptions/{subscription}", "methods.fall_back"),
    ("POST", "/payment-methods/subscriptions/{subscription}", "methods.fall_back_now"),
    ("POST", "/payment-methods/{method}/default", "methods.make_default"),
    ("GET", "/payment-methods/{method}/delete", "methods.delete"),
    ("POST", "/payment-methods/{method}/delete", "methods.delete_now"),
)
INFORMATION = (
    ("GET", "/customer/update", "information.information"),
    ("POST", "/customer/update", "information.save"),
    ("POST", "/customer/update/tax-ids", "information.add_tax_id"),
    ("POST", "/customer/update/tax-ids/{tax_id}/remove", "information.remove_tax_id"),
)
# Addresses of forms only: a refused form shows its page there, so that page is there too when it is opened once more (a
# reload by the address, another language).
AGAIN = (
    ("GET", SUBSCRIPTION + "/update/undo", "update.choose"),
    ("GET", "/payment-methods/{method}/default", "methods.manage"),
    ("GET", "/customer/update/tax-ids", "information.information"),
    ("GET", "/customer/update/tax-ids/{tax_id}/remove", "information.information"),
)
FLOWS = (("GET", "/completed", "done.done"),)
PLAN = (("GET", SUBSCRIPTION, "plan.plan"),)
DOCUMENTS = (
    ("GET", INVOICE, "invoice.invoice"),
    ("POST", INVOICE, "invoice.pay"),
    ("GET", INVOICE + "/card", "invoice.card"),
    ("GET", INVOICE + "/link", "invoice.invoice"),
    ("POST", INVOICE + "/link", "invoice_link.send"),
    ("GET", "/invoice/{account}/{token}/pdf", "documents.invoice"),
    ("GET", INVOICE_RECEIPT + "/pdf", "documents.invoice_receipt"),
    ("GET", PAYMENT_RECEIPT + "/pdf", "documents.payment_receipt"),
    ("GET", CREDIT_NOTE + "/pdf", "documents.credit_note"),
    ("GET", PAYMENT_RECEIPT, "receipt.payment_receipt"),
    ("GET", INVOICE_RECEIPT, "receipt.invoice_receipt"),
    ("GET", CHALLENGE, "challenge.challenge"),
    ("GET", CHALLENGE + "/frame", "challenge.outer_frame"),
    ("GET", CHALLENGE + "/challenge", "challenge.inner_frame"),
    ("POST", CHALLENGE, "challenge.authenticate"),
)
PAPERS = (
    ("GET", "/microdeposit/{secret}", "microdeposit.verify"),
    ("POST", "/microdeposit/{secret}", "microdeposit.verify_now"),
    ("GET", "/mandates/{mandate}", "sheets.mandate"),
    ("GET", "/vouchers/{secret}", "sheets.voucher"),
    ("GET", "/vouchers/{secret}/pdf", "sheets.voucher_pdf"),
    ("GET", "/payment_instructions/{secret}", "sheets.instructions"),
    ("GET", CHALLENGE + "/qr.{kind:png|svg}", "sheets.qr"),
)
CHECKOUT = (
    ("GET", SESSION_PAGE, "checkout.checkout"),
    ("POST", SESSION_PAGE, "checkout.complete"),
    ("GET", SESSION_PAGE + "/adjust", "checkout.checkout"),
    ("POST", SESSION_PAGE + "/adjust", "checkout.adjust"),
    ("GET", "/b/{link}", "payment_link.opened"),
    ("GET", "/b/{link}/complete", "payment_link.thanked"),
    ("GET", "/r/{session}", "payment_link.recovered"),
)
LOGIN = (
    ("GET", "/p/login/{token}", "login.login"),
    ("POST", "/p/login/{token}", "login.send"),
    ("GET", "/p/login/{token}/{attempt}", "login.code"),
    ("POST", "/p/login/{token}/{attempt}", "login.enter"),
)
# Where an address that is no page is answered by a page all the same.
ELSEWHERE = (
    "/3d_secure", "/b", "/c", "/credit_notes", "/i", "/invoice", "/mandates", "/microdeposit", "/payment_instructions", "/r",
    "/receipts", "/vouchers",
)  # fmt: skip
SETTINGS = "/dashboard/settings/billing/portal"
BRANDING = "/dashboard/settings/branding"
CUSTOMERS = "/dashboard/customers"
DEMO = "/customer-portal-demo"
DASHBOARD = (
    ("GET", SETTINGS, "dashboard.settings"),
    ("POST", SETTINGS, "dashboard.save"),
    ("POST", SETTINGS + "/link", "dashboard.switch_link"),
    ("GET", SETTINGS + "/preview", "dashboard.settings"),
    ("POST", SETTINGS + "/preview", "dashboard.preview"),
    ("GET", BRANDING, "dashboard_brand.branding"),
    ("POST", BRANDING, "dashboard_brand.save"),
    ("GET", CUSTOMERS, "dashboard_customers.customers"),
    ("GET", CUSTOMERS + "/{customer}/portal", "dashboard_customers.customers"),
    ("POST", CUSTOMERS + "/{customer}/portal", "dashboard_customers.open_portal"),
    ("GET", DEMO, "dashboard_customers.demo"),
    ("GET", "/dashboard", "dashboard.elsewhere"),
    # The addresses that the API's messages name.
    ("GET", "/settings/billing/portal", "dashboard.elsewhere"),
    ("GET", "/test/settings/billing/portal", "dashboard.elsewhere"),
    ("GET", "/portal-files/{file}", "files.picture"),
    ("GET", "/links/{secret}", "files.linked"),
)
# Inside a session, and outside of one.
OF_SESSION = (*OVERVIEW, *CANCEL, *UPDATE, *PAUSE, *METHODS, *INFORMATION, *AGAIN, *FLOWS, *PLAN)
HOSTED = (*DOCUMENTS, *PAPERS, *CHECKOUT, *LOGIN, *DASHBOARD)
