"""Decides which currencies exist, how small a charge in each may be, and how an unknown one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.catalog import errors
from emulator.kernel.money import decimals

if TYPE_CHECKING:
    from collections.abc import Mapping

# In the order in which Stripe prints them (recorded 2026-09 in refusals).
_CODES: Final = (
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf "
    "clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl hrk htg huf idr "
    "ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr "
    "mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd "
    "shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar "
    "zmw usdc btn ghs eek lvl svc vef ltl sll mro"
)
_PLAIN: Final = _CODES.split()
# Keys of maps know three more, after usdc (recorded 2026-09).
_IN_MAPS: Final = [
    code for plain in _PLAIN for code in (("usdc", "eurc", "usdt", "open_usd") if plain == "usdc" else (plain,))
]

SUPPORTED: Final = frozenset(_PLAIN)
_SUPPORTED_IN_MAPS: Final = frozenset(_IN_MAPS)

# docs.stripe.com/currencies, minor units; for a currency that is not listed the settlement currency's minimum applies.
MINIMUM_CHARGE: Final[Mapping[str, int]] = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip

_SIGNS: Final[Mapping[str, str]] = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cad": "$", "aud": "$", "nzd": "$"}


def check(currency: str, param: str = "currency") -> str:
    """Return ``currency`` in lower case; raises Stripe's refusal with the whole list for an unknown one."""
    code = currency.lower()
    if code not in SUPPORTED:
        raise errors.invalid_currency(currency, _PLAIN, param)
    return code


def check_map(options: Mapping[str, object], param: str = "currency_options") -> None:
    """Refuse upper-case and unknown currencies among the keys of a map (facts billing 1.5)."""
    for code in options:
        if code != code.lower() and code.lower() in _SUPPORTED_IN_MAPS:
            raise errors.currency_key_not_lowercase(code, param)
        if code not in _SUPPORTED_IN_MAPS:
            raise errors.invalid_currency_key(code, _IN_MAPS, param)


def minimum(currency: str) -> int:
    """Return the smallest charge in ``currency`` in minor units, 0 where none is known."""
    return MINIMUM_CHARGE.get(currency, 0)


def display(amount: int, currency: str) -> str:
    """Return an amount of minor units as error messages print it: ``$0.50``, ``¥50``, ``12.000 bhd``."""
    places = decimals(currency)
    sign, rest = ("-", -amount) if amount < 0 else ("", amount)
    whole, part = divmod(rest, 10**places)
    number = f"{whole:,}" + (f".{part:0{places}d}" if places else "")
    mark = _SIGNS.get(currency)
    return f"{sign}{mark}{number}" if mark else f"{sign}{number} {currency}"
