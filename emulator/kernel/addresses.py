"""Decides which parts an address has in a country, which of them it cannot do without, and what they are called (PURE).

Source: the public address data of libaddressinput, by which browsers fill in forms, as of 2024-09: order of the parts,
which are required, and the kinds of their names. Choice: Japan has a city of its own, as payment forms there ask for it.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

# How an address is asked for: A lines of the street, C city, S state, Z postal code; a small letter may be left out.
_ASKED: Final = """
AC AO AQ AW BF BI BJ BO BQ BV BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY KM LC LY ML MR MS MW NU PS
AC QA RW SB SL SS ST SX SY TD TF TG TK TL TO TT UG VU WS YE ZW
AzC AD AL AZ BA BG CY DO DZ EC EH ET FO GE GT GW HR HT IS KG KW LA LR MA MC MD ME MG MK MU NE OM PY RS SI SN TJ TM
AzC TN TZ VA XK ZM
AZC AT AX BE BL CH CZ DE DK FI FR GF GL GP GR LI LU MF MQ NC NL NO PL PM PT RE SE SJ SK WF YT
ACz AC AF AI BD BH BM BN BT IL JO KE KH LB LK LS MM MT MV NA NP PK SA SD SZ TA VC
ACZ FK GB GG GS GU IM IO JE NZ PN PR SH TC ZA
ACSZ AS AU BR CA FM MH MP PW RU US VI
ACsz BB CC CU CX EG HM IE MN NF TH VN
AzCs AM AR BY CL CV MZ NI UY UZ
ACs BS PA SC SR TV
AZCs EE LT MY TR
AZCS ES IT MX PF
ACSz HN IQ SO UM
ZSCA CN JP TW
ACzs NG PE PH
AS AE NR
AcSz CO ID
ACS JM KN
zsCA KP KZ
ACzS PG VE
Ac AG
ASCz CR
Az GI
zAC GN
ScA HK
CAZ HU
ACZS IN
sCAz IR
AsC KI
SCAZ KR
ASz KY
AsCZ LV
A MO
AZsC RO
AZ SG
AZc SM
AzCS SV
ACsZ UA
Acz VG
"""
# States that are chosen from a list: the countries whose states have codes that everybody writes.
_REGIONS: Final = {
    "AU": """
ACT Australian Capital Territory, JBT Jervis Bay Territory, NSW New South Wales, NT Northern Territory, QLD
Queensland, SA South Australia, TAS Tasmania, VIC Victoria, WA Western Australia
    """,
    "BR": """
AC Acre, AL Alagoas, AP Amapá, AM Amazonas, BA Bahia, CE Ceará, DF Distrito Federal, ES Espírito Santo, GO Goiás, MA
Maranhão, MT Mato Grosso, MS Mato Grosso do Sul, MG Minas Gerais, PA Pará, PB Paraíba, PR Paraná, PE Pernambuco, PI
Piauí, RJ Rio de Janeiro, RN Rio Grande do Norte, RS Rio Grande do Sul, RO Rondônia, RR Roraima, SC Santa Catarina,
SP São Paulo, SE Sergipe, TO Tocantins
    """,
    "CA": """
AB Alberta, BC British Columbia, MB Manitoba, NB New Brunswick, NL Newfoundland and Labrador, NT Northwest
Territories, NS Nova Scotia, NU Nunavut, ON Ontario, PE Prince Edward Island, QC Quebec, SK Saskatchewan, YT Yukon
    """,
    "US": """
AL Alabama, AK Alaska, AS American Samoa, AZ Arizona, AR Arkansas, AA Armed Forces (AA), AE Armed Forces (AE), AP
Armed Forces (AP), CA California, CO Colorado, CT Connecticut, DE Delaware, DC District of Columbia, FL Florida, GA
Georgia, GU Guam, HI Hawaii, ID Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas, KY Kentucky, LA Louisiana, ME
Maine, MH Marshall Islands, MD Maryland, MA Massachusetts, MI Michigan, FM Micronesia, MN Minnesota, MS Mississippi,
MO Missouri, MT Montana, NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, NY New York, NC
North Carolina, ND North Dakota, MP Northern Mariana Islands, OH Ohio, OK Oklahoma, OR Oregon, PW Palau, PA
Pennsylvania, PR Puerto Rico, RI Rhode Island, SC South Carolina, SD South Dakota, TN Tennessee, TX Texas, UT Utah,
VT Vermont, VI Virgin Islands, VA Virginia, WA Washington, WV West Virginia, WI Wisconsin, WY Wyoming
    """,
}
# What the parts are called where it is not "City", "Province" and "Postal code".
_TOWNS: Final = {"post_town": "GB NO SE SJ", "suburb": "AU", "district": "HK PE SD SY TR TW"}
_STATES: Final = {
    "state": "AS AU BR FM IN MH MP MX MY NG PW UM US VE VI",
    "prefecture": "JP",
    "county": "IE TW",
    "parish": "BB JM",
    "island": "BS CV KI KN KY PF SC TV",
    "department": "CO HN NI",
    "region": "HK RU UA",
    "district": "NR",
    "emirate": "AE",
}
_POSTAL: Final = {"zip": "AS FM GU MH MP PR PW UM US VI", "eircode": "IE", "pin": "IN"}
_PARTS: Final = {"A": "line1", "C": "city", "S": "state", "Z": "postal_code"}
PARTS: Final = ("line1", "line2", "city", "state", "postal_code")
_UNKNOWN: Final = "Acsz"  # a country that the table does not know: everything may be given


class Address(NamedTuple):
    """How a country writes addresses.

    ``parts`` in the order in which they are asked for; ``town``, ``state`` and ``postal`` are the kinds of names that
    those parts have; ``regions`` are the states with their codes, empty where they are written freely.
    """

    parts: tuple[str, ...]
    required: frozenset[str]
    town: str
    state: str
    postal: str
    regions: tuple[tuple[str, str], ...]


@cache
def _patterns() -> dict[str, str]:
    rows = (line.split() for line in _ASKED.strip().splitlines())
    return {country: pattern for pattern, *countries in rows for country in countries}


@cache
def countries() -> tuple[str, ...]:
    """Return the countries that an address may be in: two letters each (ISO 3166), in the order of those."""
    return tuple(sorted(_patterns()))


@cache
def of(country: str) -> Address:
    """Return how ``country`` (two letters) writes addresses; one that is not known may have all parts."""
    pattern = _patterns().get(country, _UNKNOWN)
    parts: list[str] = []
    for letter in pattern:
        parts.append(_PARTS[letter.upper()])
        if letter.upper() == "A":
            parts.append("line2")
    return Address(
        tuple(parts),
        frozenset(_PARTS[letter] for letter in pattern if letter.isupper()),
        _kind(_TOWNS, country, "city"),
        _kind(_STATES, country, "province"),
        _kind(_POSTAL, country, "postal"),
        _regions(country),
    )


def lacking(address: dict[str, str | None]) -> list[str]:
    """Return the parts that an address cannot do without and does not have."""
    needed = of(address.get("country") or "").required
    return [part for part in PARTS if part in needed and not address.get(part)]


def _kind(table: dict[str, str], country: str, ordinary: str) -> str:
    return next((kind for kind, members in table.items() if country in members.split()), ordinary)


def _regions(country: str) -> tuple[tuple[str, str], ...]:
    rows = " ".join(_REGIONS.get(country, "").split()).split(", ")
    pairs = (row.partition(" ") for row in rows if row)
    return tuple((code, name) for code, _, name in pairs)
