"""Numbers with check digits, synthetic but of the right form.

Belongs here: making a number of a body, as a scalar for the small masters and as an expression for the
numbers of the children. How a check digit is computed belongs to schemas/checkdigits.
"""

import polars as pl

from schemas.checkdigits import m10w21


def numbered(body: str) -> str:
    """The body with its check digit."""
    return body + m10w21(body)


def numbered_column(body: pl.Expr, length: int) -> pl.Expr:
    """Whole numbers of `length` digits as text with their check digit (length + 1 characters)."""
    total = pl.lit(0, dtype=pl.Int64)
    for at in range(length):
        value = (body // 10**at) % 10 * (2 - at % 2)
        total = total + value - 9 * (value > 9).cast(pl.Int64)
    return pl.format("{}{}", padded(body, length), (10 - total % 10) % 10)


def padded(number: pl.Expr, length: int) -> pl.Expr:
    """Whole numbers as text with leading zeros."""
    return number.cast(pl.Int64).cast(pl.String).str.zfill(length)


def municipality_check_digit(body: str) -> str:
    """The check digit of a five-digit municipality code (JIS X 0402; weights 6 to 2, modulus 11)."""
    rest = sum(int(digit) * weight for digit, weight in zip(body, range(6, 1, -1), strict=True)) % 11
    return str((11 - rest) % 10)


PUBLIC_PAYER_NO = "81112039"
"""公費負担者番号 of the synthetic city. No public source confirms it."""
NHI_NO = "00" + numbered("11002")
"""保険者番号 of the city's 国保 (synthetic)."""
NHI_SOCIETY_NO = "00" + numbered("11301")
"""保険者番号 of a 国保組合 (synthetic)."""


def insurer_no(law_code: str) -> str:
    """A synthetic 保険者番号 of that 法別 in 埼玉県."""
    return numbered(f"{law_code}11{int(law_code) + 100:03d}")
