"""Decides how an amount is written: the API's minor units and the currency's own digits, in the reader's language."""

from __future__ import annotations

import re
from copy import copy
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency, get_currency_precision

from emulator.kernel.money import decimals

FINEST = 12  # decimal places of a unit_amount_decimal (docs.stripe.com/api/prices)
# Letters and digits do not touch: CLDR's spacing of currencies, which Babel leaves out.
_TOUCHING = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def written(minor: int | Decimal, currency: str, locale: Locale) -> str:
    """Return ``minor`` units of ``currency`` as text; parts of a minor unit are shown, not rounded away."""
    places = decimals(currency)
    value = Decimal(minor).scaleb(-places)
    code = currency.upper()
    if value % Decimal(1).scaleb(-get_currency_precision(code)) == 0:
        text = format_currency(value, code, locale=locale)
    else:
        # Some currencies have no digits in print but two in the API, and prices may be parts of a cent.
        pattern = copy(locale.currency_formats["standard"])
        pattern.frac_prec = (places, FINEST)
        text = pattern.apply(value, locale, currency=code, currency_digits=False)
    return _TOUCHING.sub("\N{NO-BREAK SPACE}", text)
