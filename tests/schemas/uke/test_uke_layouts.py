"""What is known of the records is stated once, says its source, and contradicts nothing."""

import pytest

from schemas.uke.layout import HERE, INSURER, PAYER, RECEIPT, RecordsError, facts, parsed
from tests.schemas.uke.test_uke_golden_files import EXPECTED


def test_every_kind_and_record_names_a_known_source() -> None:
    known = set(facts().sources)
    for kind in facts().kinds.values():
        assert all(set(record.source.split()) <= known for record in kind.records.values())


def test_the_kinds_are_those_of_the_golden_files() -> None:
    assert set(facts().kinds) == set(EXPECTED)
    assert {table: kind.name for table in "1346" if (kind := facts().of_table(table))} == {
        "1": "medical", "3": "dental", "4": "pharmacy", "6": "nursing",
    }  # fmt: skip
    assert facts().of_table("7") is None


def test_the_lengths_are_those_of_the_specification() -> None:
    lengths = {
        name: {record: kind.record(record).columns for record in (RECEIPT, INSURER, PAYER)}
        for name, kind in facts().kinds.items()
    }
    assert lengths["medical"] == {"RE": 38, "HO": 15, "KO": 12}
    assert lengths["pharmacy"]["KO"] == 10
    assert lengths["nursing"]["KO"] == 8
    assert lengths["dpc"] == lengths["medical"]


def test_what_one_second_hand_source_says_is_not_verified() -> None:
    assert not facts().kinds["nursing"].verified
    assert not facts().kinds["dpc"].verified
    verified = [name for kind in facts().kinds.values() for name, one in kind.records.items() if one.verified]
    assert {"RE", "HO", "KO", "SI", "GO"} <= set(verified)


def test_remarks_and_patients_are_those_of_the_code_tables() -> None:
    assert {number: one.income_class for number, one in facts().remarks.items()} == dict(
        zip(map(str, range(26, 36)), "アイウエオ" * 2, strict=True)
    )
    assert [facts().patients[digit].copay_percent for digit in "12345678"] == [30, 30, 20, 20, 30, 30, None, None]
    assert all(facts().patients[digit].inpatient == (digit in "13579") for digit in "1234567890")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [("[公費負担者番号, payer_no]", "公費負担者番号", "payer_no"), ("columns: 12", "columns: 4", "項目の数")],
)
def test_facts_that_contradict_themselves_are_refused(old: str, new: str, told: str) -> None:
    text = (HERE / "records.yaml").read_text("utf-8")
    with pytest.raises(RecordsError, match=told):
        parsed(text.replace(old, new, 1))
