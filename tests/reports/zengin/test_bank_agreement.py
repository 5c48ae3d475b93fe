"""The agreement with the bank is stated fully, or refused by the name of the item."""

from __future__ import annotations

import pytest

from reports.zengin.agreement import AgreementError, BankProfile


def test_a_profile_reads_from_a_mapping(profile):
    assert profile.line_end == "crlf"
    assert profile.agreed_spellings == {"・": " "}
    assert not profile.accepts_wo


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("line_end", "lf"),
        ("line_end", None),
        ("agreed_spellings", None),
        ("agreed_spellings", {"ア": "イ"}),
        ("agreed_spellings", {"ヲ": "ォ"}),
        ("agreed_spellings", {"ヲ": "ヱ"}),
        ("agreed_spellings", {"ヰ": "ヲ"}),
        ("agreed_spellings", {"・": ""}),
        ("agreed_spellings", {"・": "アイ"}),
        ("agreed_spellings", {"・": ".", ".": " "}),
        ("max_records", 1_000_000),
        ("max_records", True),
        ("max_amount_yen", 10_000_000_000),
        ("max_amount_yen", -1),
        ("transfer_designation_code", 7),
        ("transfer_designation_code", "77"),
        ("transfer_designation_code", "Y"),
        ("master_max_age_days", None),
    ],
)
def test_a_value_the_format_cannot_carry_is_refused(item, value, profile_with):
    with pytest.raises(AgreementError, match=item):
        profile_with(**{item: value})


def test_nothing_defaults_and_nothing_is_ignored(profile_with, originator_with):
    with pytest.raises(AgreementError, match="項目がありません: agreed_spellings, line_end"):
        BankProfile.from_mapping(
            {
                "max_records": 1,
                "max_amount_yen": 1,
                "transfer_designation_code": "7",
                "master_max_age_days": 1,
            }
        )
    with pytest.raises(AgreementError, match="不明な項目があります: color"):
        profile_with(color="red")
    with pytest.raises(AgreementError, match="文字列で書いてください: bank_code"):
        originator_with(bank_code=17)
