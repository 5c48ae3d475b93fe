"""Check digits of the numbers the files carry.

Belongs here: the arithmetic, for one value and as a Polars expression over a column. Which feed checks which
item, and whether a wrong digit refuses the row, belongs to the adapters in schemas/feeds.
"""

import polars as pl

OLD_INSTITUTION_PREFECTURES = ("11", "12", "13", "14")
"""埼玉・千葉・東京・神奈川: codes given before 1976 carry a digit over 郡市区 and 医療機関 alone (6 digits)."""

_INSTITUTION_LENGTH = 10
_OLD_BODY_START = 3


def m10w21(body: str) -> str:
    """The check digit of `body` (ASCII digits): weights 2, 1, 2, … from the right, products folded, 10 − mod 10.

    保険者番号, 公費負担者番号, 受給者番号, 医療機関コード. Source: 保険者番号等の設定について 別添2 設定要領.
    Raises ValueError when body is not digits.
    """
    _digits_only(body)
    folded = (sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(reversed(body)))
    return str(-sum(folded) % 10)


def m10w21_holds(number: str) -> bool:
    """Whether the last digit of `number` is its M10W21 check digit. Raises ValueError when not digits."""
    return m10w21(number[:-1]) == number[-1]


def institution_code_holds(number: str) -> bool:
    """Whether a 10-digit 医療機関コード holds, over its 9 digits or, for the four prefectures, the old 6."""
    old = number[:2] in OLD_INSTITUTION_PREFECTURES and m10w21_holds(number[_OLD_BODY_START:])
    return m10w21_holds(number) or old


def my_number_check_digit(body: str) -> str:
    """The check digit of the first 11 digits of a 個人番号.

    Source: 平成26年総務省令第85号5条 (検査用数字).
    Raises ValueError when body is not 11 digits.
    """
    _digits_only(body)
    if len(body) != 11:
        raise ValueError("a 個人番号 has 11 digits before its check digit")
    weighted = (int(digit) * (at + 1 if at <= 6 else at - 5) for at, digit in enumerate(reversed(body), start=1))
    rest = sum(weighted) % 11
    return "0" if rest <= 1 else str(11 - rest)


def is_my_number(number: str) -> bool:
    """Whether `number` is 12 digits and its last is the check digit of a 個人番号."""
    return (
        len(number) == 12 and number.isascii() and number.isdigit() and my_number_check_digit(number[:11]) == number[11]
    )


def m10w21_broken(column: str, length: int) -> pl.Expr:
    """True where a column of `length`-digit text has a wrong M10W21 digit; false where null or not digits."""
    return (_m10w21_sum(_number(column), length) % 10 != 0).fill_null(False)


def institution_code_broken(column: str) -> pl.Expr:
    """True where a 10-digit 医療機関コード holds neither over its 9 digits nor, where allowed, over the old 6."""
    number = _number(column)
    old_length = _INSTITUTION_LENGTH - _OLD_BODY_START
    old = pl.col(column).str.slice(0, 2).is_in(list(OLD_INSTITUTION_PREFECTURES))
    old_broken = ~old | (_m10w21_sum(number % 10**old_length, old_length) % 10 != 0)
    broken = (_m10w21_sum(number, _INSTITUTION_LENGTH) % 10 != 0) & old_broken
    return broken.fill_null(False)


def broken(column: str, length: int) -> pl.Expr:
    """True where the number in a column breaks the check digit that numbers of this length carry."""
    return institution_code_broken(column) if length == _INSTITUTION_LENGTH else m10w21_broken(column, length)


def _number(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int64, strict=False)


def _m10w21_sum(number: pl.Expr, length: int) -> pl.Expr:
    digits = [number // 10**at % 10 for at in range(length)]
    return pl.sum_horizontal(
        (digit if at % 2 == 0 else digit * 2 - (digit > 4) * 9 for at, digit in enumerate(digits)),
        ignore_nulls=False,
    )


def _digits_only(body: str) -> None:
    if not (body.isascii() and body.isdigit()):
        raise ValueError("a check digit is computed over ASCII digits")
