"""Decides where a session with a flow begins, where it may go, and where it ends.

Source: docs.stripe.com/customer-management/portal-deep-links; facts portal 1.7, 2, 3.10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import Doc
from portal_ui import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_ui.session import Visit

HOMEPAGE = "portal_homepage"
COMPLETED = "/completed"
# Where each flow opens; `{subscription}` is that of its branch.
ENTRIES = {
    "customer_update": "/customer/update",
    "payment_method_update": "/payment-methods/add",
    "subscription_cancel": "/subscriptions/{subscription}/cancel",
    "subscription_pause": "/subscriptions/{subscription}/pause",
    "subscription_update": "/subscriptions/{subscription}/update",
    "subscription_update_confirm": "/subscriptions/{subscription}/update/confirm",
}


class AwayError(Exception):
    """A page that a flow hides was asked for; ``url`` is where the flow is."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def entry(base: str, session: Doc) -> str | None:
    """Return the address that a session with a flow opens, None for one without or whose flow is done."""
    flow = session.get("flow")
    if flow is None:
        return None
    return base + ENTRIES[flow["type"]].format(subscription=_subscription(flow))


def inside(session: Doc) -> bool:
    """Say whether a flow is on: pages draw no ways into the rest of the portal; the way back to the merchant stays."""
    return session.get("flow") is not None


async def done(visit: Visit, session: Doc, otherwise: str) -> str:
    """Return where a finished act leads: ``otherwise``, or where the flow that the act was for ends.

    ``session`` is that of an answer. An act beside the flow (a card added while a plan is changed) leads to
    ``otherwise`` too.
    """
    flow = session.get("flow")
    if flow is None or visit.page not in _names(OWN[flow["type"]]):
        return otherwise
    await visit.run("portal:complete_flow")
    return otherwise if flow["after_completion"]["type"] == HOMEPAGE else visit.base + COMPLETED


def keep_inside(visit: Visit, session: Doc | None) -> None:
    """Raise AwayError when the page is one that the session's flow hides."""
    flow = (session or {}).get("flow")
    if flow is None or visit.page in _names((addresses.FLOWS,)):
        return
    begins = entry(visit.base, {"flow": flow}) or visit.base
    if visit.request.path == begins:
        return
    own = visit.request.match_info.get("subscription", _subscription(flow))
    if own != _subscription(flow) or visit.page not in _names((*OWN[flow["type"]], *BESIDE.get(flow["type"], ()))):
        raise AwayError(begins)


Room = tuple[addresses.Route, ...]
# The pages whose acts complete a flow, and those that it needs on its way: a plan that must be paid needs a card.
OWN: Mapping[str, tuple[Room, ...]] = {
    "customer_update": (addresses.INFORMATION,),
    "payment_method_update": (addresses.METHODS,),
    "subscription_cancel": (addresses.CANCEL,),
    "subscription_pause": (addresses.PAUSE,),
    "subscription_update": (addresses.UPDATE,),
    "subscription_update_confirm": (addresses.UPDATE,),
}
BESIDE: Mapping[str, tuple[Room, ...]] = {
    "subscription_update": (addresses.METHODS,),
    "subscription_update_confirm": (addresses.METHODS,),
}


def _names(rooms: tuple[Room, ...]) -> frozenset[str]:
    return frozenset(name for room in rooms for _, _, name in room)


def _subscription(flow: Doc) -> str:
    branch: Doc = flow.get(flow["type"]) or {}
    return str(branch.get("subscription") or "")
