"""Decides the arithmetic of payments: fees, smallest and largest amounts, and how messages write an amount.

Pure, integers of minor units only.
"""

from __future__ import annotations

from emulator.kernel.money import decimals, round_half_up

# Fee of a test account in the United States (recorded 2025-10: 2500 -> 103, 22500 -> 683).
FEE_THOUSANDTHS = 29
FEE_FIXED = 30
LARGEST = 99_999_999
SMALLEST_OF_OTHERS = 50
# docs.stripe.com/currencies, minimum charge amounts
SMALLEST = {
    "aed": 200,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "thb": 1000,
}
SYMBOLS = {
    "aud": "A$",
    "brl": "R$",
    "cad": "CA$",
    "eur": "€",
    "gbp": "£",
    "hkd": "HK$",
    "inr": "₹",
    "jpy": "¥",
    "krw": "₩",
    "mxn": "MX$",
    "nzd": "NZ$",
    "usd": "$",
}


def fee_of(amount: int) -> int:
    """Return Stripe's fee for a payment of ``amount`` minor units, half a unit rounded up."""
    return round_half_up(amount * FEE_THOUSANDTHS, 1000) + FEE_FIXED


def smallest(currency: str) -> int:
    """Return the smallest amount that can be charged in ``currency``."""
    return SMALLEST.get(currency, SMALLEST_OF_OTHERS)


def spoken(amount: int, currency: str) -> str:
    """Return an amount as messages write it: ``$6.00``, ``$999,999.99``, ``¥50``."""
    places = decimals(currency)
    whole, rest = divmod(amount, 10**places)
    number = f"{whole:,}.{rest:0{places}}" if places else f"{whole:,}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{number} {currency.upper()}"
