"""Decides what the page of the billing information shows, and what its forms do."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import flows, frame, information_form, render, tax_ids
from portal_ui.i18n import Words
from portal_ui.session import Visit, see_other
from portal_ui.views.information import Information, TaxIds
from portal_ui.views.shared import Form

PLACE = "/customer/update"
REFINE = "refine"  # the button that only asks for the fields of another country
SHOWN_COUNTRIES = ("address[country]", "shipping[address][country]")
FIELD_REFUSAL, GONE = 400, 404


async def information(visit: Visit) -> web.Response:
    """Show what is known; the query may name a country whose fields are wanted."""
    query = visit.request.query
    typed = {name: query[name] for name in SHOWN_COUNTRIES if name in query}
    return await _page(visit, typed, done=query.get("done"))


async def save(visit: Visit) -> web.Response:
    """Change what was changed; a refusal shows the form as it was sent."""
    fields = await visit.form()
    if REFINE in fields:
        return await _page(visit, fields)
    before = await visit.ask("portal:information")
    try:
        answer = await visit.ask("portal:update_information", **information_form.wish(fields, before["customer"]))
    except StripeError as error:
        return await _refused(visit, fields, error)
    return see_other(await flows.done(visit, answer["session"], f"{visit.base}?done=information"))


async def add_tax_id(visit: Visit) -> web.Response:
    """Add a tax id; where nothing else may be changed that was the task."""
    fields = await visit.form()
    given = {name: fields.get(name, "").strip() for name in ("type", "value")}
    try:
        answer = await visit.ask("portal:add_tax_id", **given)
    except StripeError as error:
        return await _refused(visit, fields, error)
    otherwise = f"{visit.base}{PLACE}?done=tax_id_added"
    only = answer["editable"] == ["tax_id"]
    return see_other(await flows.done(visit, answer["session"], otherwise) if only else otherwise)


async def remove_tax_id(visit: Visit) -> web.Response:
    """Remove a tax id; one that is gone already (or was never there: nobody is told which) leads to the list as well."""
    await visit.form()
    try:
        await visit.ask("portal:remove_tax_id", tax_id=visit.request.match_info["tax_id"])
    except StripeError as error:
        if error.status != GONE:
            raise
    return see_other(f"{visit.base}{PLACE}?done=tax_id_removed")


async def _refused(visit: Visit, fields: Mapping[str, str], error: StripeError) -> web.Response:
    if error.status != FIELD_REFUSAL:
        raise error
    return await _page(visit, fields, error=error)


async def _page(
    visit: Visit, typed: Mapping[str, str], *, error: StripeError | None = None, done: str | None = None
) -> web.Response:
    answer = await visit.ask("portal:information")
    words = frame.words_for(answer, visit.accept)
    wrong = information_form.problems(words, error) if error is not None else {}
    groups = information_form.Sheet(words, answer, typed, wrong).groups()
    title = words.gettext("Billing information")
    place = visit.base + PLACE
    page = Information(
        frame=frame.of_answer(words, answer, f"{title} · {words.gettext('Billing')}", visit.base),
        done=_done(words, done),
        problem=_problem(words, error, wrong),
        form=Form(place, visit.code) if any(not one.locked for group in groups for one in group.entries) else None,
        groups=groups,
        back_url=None if flows.inside(answer["session"]) else visit.base,
        tax=_tax_ids(words, answer, place, visit.code, typed, wrong),
    )
    return render.response(words, page, 200 if error is None else error.status)


def _tax_ids(
    words: Words, answer: Doc, place: str, code: str, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> TaxIds | None:
    if "tax_id" not in answer["editable"]:
        return None
    return tax_ids.section(words, answer, place, code, typed, wrong)


def _problem(words: Words, error: StripeError | None, wrong: Mapping[str, str]) -> str | None:
    """Return what stands above a form that was refused."""
    if error is None:
        return None
    if wrong:
        return words.gettext("Nothing was changed yet. Please look at the marked fields.")
    return words.gettext("That did not work, and nothing was changed. Please try again.")


def _done(words: Words, what: str | None) -> str | None:
    told = {
        "tax_id_added": words.gettext("The tax ID has been added."),
        "tax_id_removed": words.gettext("The tax ID has been removed."),
    }
    return told.get(what or "")
