"""Decides what a search query says: the grammar of Stripe's query language (docs.stripe.com/search)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.kernel.documents import at
from emulator.kernel.errors import StripeError, bad_param

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

MAX_CLAUSES, MIN_SUBSTRING = 10, 3
_COMMON = {"created": "number", "metadata": "map"}
FIELDS: dict[str, dict[str, str]] = {
    "customers": {**_COMMON, "email": "text", "name": "text", "phone": "text"},
    "subscriptions": {**_COMMON, "status": "token", "canceled_at": "number"},
    "invoices": {
        **_COMMON, "currency": "token", "customer": "token", "last_finalization_error_code": "token",
        "last_finalization_error_type": "token", "number": "text", "receipt_number": "text", "status": "token",
        "subscription": "token", "total": "number",
    },
    "prices": {"active": "token", "currency": "token", "lookup_key": "text", "metadata": "map", "product": "token", "type": "token"},
    "products": {"active": "token", "description": "text", "metadata": "map", "name": "text", "shippable": "token", "url": "text"},
    "payment_intents": {**_COMMON, "amount": "number", "currency": "token", "customer": "token", "status": "token"},
    "charges": {
        **_COMMON, "amount": "number", "billing_details.address.postal_code": "token", "currency": "token", "customer": "token",
        "disputed": "token", "payment_method_details.card.last4": "token", "payment_method_details.card.exp_month": "token",
        "payment_method_details.card.exp_year": "token", "payment_method_details.card.brand": "token",
        "payment_method_details.card.fingerprint": "token", "refunded": "token", "status": "token",
    },
}  # fmt: skip
# Where a field's value stands when not at the top of the object.
PLACES = {
    ("invoices", "subscription"): "parent.subscription_details.subscription",
    ("invoices", "last_finalization_error_code"): "last_finalization_error.code",
    ("invoices", "last_finalization_error_type"): "last_finalization_error.type",
}


@cache  # compiled with the first search: most servers never see one
def _one_clause() -> re.Pattern[str]:
    return re.compile(
        r"""\s*(?P<neg>-)?(?P<field>[A-Za-z_][\w.]*)(?:\[(?P<q>["'])(?P<key>(?:\\.|(?!(?P=q)).)*)(?P=q)\])?\s*
        (?P<op>:|~|>=|<=|>|<)\s*(?:(?P<null>null\b)|"(?P<text>(?:\\.|[^"\\])*)"|'(?P<text1>(?:\\.|[^'\\])*)'|(?P<bare>[^\s"']+))\s*""",
        re.VERBOSE,
    )


@cache
def _joining() -> re.Pattern[str]:
    return re.compile(r"(AND|OR|and|or)\b|(?=\S)")


class Clause(NamedTuple):
    """One test of one field."""

    place: str
    key: str | None
    operator: str
    value: str | None
    negated: bool

    def holds(self, doc: Doc) -> bool:
        """Say whether a document passes."""
        found = at(doc, self.place)
        if self.key is not None:
            found = (found or {}).get(self.key)
        return self._passes(found) is not self.negated

    def _passes(self, found: Any) -> bool:
        if self.value is None:
            return found is None or found == ""
        if found is None:
            return False
        if self.operator in (":", "~"):
            text = {True: "true", False: "false"}.get(found, str(found)) if isinstance(found, bool) else str(found)
            low, wanted = text.lower(), self.value.lower()
            return low == wanted if self.operator == ":" else wanted in low
        return _compare(found, self.operator, float(self.value))


def _compare(found: Any, operator: str, wanted: float) -> bool:
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return False
    return {">": found > wanted, "<": found < wanted, ">=": found >= wanted, "<=": found <= wanted}[operator]


class Search(NamedTuple):
    """A parsed query."""

    clauses: tuple[Clause, ...]
    every: bool  # AND; False: OR

    def holds(self, doc: Doc) -> bool:
        """Say whether a document is found."""
        return (all if self.every else any)(clause.holds(doc) for clause in self.clauses)


def unparsable() -> StripeError:
    """Build the refusal of a query that is none (recorded)."""
    return bad_param(
        'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for metadata or '
        'key:"value" to query for other fields.',
        param="query",
    )


def unsupported(field: str, resource: str) -> StripeError:
    """Build the refusal of a field that cannot be searched by (recorded)."""
    return bad_param(
        f"Field `{field}` is an unsupported search field for resource `{resource}`. See "
        f"http://stripe.com/docs/search#query-fields-for-{resource.replace('_', '-')} for a list of supported fields.",
        param="query",
    )


def parse(text: str, resource: str) -> Search:
    """Return the query of a resource (``customers``, ``prices`` ...).

    Raises the recorded 400s for what cannot be parsed and for unknown fields.
    """
    clauses: list[Clause] = []
    joins: set[str] = set()
    place = 0
    while place < len(text):
        found = _one_clause().match(text, place)
        if found is None:
            raise unparsable()
        clauses.append(_clause(found, resource))
        place = found.end()
        if place < len(text):
            join = _joining().match(text, place)
            if join is None:
                raise unparsable()
            joins.add((join[1] or "AND").upper())
            place = join.end()
            if place >= len(text):
                raise unparsable()
    if not clauses or len(clauses) > MAX_CLAUSES or len(joins) > 1:
        raise unparsable()
    return Search(tuple(clauses), joins != {"OR"})


def _clause(found: re.Match[str], resource: str) -> Clause:
    field, key, operator = found["field"], found["key"], found["op"]
    form = FIELDS[resource].get(field)
    if form is None:
        raise unsupported(field, resource)
    if (form == "map") is not (key is not None):
        raise unparsable()
    quoted = found["text"] if found["text"] is not None else found["text1"]
    value = None if found["null"] else re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else found["bare"]
    if operator == "~" and (value is None or len(value) < MIN_SUBSTRING):
        raise bad_param(f"Substrings must be a minimum of {MIN_SUBSTRING} characters.", param="query")
    if operator in (">", "<", ">=", "<=") and (form != "number" or not re.fullmatch(r"-?\d+(\.\d+)?", value or "")):
        raise unparsable()
    return Clause(PLACES.get((resource, field), field), key, operator, value, bool(found["neg"]))
