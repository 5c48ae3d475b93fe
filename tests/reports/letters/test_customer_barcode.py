"""The customer barcode against Japan Post's published examples (manual p17–p25) and an independent reader."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.letters.barcode import address_number, bars, bars_of, code_words, street_of
from tests.support.draws import draws

EXAMPLES = [
    ("2630023", "千葉市稲毛区緑町3丁目30-8　郵便ビル403号", "3-30-8-403", 5),
    ("0140113", "秋田県大仙市堀見内　南田茂木　添60-1", "60-1", 18),
    ("1100016", "東京都台東区台東5-6-3　ABCビル10F", "5-6-3-10", 9),
    ("0600906", "北海道札幌市東区北六条東4丁目　郵便センター6号館", "4-6", 9),
    ("0650006", "北海道札幌市東区北六条東8丁目　郵便センター10号館", "8-10", 9),
    ("4070033", "山梨県韮崎市龍岡町下條南割　韮崎400", "400", 10),
    ("2730102", "千葉県鎌ケ谷市右京塚　東3丁目-20-5　郵便・A&bコーポB604号", "3-20-5B604", 0),
    ("1980036", "東京都青梅市河辺町十一丁目六番地一号　郵便タワー601", "11-6-1-601", 18),
    ("0270203", "岩手県宮古市大字津軽石第二十一地割大淵川480", "21-480", 15),
    ("5900016", "大阪府堺市堺区中田出井町四丁六番十九号", "4-6-19", 12),
    ("0800831", "北海道帯広市稲田町南七線　西28", "7-28", 17),
    ("3170055", "茨城県日立市宮田町6丁目7-14　ABCビル2F", "6-7-14-2", 11),
    ("6500046", "神戸市中央区港島中町9丁目7-6　郵便シティA棟1F1号", "9-7-6A1-1", 5),
    ("6230011", "京都府綾部市青野町綾部6-7　LプラザB106", "6-7LB106", 4),
    ("0640804", "札幌市中央区南四条西29丁目1524-23　第2郵便ハウス501", "29-1524-23-2-501", 3),
    ("9100067", "福井県福井市新田塚3丁目80-25　J1ビル2-B", "3-80-25J1-2B", 9),
    ("1000013", "東京都千代田区霞が関1丁目3番2号　郵便プラザ503室", "1-3-2-503", 9),
]
CHARACTERS = [*"0123456789-", *(f"CC{n}" for n in range(1, 9))]
READER = dict(
    zip(
        ["144", "114", "132", "312", "123", "141", "321", "213", "231", "411", "414"]
        + ["324", "342", "234", "432", "243", "423", "441", "111"],
        CHARACTERS,
        strict=True,
    )
)


def read(code: str) -> list[str]:
    """Bars → characters, as a sorting machine reads them."""
    assert code[:2] == "13"
    assert code[-2:] == "31"
    assert len(code) == 67
    inner = code[2:-2]
    return [READER[inner[i : i + 3]] for i in range(0, 63, 3)]


@pytest.mark.parametrize(("postal_code", "address", "number", "check"), EXAMPLES)
def test_a_published_example_gives_its_address_number_and_check_digit(
    postal_code: str, address: str, number: str, check: int
) -> None:
    assert address_number(street_of(postal_code, address)) == number
    assert code_words(postal_code, number)[-1] == check


def test_the_first_published_example_reads_back_from_its_bars() -> None:
    code = bars("2630023", "千葉市稲毛区緑町3丁目30-8 郵便ビル403号")
    assert code is not None
    assert read(code) == [*"2630023", *"3-30-8-403", "CC4", "CC4", "CC4", "5"]


def test_an_overlong_address_keeps_the_control_code_and_loses_the_digit_of_its_last_letter() -> None:
    code = bars("9100067", "福井県福井市新田塚3丁目80-25 J1ビル2-B")
    assert code is not None
    assert read(code) == [*"9100067", *"3-80-25", "CC1", "9", *"1-2", "CC1", "9"]


def test_full_width_digits_and_dashes_count_like_narrow_ones() -> None:
    wide = bars("2630023", "千葉市稲毛区緑町３丁目３０－８　郵便ビル４０３号")
    assert wide == bars("2630023", "千葉市稲毛区緑町3丁目30-8 郵便ビル403号")


@pytest.mark.parametrize("postal_code", ["3320000", "1000000", "33200", "", "332003a"])
def test_a_postal_code_of_a_whole_city_or_no_postal_code_gets_no_barcode(postal_code: str) -> None:
    assert bars(postal_code, "青木2丁目1番1号") is None


@draws(150)
@given(
    st.from_regex(r"[0-9]{5}[1-9]{2}", fullmatch=True),
    st.text("0123456789-ABCXYZ番丁目号のの十二F &　あ", max_size=40),
)
def test_any_address_gives_67_bars_whose_characters_sum_to_a_multiple_of_19(postal_code: str, street: str) -> None:
    code = bars(postal_code, street)
    assert code is not None
    characters = read(code)
    assert "".join(characters[:7]) == postal_code
    assert sum(CHARACTERS.index(c) for c in characters) % 19 == 0


def test_a_frame_gets_one_barcode_per_row_in_order() -> None:
    places = pl.DataFrame(
        {"postal_code": ["3320031", "3320000"], "address": ["川口市青木1-2-3", "川口市"], "katagaki": [None, None]}
    )
    made = bars_of(places)
    assert made.to_list() == [bars("3320031", "川口市青木1-2-3"), None]
