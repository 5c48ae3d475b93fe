"""Who gets a letter and where: the order of addresses, and protected people in every combination (INC-23, INC-24)."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.letters.addressee import (
    CANDIDATES,
    NEEDS_SAFE_ADDRESS,
    NO_ADDRESS,
    SECRET_IN_BODY,
    Addressed,
    AddressRule,
    address_letters,
)
from reports.letters.kinds import KINDS, RECOGNITION, REFUSAL
from tests.reports.letters.letter_rows import PLACES, frame, person
from tests.support.draws import draws

ORDER = ("guardian_mailing", "mailing", "residence", "registered")
SAFE = {"guardian_mailing", "mailing"}


def places(source: str, number: int) -> dict[str, str]:
    """A complete candidate whose every part names its source."""
    columns = CANDIDATES[source]
    return {
        columns["postal_code"]: f"33200{number:02d}",
        columns["address"]: f"川口市{source}町{number}",
        columns["katagaki"]: f"{source}ハイツ",
        columns["name"]: f"{source}宛",
    }


def row(stated: set[str], protected: bool | None, document_no: str = "1") -> dict[str, Any]:
    blank = dict.fromkeys(PLACES)
    filled = {k: v for n, s in enumerate(ORDER, 11) if s in stated for k, v in places(s, n).items()}
    return (
        person(1, **blank)
        | {"guardian_name": "見本　太郎"}
        | filled
        | {
            "protected": protected,
            "document_no": document_no,
        }
    )


EVERY_COMBINATION = [
    ({s for i, s in enumerate(ORDER) if bits >> i & 1}, protected)
    for bits in range(16)
    for protected in (False, True, None)
]


@pytest.mark.parametrize(("stated", "protected"), EVERY_COMBINATION)
def test_the_first_stated_address_that_may_be_used_is_used_and_otherwise_nothing_is_sent(
    stated: set[str], protected: bool | None
) -> None:
    letters, withheld = address_letters(frame([row(stated, protected)], RECOGNITION), RECOGNITION.columns)
    usable = [s for s in ORDER if s in stated and (protected is False or s in SAFE)]
    if usable:
        assert letters.frame["address"].item().startswith(f"川口市{usable[0]}町")
        assert letters.frame["name"].item() == f"{usable[0]}宛"
        assert withheld.is_empty()
    else:
        assert len(letters) == 0
        assert withheld["reason"].item() == (NO_ADDRESS if protected is False else NEEDS_SAFE_ADDRESS)


@draws(60)
@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(ORDER)),
            st.sampled_from([True, False, None]),
            st.permutations(ORDER),
            st.sampled_from([None, "", " ", "　"]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_order_of_addresses_lets_a_protected_residence_or_registered_address_through(
    people: list[tuple[set[str], bool | None, list[str], str | None]],
) -> None:
    rows = [
        {k: (blank if v is None and k in PLACES else v) for k, v in row(stated, protected, str(n)).items()}
        for n, (stated, protected, _, blank) in enumerate(people)
    ]
    rule = AddressRule(order=tuple(people[0][2]))
    letters, withheld = address_letters(frame(rows, REFUSAL), REFUSAL.columns, rule)
    assert len(letters) + withheld.height == len(rows)
    protected = {str(n) for n, (_, state, _, _) in enumerate(people) if state is not False}
    shown = letters.frame.filter(pl.col("document_no").is_in(protected)).cast(pl.String)
    text = "".join(str(value) for line in shown.rows() for value in line)
    assert "residence" not in text
    assert "registered" not in text


def test_an_incomplete_first_address_withholds_the_letter_instead_of_using_the_next_one() -> None:
    broken = row({"guardian_mailing", "registered"}, False) | {"guardian_mailing_postal_code": None}
    letters, withheld = address_letters(frame([broken], REFUSAL), REFUSAL.columns)
    assert len(letters) == 0
    assert "郵便番号" in withheld["reason"].item()


def test_a_mailing_address_without_a_name_goes_to_the_guardian() -> None:
    nameless = row({"mailing"}, True) | {"mailing_name": "　"}
    letters, _ = address_letters(frame([nameless], REFUSAL), REFUSAL.columns)
    assert letters.frame["name"].item() == "見本　太郎"


@pytest.mark.parametrize("kind", ["refusal", "nonpayment"])
def test_a_secret_address_written_into_the_reason_withholds_the_letter(kind: str) -> None:
    secret = row({"mailing", "residence"}, True)
    leak = f"転居先の{secret['residence_address']}を確認したため"
    secret |= {"reason": leak, "details": [secret["details"][0] | {"reason": leak}]}
    letters, withheld = address_letters(frame([secret], KINDS[kind]), KINDS[kind].columns)
    assert len(letters) == 0
    assert withheld["reason"].item() == SECRET_IN_BODY


def test_the_frame_of_a_letter_holds_no_address_but_the_chosen_one() -> None:
    letters, withheld = address_letters(frame([row(set(ORDER), False)], RECOGNITION), RECOGNITION.columns)
    assert set(letters.frame.columns) == {
        *("person_key", "document_no", "postal_code", "address", "katagaki", "name"),
        *RECOGNITION.columns,
    }
    assert withheld.columns == ["person_key", "document_no", "reason"]


@pytest.mark.parametrize("column", ["residence_address", "guardian_address", "mailing_address", "child_address"])
def test_no_address_can_be_declared_content(column: str) -> None:
    with pytest.raises(ValueError, match="本文に住所の列は使えません"):
        address_letters(frame([row(set(ORDER), False)], REFUSAL), (column,))


def test_no_kind_of_letter_has_an_address_among_its_content() -> None:
    columns = {c for kind in KINDS.values() for c in kind.columns}
    columns |= {e.name for kind in KINDS.values() for e in kind.details}
    assert not [c for c in columns if "address" in c or "katagaki" in c or "postal" in c]


def test_addressed_rows_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError, match="address_letters"):
        Addressed(frame([row(set(ORDER), False)], REFUSAL))


def test_a_rule_cannot_call_a_residence_safe() -> None:
    with pytest.raises(ValueError, match="安全でない"):
        AddressRule(safe=frozenset({"residence"}))


def test_a_document_number_used_twice_is_refused() -> None:
    twice = [row({"mailing"}, False), row({"mailing"}, False)]
    with pytest.raises(ValueError, match="文書番号"):
        address_letters(frame(twice, REFUSAL), REFUSAL.columns)


def test_a_row_without_its_person_is_refused() -> None:
    with pytest.raises(ValueError, match="宛先の人"):
        address_letters(frame([row({"mailing"}, False) | {"person_key": None}], REFUSAL), REFUSAL.columns)


def test_the_unconfirmed_order_says_so() -> None:
    assert AddressRule().confirmed is False
