"""Decides which parts an address has in a country, which of them it cannot do without, and what they are called (PURE).

Source: the public address data of libaddressinput, by which browsers fill in forms, as of 2024-09: order and lines of the
parts, which are required, and the kinds of their names. Choices: Japan has a city of its own, as payment forms there ask
for it; what is stored of a part that a country does not write stands beside the town.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, NamedTuple

# How an address is written, and so in which order it is asked for: A lines of the street, C city, S state, Z postal code,
# N the name where it is not the first line; / ends a line, _ is a space; a small letter may be left out. Prefixes of
# postal codes that are for post from abroad are left out: the name of the country says it.
_WRITTEN: Final = """
A/C AO AQ AW BF BI BJ BO BQ BV BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY KM LC LY ML MR MS MW NU PS
A/C QA RW SB SL SS ST SX SY TD TF TG TK TL TO TT UG VU WS YE ZW
A/z_C AD AZ BA BG CY DO DZ EH ET FO GE GW HR HT IS KG KW LA LR MA MC MD ME MG MK NE PY RS SI SN TJ TM TN TZ VA XK ZM
A/Z_C AT AX BE BL CH CZ DE DK FI FR GF GL GP GR LI LU MF MQ NC NL NO PL PM PT RE SE SJ SK WF YT
A/C_z BH BM BN BT IL JO KH LB LS MT MV NP SA VC
A/C/Z FK GB GG GS IM IO JE PN SH TC ZA
A/C/z AC AF AI KE LK NA SD SZ TA
A/c/z VG
A/C_S_Z AS AU CA FM MH MP PW VI
A/z/C AL EC MU OM
A/z_C/s AR CL CV UZ
A/C_s_z CC CX HM NF
A/C/s PA SC SR TV
A/Z_C_S ES IT PF
A/C_Z GU NZ PR
A/C/s_z MN TH VN
A/S AE NR
A/Z_C_s EE LT
A/C/s/z EG IE
A/C,_S/z HN IQ
z/s/C/A/N KP KZ
A/Z_C/s MY TR
A/C_z/s NG PE
A/c AG
A/z/C/s AM
A/C,_s_z BB
A/C_-_z BD
A/C-S/Z BR
A/C,_s BS
A/z,_C/s BY
Z/SC/A/N CN JP TW
A/c,_S,_z CO
A/S,_C/z CR
A/C_s/z CU
A/z GI
z_A/C GN
A/z-_C GT
S/c/A/N HK
C/A/Z HU
A/c/S_z ID
A/C_Z/S IN
s/C,_A/z IR
A/C/S JM
A/s/C KI
A/C,_S KN
S_C/A/N/Z KR
A/S_z KY
A/s/C,_Z LV
A/C,_z MM
A/N MO
A/Z_C,_S MX
A/z_C_s MZ UY
A/z/C,_s NI
A/C_z_S PG
A/C/z_s PH
A/C-z PK
A/Z_s_C RO
A/C/S/Z RU
A/Z SG
A/Z_c SM
A/C,_S_z SO
A/z-C/S SV
A/C/s/Z UA
A/C_S_z UM
A/C,_S_Z US
A/C_z,_S VE
"""
# How the same countries write in Latin letters: from small to large.
_LATIN: Final = """
A/C/S,_Z CN KP
A/C,_S_Z JP TW
A/C/S HK
A/C/S/Z KR
A MO
"""
_EASTERN: Final = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SIGNS: Final = {"JP": "\u3012"}  # stands before the postal code
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
_UNKNOWN: Final = "A/c,_s_z"  # a country that the table does not know: everything may be given


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


def _table(text: str) -> dict[str, str]:
    rows = (line.split() for line in text.strip().splitlines())
    return {country: pattern for pattern, *countries in rows for country in countries}


@cache
def _patterns() -> dict[str, str]:
    return _table(_WRITTEN)


@cache
def _latin() -> dict[str, str]:
    return _table(_LATIN)


@cache
def countries() -> tuple[str, ...]:
    """Return the countries that an address may be in: two letters each (ISO 3166), in the order of those."""
    return tuple(sorted(_patterns()))


@cache
def of(country: str) -> Address:
    """Return how ``country`` (two letters) writes addresses; one that is not known may have all parts."""
    pattern = [sign for sign in _patterns().get(country, _UNKNOWN) if sign.upper() in _PARTS]
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


def eastern(address: dict[str, Any]) -> bool:
    """Say whether an address goes from large to small: one of such a country, in its own letters."""
    country = address.get("country") or ""
    return country in _latin() and any(_EASTERN.search(address.get(part) or "") for part in PARTS)


def lines(address: dict[str, Any], name: str | None = None) -> tuple[str, ...]:
    """Return an address as its country writes it, with ``name`` in its place; the country's own name is not in it."""
    country = address.get("country") or ""
    pattern = _patterns().get(country, _UNKNOWN)
    if country in _latin() and not eastern(address):
        pattern = _latin()[country]
    given = {sign: address[part] for sign, part in _PARTS.items() if address.get(part)}
    given |= {"N": name} if name else {}
    if "N" not in pattern:
        pattern = "N/" + pattern
    street = "\n".join(line for line in (address.get("line1"), address.get("line2")) if line)
    given |= {"A": street} if street else {}
    if country in _SIGNS and pattern == _patterns()[country] and "Z" in given:
        given["Z"] = _SIGNS[country] + given["Z"].removeprefix(_SIGNS[country])
    told = (_line(segment, given) for segment in _roomy(pattern.upper(), given).split("/"))
    return tuple(line for one in told for line in one.split("\n") if line)


def _roomy(pattern: str, given: dict[str, str]) -> str:
    """Return a pattern with room for what is given and the country does not write: not twice, where both are the same."""
    same = given.get("C") == given.get("S")
    if "C" in given and "C" not in pattern and not (same and "S" in pattern):
        pattern = pattern.replace("Z", "C_Z", 1) if "Z" in pattern else f"{pattern}/C"
    if "Z" in given and "Z" not in pattern:
        pattern = pattern.replace("C", "C_Z", 1) if "C" in pattern else f"{pattern}/Z"
    if "S" in given and "S" not in pattern and not same:
        head, town, rest = pattern.partition("C")
        line, _, below = rest.partition("/")
        pattern = f"{head}{town}{line}/S/{below}" if town else f"{pattern}/S"
    return pattern


def _line(segment: str, given: dict[str, str]) -> str:
    """Return one line; what stands between two parts goes when one of them is not there."""
    told, between = "", ""
    for sign in segment:
        if sign not in "ACNSZ":
            between += sign.replace("_", " ")
        elif sign in given:
            told += (between if told else "") + given[sign]
            between = ""
    return told


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
