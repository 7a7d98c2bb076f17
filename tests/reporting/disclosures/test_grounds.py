"""What a reader is told before using the figures, in both languages."""

import pytest

from reporting.disclosures.assembling.grounds import ABOUT, FLAGS, flags, uncertainty

GRID = {
    "number": 3,
    "gas": "CO2",
    "name": {"zh": "电力平均", "en": "Grid average"},
    "stands_in": {"zh": "2025 年未公布，采用 2023 年", "en": "that of 2023 is used"},
}
NOTHING_SOLD = {"entered_mwh": "0", "ledger_mwh": "0"}


def told(*found, sold=NOTHING_SOLD):
    answers = {str(number): "YES" for number in range(1, 9)} | {"8": "NOT_CHECKED", "3": "NO"}
    claims = [{"id": f"c-{number}", "answers": answers} for number in range(1, 6)]
    return flags({"flags": list(found), "claims": claims}, {"grid": GRID}, sold)


def test_a_stand_in_names_its_factor_by_number_and_what_was_asked():
    (one,) = told({"code": "factor_fallback", "about": "", "id": "grid"})
    assert one["text"] == {
        "zh": "电力平均 [3]：2025 年未公布，采用 2023 年。",
        "en": "Grid average [3]: that of 2023 is used.",
    }


def test_an_unverified_factor_is_named_with_its_gas():
    (one,) = told({"code": "factor_unverified", "about": "", "id": "grid"})
    assert one["text"] == {"zh": "电力平均（CO2） [3]", "en": "Grid average (CO2) [3]"}


@pytest.mark.parametrize("code", sorted(ABOUT))
def test_every_flag_of_the_market_based_side_is_a_sentence_with_the_claim(code):
    (one,) = told({"code": code, "about": "c-1", "id": "c-1"})
    assert one["name"]["zh"] and one["name"]["en"]
    assert all(text.endswith(("。", ".")) for text in one["text"].values())
    assert code == "no_residual_mix" or all("c-1" in text for text in one["text"].values())


def test_claims_with_the_same_flaw_are_one_flag_that_names_the_criterion():
    (one,) = told(
        *({"code": "claim_not_checked", "about": "", "id": f"c-{n}"} for n in range(1, 6))
    )
    assert one["text"] == {
        "zh": "声明 c-1、c-2、c-3 等 5 份：八项范围二质量准则中第 8 项尚未核对。",
        "en": "Claims c-1, c-2, c-3 and 2 more: of the eight Scope 2 quality criteria, number 8 is"
        " not yet checked.",
    }
    (unusable,) = told({"code": "claim_not_usable", "about": "", "id": "c-2"})
    assert "第 3 项为“否”" in unusable["text"]["zh"]


def test_more_certificates_with_others_than_were_entered_is_said():
    (one,) = told(sold={"entered_mwh": "100", "ledger_mwh": "120"})
    assert one["code"] == "sold_certificates_differ"
    assert all("120" in text and "100" in text for text in one["text"].values())
    assert told(sold={"entered_mwh": "120", "ledger_mwh": "120"}) == []
    assert told(sold={}) == []


def test_every_flag_has_a_name_in_both_languages():
    assert all(len(names) == 2 and all(names) for names in FLAGS.values())


def test_without_an_assessed_part_there_is_no_uncertainty_to_print():
    assert uncertainty({"parts": [], "whole": "0", "not_assessed": ["PROCESS"]}) is None
