"""Tax ids: their formats, their owners, their verification."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.customers import tax_id_formats
from emulator.kernel.errors import StripeError
from emulator.spec.catalogue import catalogue
from tests.unit.catalog.desk import Desk

# One published example of each type (docs.stripe.com/billing/customer/tax-ids).
EXAMPLES = """
ad_nrt A-123456-Z · ae_trn 123456789012345 · al_tin J12345678N · am_tin 02538904 · ao_tin 5123456789 · ar_cuit 12-3456789-01
au_abn 12345678912 · au_arn 123456789123 · aw_tin 12345678 · az_tin 0123456789 · ba_tin 123456789012 · bb_tin 1123456789012
bd_bin 123456789-0123 · bf_ifu 12345678A · bg_uic 123456789 · bh_vat 123456789012345 · bj_ifu 1234567890123 · bo_tin 123456789
br_cnpj 01.234.456/5432-10 · br_cpf 123.456.789-87 · bs_tin 123.456.789 · by_tin 123456789 · ca_bn 123456789
ca_gst_hst 123456789RT0002 · ca_pst_bc PST-1234-5678 · ca_pst_mb 123456-7 · ca_pst_sk 1234567 · ca_qst 1234567890TQ1234
cd_nif A0123456M · ch_uid CHE-123.456.789 HR · ch_vat CHE-123.456.789 MWST · cl_tin 12.345.678-K · cm_niu M123456789000L
cn_tin 123456789012345678 · co_nit 123.456.789-0 · cr_tin 1-234-567890 · cv_nif 213456789 · de_stn 1234567890
do_rcn 123-4567890-1 · ec_ruc 1234567890001 · eg_tin 123456789 · es_cif A12345678 · et_tin 1234567890 · eu_oss_vat EU123456789
fo_vat FO123456 · gb_vat GB123456789 · ge_vat 123456789 · gi_tin 12345 · gn_nif 123456789 · hk_br 12345678 · hr_oib 12345678901
hu_tin 12345678-1-23 · id_npwp 012.345.678.9-012.345 · il_vat 000012345 · in_gst 12ABCDE3456FGZH · is_vat 123456
it_cf ABCDEF12A12A123A · jp_cn 1234567891234 · jp_rn 12345 · jp_trn T1234567891234 · ke_pin P000111111A
kg_tin 12345678901234 · kh_tin 1001-123456789 · kr_brn 123-45-67890 · kz_bin 123456789012 · la_tin 123456789-000
li_uid CHE123456789 · li_vat 12345 · lk_vat 123456789-1234 · ma_vat 12345678 · md_vat 1234567 · me_pib 12345678
mk_vat MK1234567890123 · mr_nif 12345678 · mx_rfc ABC010203AB9 · my_frp 12345678 · my_itn C 1234567890 · my_sst A12-3456-78912345
ng_tin 12345678-0001 · no_vat 123456789MVA · no_voec 1234567 · np_pan 123456789 · nz_gst 123456789 · om_vat OM1234567890
pe_ruc 12345678901 · ph_tin 123456789012 · pl_nip 1234567890 · py_ruc 12345678A · ro_tin 1234567890123 · rs_pib 123456789
ru_inn 1234567891 · ru_kpp 123456789 · sa_vat 123456789012345 · sg_gst M12345678X · sg_uen 123456789F · si_tin 12345678
sn_ninea 12345672A2 · sr_fin 1234567890 · sv_nit 1234-567890-123-4 · th_vat 1234567891234 · tj_tin 123456789 · tr_tin 0123456789
tw_vat 12345678 · tz_vat 12345678A · ua_vat 123456789 · ug_tin 1014751879 · us_ein 12-3456789 · uy_ruc 123456789012
uz_tin 123456789 · uz_vat 123456789012 · ve_rif A-12345678-9 · vn_tin 1234567890 · za_vat 4123456789 · zm_tin 1004751879
zw_tin 1234567890
"""
EU = (
    "ATU12345678 BE0123456789 BG0123456789 CY12345678Z CZ1234567890 DE123456789 DK12345678 EE123456789 EL123456789 "
    "ESA1234567Z FI12345678 FRAB123456789 HR12345678912 HU12345678 IE1234567AB IT12345678912 LT123456789123 LU12345678 "
    "LV12345678912 MT12345678 NL123456789B12 PL1234567890 PT123456789 RO1234567891 SE123456789123 SI12345678 SK1234567891 "
    "XI123456789"
)
PAIRS = [tuple(one.strip().split(" ", 1)) for line in EXAMPLES.strip().splitlines() for one in line.split("·")]


@pytest.mark.parametrize("type_, value", PAIRS, ids=[pair[0] for pair in PAIRS])
def test_published_examples_fit(type_: str, value: str) -> None:
    assert tax_id_formats.fits(type_, value)
    assert not tax_id_formats.fits(type_, value + "#1")
    assert not tax_id_formats.fits(type_, "")


@pytest.mark.parametrize("value", EU.split())
def test_eu_vat(value: str) -> None:
    assert tax_id_formats.fits("eu_vat", value)
    assert not tax_id_formats.fits("eu_vat", value[2:])
    country = {"EL": "GR", "XI": "GB"}.get(value[:2], value[:2])
    assert tax_id_formats.country("eu_vat", value) == country


def test_every_template_is_of_a_known_type() -> None:
    node = catalogue().node(catalogue().fields("tax_id")["type"])
    assert {pair[0] for pair in PAIRS} - {"unknown"} <= set(node["enum"]) | {"am_tin", "sn_ninea"}
    assert tax_id_formats.fits("cz_dic", "anything")
    assert tax_id_formats.country("eu_oss_vat", "EU123456789") is None


@pytest.mark.parametrize(
    "type_, value, first, last",
    [
        ("eu_vat", "000000000", "pending", "verified"),
        ("gb_vat", "111111111", "pending", "unverified"),
        ("au_abn", "222222222", "pending", "pending"),
        ("eu_vat", "DE123456789", "pending", "unavailable"),
        ("us_ein", "12-3456789", "unavailable", "unavailable"),
    ],
)
async def test_verification(desk: Desk, type_: str, value: str, first: str, last: str) -> None:
    customer = await desk.post("/v1/customers")
    made = await desk.post(f"/v1/customers/{customer['id']}/tax_ids", type=type_, value=value)
    assert made["verification"]["status"] == first
    await desk.wait(60)
    after = await desk.fetch(f"/v1/customers/{customer['id']}/tax_ids/{made['id']}")
    assert after["verification"]["status"] == last


async def test_at_most_five(desk: Desk) -> None:
    customer = await desk.post("/v1/customers")
    path = f"/v1/customers/{customer['id']}/tax_ids"
    for _ in range(5):
        await desk.post(path, type="us_ein", value="12-3456789")
    with pytest.raises(StripeError, match="at most 5"):
        await desk.post(path, type="us_ein", value="12-3456789")


async def test_tax_ids_of_the_account_and_of_a_customer(desk: Desk) -> None:
    customer = await desk.post("/v1/customers")
    owner: dict[str, Any] = {"type": "customer", "customer": customer["id"]}
    own = await desk.post("/v1/tax_ids", type="us_ein", value="12-3456789")
    theirs = await desk.post("/v1/tax_ids", type="us_ein", value="12-3456789", owner=owner)
    assert own["owner"] == {"type": "self"}
    assert theirs["customer"] == customer["id"]
    assert [one["id"] for one in (await desk.fetch("/v1/tax_ids"))["data"]] == [own["id"]]
    assert [one["id"] for one in (await desk.fetch("/v1/tax_ids", owner=owner))["data"]] == [theirs["id"]]
    with pytest.raises(StripeError, match="No such customer"):
        await desk.post(
            "/v1/tax_ids", type="us_ein", value="12-3456789", owner={"type": "customer", "customer": "cus_x"}
        )
    with pytest.raises(StripeError) as refused:
        await desk.delete(f"/v1/customers/{customer['id']}/tax_ids/{own['id']}")
    assert (refused.value.status, refused.value.message) == (404, f"No such tax_id: '{own['id']}'")
    assert (await desk.delete(f"/v1/tax_ids/{own['id']}"))["deleted"] is True
