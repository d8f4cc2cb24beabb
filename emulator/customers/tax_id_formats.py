"""Decides whether a value looks like a tax id of its type: pure, from the published example of every type.

In a template ``9`` stands for any digit, ``A`` for any letter, ``*`` for a letter or digit, a small letter for itself
in either case, and punctuation may be left out. Source: docs.stripe.com/billing/customer/tax-ids (facts portal 7.3).
A type without a published example takes any value.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import cycle
from string import ascii_uppercase
from typing import Final

# What the test environment accepts of every type, and what comes of it (docs.stripe.com/billing/customer/tax-ids).
MAGIC: Final = {"000000000": "verified", "111111111": "unverified", "222222222": "pending"}

_TEMPLATES: Final = """
ad_nrt A-999999-A
ae_trn 999999999999999
al_tin A99999999A
am_tin 99999999
ao_tin 9999999999
ar_cuit 99-9999999-99|99-99999999-9
au_abn 99999999999
au_arn 999999999999
aw_tin 99999999
az_tin 9999999999
ba_tin 999999999999
bb_tin 9999999999999
bd_bin 999999999-9999
bf_ifu 99999999A
bg_uic 999999999
bh_vat 999999999999999
bj_ifu 9999999999999
bo_tin 999999999
br_cnpj 99.999.999/9999-99
br_cpf 999.999.999-99
bs_tin 999.999.999
by_tin 999999999
ca_bn 999999999
ca_gst_hst 999999999rt9999
ca_pst_bc pst-9999-9999
ca_pst_mb 999999-9
ca_pst_sk 9999999
ca_qst 9999999999tq9999
cd_nif A9999999A
ch_uid che-999.999.999|che-999.999.999 hr
ch_vat che-999.999.999 mwst|che-999.999.999 tva|che-999.999.999 iva
cl_tin 99.999.999-*|9.999.999-*
cm_niu A999999999999A
cn_tin 99999999999999999*|999999999999999|*****************A|******************
co_nit 999.999.999-9
cr_tin 9-999-999999
cv_nif 999999999
de_stn 9999999999|99999999999
do_rcn 999-9999999-9
ec_ruc 9999999999999
eg_tin 999999999
es_cif A9999999*
et_tin 9999999999
eu_oss_vat eu999999999
fo_vat fo999999
gb_vat gb999999999|gb999999999999
ge_vat 999999999
gi_tin 99999
gn_nif 999999999
hk_br 99999999
hr_oib 99999999999
hu_tin 99999999-9-99
id_npwp 999.999.999.9-999.999|99.999.999.9-999.999
il_vat 999999999
in_gst 99*************
is_vat 999999
it_cf AAAAAA**A**A***A
jp_cn 9999999999999
jp_rn 99999
jp_trn t9999999999999
ke_pin A999999999A
kg_tin 99999999999999
kh_tin A999-999999999|9999-999999999
kr_brn 999-99-99999
kz_bin 999999999999
la_tin 999999999-999
li_uid che999999999
li_vat 99999
lk_vat 999999999-9999
ma_vat 99999999
md_vat 9999999
me_pib 99999999
mk_vat mk9999999999999
mr_nif 99999999
mx_rfc AAA999999***|AAAA999999***
my_frp 99999999
my_itn A 9999999999|AA 9999999999
my_sst A99-9999-99999999
ng_tin 99999999-9999
no_vat 999999999mva|999999999
no_voec 9999999
np_pan 999999999
nz_gst 999999999|99999999
om_vat om9999999999
pe_ruc 99999999999
ph_tin 999999999999
pl_nip 9999999999
py_ruc 99999999*
ro_tin 9999999999999
rs_pib 999999999
ru_inn 9999999999|999999999999
ru_kpp 999999999
sa_vat 999999999999999
sg_gst A99999999A|AA9999999A
sg_uen 999999999A|99999999A|A99AA9999A
si_tin 99999999
sn_ninea 99999999A9|9999999*9*9
sr_fin 9999999999
sv_nit 9999-999999-999-9
th_vat 9999999999999
tj_tin 999999999
tr_tin 9999999999
tw_vat 99999999
tz_vat 99999999A
ua_vat 999999999
ug_tin 9999999999
us_ein 99-9999999
uy_ruc 999999999999
uz_tin 999999999
uz_vat 999999999999
ve_rif A-99999999-9
vn_tin 9999999999
za_vat 9999999999
zm_tin 9999999999
zw_tin 9999999999
"""

# By country, the two letters of which come first in the value.
_EU_VAT: Final = (
    "atu99999999|be9999999999|bg999999999|bg9999999999|cy99999999A|cz99999999|cz999999999|cz9999999999|de999999999|"
    "dk99999999|ee999999999|el999999999|es*9999999*|fi99999999|fr**999999999|hr99999999999|hu99999999|ie9999999A|"
    "ie9999999AA|it99999999999|lt999999999|lt999999999999|lu99999999|lv99999999999|mt99999999|nl999999999b99|"
    "pl9999999999|pt999999999|ro99|ro999|ro9999|ro99999|ro999999|ro9999999|ro99999999|ro999999999|ro9999999999|"
    "se999999999999|si99999999|sk9999999999|xi999999999|xi999999999999"
)
_CLASSES: Final = {"9": r"\d", "A": "[A-Z]", "*": "[A-Z0-9]"}


def _pattern(template: str) -> str:
    parts = []
    for char in template:
        if char in _CLASSES:
            parts.append(_CLASSES[char])
        elif char.isalnum():
            parts.append(char.upper())
        else:
            parts.append(re.escape(char) + "?")
    return "".join(parts)


@cache
def _rows() -> dict[str, list[str]]:
    rows = dict(line.split(" ", 1) for line in _TEMPLATES.strip().splitlines())
    return {name: templates.split("|") for name, templates in {**rows, "eu_vat": _EU_VAT}.items()}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile("|".join(f"(?:{_pattern(one)})" for one in templates), re.IGNORECASE)
        for name, templates in _rows().items()
    }


def fits(type: str, value: str) -> bool:
    """Say whether ``value`` has the format of ``type``, or is one of the test environment's magic values."""
    if value in MAGIC:
        return True
    pattern = _patterns().get(type)
    text = value.strip()
    return bool(pattern.fullmatch(text)) if pattern is not None else bool(text)


def country(type: str, value: str) -> str | None:
    """Return the country of a tax id: two letters, or None for the ones of no single country."""
    if type == "eu_vat":
        letters = value[:2].upper()
        return {"EL": "GR", "XI": "GB"}.get(letters, letters) if letters.isalpha() else None
    return None if type in ("eu_oss_vat", "unknown") else type[:2].upper()


@cache
def examples(type: str) -> dict[str, str]:
    """Return a made-up value of a type for each country (two letters) that has it.

    "" stands for no single country; the value is "" where any text fits.
    """
    found: dict[str, str] = {}
    for template in _rows().get(type, [""]):
        value = _filled(template)
        found.setdefault(country(type, value) or "", value)
    return found


def _filled(template: str) -> str:
    signs = {"9": cycle("1234567890"), "A": cycle(ascii_uppercase), "*": cycle(ascii_uppercase)}
    return "".join(next(signs[char]) if char in signs else char.upper() for char in template)
