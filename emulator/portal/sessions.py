"""Decides whether a portal session may be made, and what it says: address, flow, configuration.

Source: docs.stripe.com/api/customer_portal/sessions; facts portal 1.7, 1.8, 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import resource_missing
from emulator.portal import errors, flows, urls, visits
from emulator.portal.settings import configurations

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = visits.SESSION
ACCOUNT_CUSTOMERS_SINCE = "2025-12-15"  # the version that made customer optional (facts billing 13)
RETURN_URL_RULE = "portal_return_url_required"  # world setting: keeps E14 of 2022; today null is allowed
DEADLINE = "after_expiration[customer_login][expires_at]"


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Make a session and the secret link that opens it; raises E1, E4-E9, E14-E17."""
    customer = await _customer(ctx, params)
    configuration = await _configuration(ctx, params.get("configuration"))
    urls.check_url(params.get("return_url"), "return_url")
    no_way_back = params.get("return_url") is None and configuration["default_return_url"] is None
    if no_way_back and ctx.settings.get(RETURN_URL_RULE, False):
        raise errors.no_return_url()
    await _check_account(ctx, params.get("on_behalf_of"))
    session, _ = opened(
        ctx,
        after_expiration=_after_expiration(ctx, params.get("after_expiration")),
        configuration=configuration["id"],
        customer=customer["id"],
        customer_account=params.get("customer_account") or customer.get("customer_account"),
        flow=await flows.flow(ctx, params.get("flow_data"), configuration, customer),
        locale=params.get("locale"),
        on_behalf_of=params.get("on_behalf_of"),
        return_url=params.get("return_url"),
    )
    return session


def opened(ctx: Context, **fields: Any) -> tuple[Doc, Doc]:
    """Store a session of ``fields`` under a new link; returns it with its visit."""
    token = urls.token(ctx.linked, ctx.token(urls.SECRET_LENGTH + urls.TAIL_LENGTH), urls.SESSION_MARK)
    url = urls.session_url(ctx.base_url, token, livemode=ctx.livemode)
    members: Doc = {**fields, "created": ctx.now, "livemode": ctx.livemode, "url": url}
    session = {"id": ctx.new_id(KIND), "object": KIND, **dict(sorted(members.items()))}
    ctx.put(KIND, session)
    return session, visits.begin(ctx, session, token)


async def _customer(ctx: Context, params: Doc) -> Doc:
    customer, account = params.get("customer"), params.get("customer_account")
    if customer is not None and account is not None:
        raise errors.customer_twice()
    if customer is not None:
        found = await ctx.find("customer", customer)
        if found is None:
            raise errors.no_customer(customer)
        return found
    if account is None:
        raise errors.customer_needed(account_allowed=ctx.version >= ACCOUNT_CUSTOMERS_SINCE)
    rows = await ctx.select("customer", 1, customer_account=account)
    if not rows:
        raise resource_missing("account", account, param="customer_account")
    return rows[0]


async def _configuration(ctx: Context, wanted: str | None) -> Doc:
    if wanted is None:
        return await configurations.default(ctx)
    configuration = await ctx.find(configurations.KIND, wanted)
    if configuration is None:
        raise errors.no_configuration(wanted)
    if not configuration["active"]:
        raise errors.configuration_inactive(wanted)
    return configuration


async def _check_account(ctx: Context, id_: str | None) -> None:
    if id_ is not None and id_ != ctx.account:
        await ctx.need("account", id_, "on_behalf_of")


def _after_expiration(ctx: Context, given: Doc | None) -> Doc | None:
    """Return how an expired link can be recovered; without a deadline it can be at any time (facts portal-newest)."""
    if given is None:
        return None
    deadline = (given.get("customer_login") or {}).get("expires_at")
    if deadline is not None and deadline <= ctx.now:
        raise errors.in_the_past(DEADLINE, deadline)
    return {"customer_login": {"expires_at": deadline}, "type": given["type"]}
