"""To whom and where a letter goes, and who gets none.

Here: the mail-address rule, and `Addressed`, the only frame a letter can be rendered from. Not here: how the
address is printed. A person under 支援措置 is reached at an address stated for mail, or not at all (INC-23,
INC-24); an unknown protection state counts as protected.
"""

from dataclasses import dataclass
from typing import Final, final

import polars as pl

PARTS: Final = ("postal_code", "address", "katagaki", "name")
KEYS: Final = ("person_key", "document_no")

CANDIDATES: Final[dict[str, dict[str, str]]] = {
    "guardian_mailing": {part: f"guardian_mailing_{part}" for part in PARTS},
    "mailing": {part: f"mailing_{part}" for part in PARTS},
    "residence": {part: f"residence_{part}" for part in PARTS},
    "registered": {
        "postal_code": "guardian_postal_code",
        "address": "guardian_address",
        "katagaki": "guardian_address_katagaki",
        "name": "guardian_name",
    },
}
"""Columns of each candidate: annex-1 items 118–122, 78–82, 83–87, 19–20 with 15 (its postal code comes with it)."""

SECRET: Final = ("residence_address", "guardian_address", "child_address")
"""Columns whose text may stand nowhere in the letter of a protected person."""

NEEDS_SAFE_ADDRESS = "支援措置の対象です。送付先(別添1 78~82又は118~122)の届出を確認してください"
NO_ADDRESS = "送付先の住所がありません"
BAD_POSTAL = "選ばれた送付先の郵便番号が7桁の数字ではありません"
NO_NAME = "宛名の氏名がありません"
SECRET_IN_BODY = "支援措置の対象者の住所が本文に含まれています。本文を直してください"


@dataclass(frozen=True)
class AddressRule:
    """Order of the candidates and the ones a protected person may be reached at.

    The city has not confirmed the order: `confirmed` is False and the value is a parameter.
    """

    order: tuple[str, ...] = ("guardian_mailing", "mailing", "residence", "registered")
    safe: frozenset[str] = frozenset({"guardian_mailing", "mailing"})
    basis: str = "別添1 118~122、78~82、83~87、19・20。川口市の優先順位は未確認"
    confirmed: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError when a candidate is unknown, or an address nobody stated for mail is called safe."""
        if not set(self.order) <= set(CANDIDATES) or not self.safe <= {"guardian_mailing", "mailing"}:
            raise ValueError("送付先の規則に、知らない候補又は安全でない候補があります")


_PROOF: Final = object()


@final
class Addressed:
    """Rows with a permitted address: keys, postal_code, address, katagaki, name, and the letter's content.

    Made only by `address_letters`; the candidate addresses and the protection flag are no longer in it.
    """

    __slots__ = ("_frame",)

    def __init__(self, frame: pl.DataFrame, *, proof: object = None) -> None:
        """Raise TypeError for every caller but this module."""
        if proof is not _PROOF:
            raise TypeError("Addressed は address_letters だけが作れます")
        self._frame = frame

    @property
    def frame(self) -> pl.DataFrame:
        """The rows, sorted by document_no."""
        return self._frame

    def __len__(self) -> int:
        """Number of letters."""
        return self._frame.height


def _text(column: str) -> pl.Expr:
    """The column without surrounding blanks; an empty text is null."""
    stripped = pl.col(column).cast(pl.String).str.strip_chars(" \u3000")
    return pl.when(stripped != "").then(stripped)


def _stated(source: str) -> pl.Expr:
    """True where any part of the candidate's place is filled in."""
    columns = CANDIDATES[source]
    return pl.any_horizontal(_text(columns[part]).is_not_null() for part in ("postal_code", "address", "katagaki"))


def _source(rule: AddressRule) -> pl.Expr:
    """Name of the first stated candidate the person may be reached at."""
    protected = pl.col("protected").fill_null(True)
    allowed = [_stated(s) & (pl.lit(s in rule.safe) | ~protected) for s in rule.order]
    return pl.coalesce(pl.when(a).then(pl.lit(s)) for a, s in zip(allowed, rule.order, strict=True))


def _part(part: str, rule: AddressRule) -> pl.Expr:
    """The chosen candidate's part; a mailing address without a name goes to the guardian by name."""
    chosen = pl.coalesce(
        pl.when(pl.col("address_source") == source).then(_text(CANDIDATES[source][part])) for source in rule.order
    )
    return pl.coalesce(chosen, _text("guardian_name")) if part == "name" else chosen


def _body(frame: pl.DataFrame, content: tuple[str, ...]) -> pl.Expr:
    """All free text of a letter in one column: its text entries and the text fields of its details."""
    texts = [pl.col(c) for c in content if frame.schema[c] == pl.String]
    for column in content:
        dtype = frame.schema[column]
        if isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Struct):
            names = [field.name for field in dtype.inner.fields if field.dtype == pl.String]
            texts += [pl.col(column).list.eval(pl.element().struct.field(n)).list.join("\n") for n in names]
    return pl.concat_str(texts, separator="\n", ignore_nulls=True) if texts else pl.lit("")


def _spells_a_secret(frame: pl.DataFrame, content: tuple[str, ...]) -> pl.Expr:
    """True where a protected row's letter would spell one of its own secret addresses."""
    body = _body(frame, content)
    hits = [body.str.contains(_text(s), literal=True).fill_null(False) for s in SECRET if s in frame.columns]
    return pl.col("protected").fill_null(True) & pl.any_horizontal(hits)


def _reason() -> pl.Expr:
    """Why no letter can go out; null where one can."""
    return (
        pl.when(pl.col("address_source").is_null() & pl.col("protected").fill_null(True))
        .then(pl.lit(NEEDS_SAFE_ADDRESS))
        .when(pl.col("address").is_null())
        .then(pl.lit(NO_ADDRESS))
        .when(~pl.col("postal_code").str.contains(r"^[0-9]{7}$").fill_null(False))
        .then(pl.lit(BAD_POSTAL))
        .when(pl.col("name").is_null())
        .then(pl.lit(NO_NAME))
        .when(pl.col("spells_a_secret"))
        .then(pl.lit(SECRET_IN_BODY))
    )


def _require(frame: pl.DataFrame, content: tuple[str, ...]) -> None:
    """Raise ValueError for a missing column, an address among the content, or empty or repeated keys."""
    places = {c for parts in CANDIDATES.values() for c in parts.values()}
    if forbidden := sorted((places | set(SECRET)) & (set(content) - {"guardian_name"})):
        raise ValueError(f"本文に住所の列は使えません: {', '.join(forbidden)}")
    if missing := sorted((places | {*KEYS, "protected", *content}) - set(frame.columns)):
        raise ValueError(f"通知書に必要な列がありません: {', '.join(missing)}")
    if frame["document_no"].is_null().any() or frame["document_no"].is_duplicated().any():
        raise ValueError("文書番号が空か、重複しています")
    if frame["person_key"].is_null().any():
        raise ValueError("宛先の人を示す番号が空です")


def address_letters(
    frame: pl.DataFrame, content: tuple[str, ...], rule: AddressRule | None = None
) -> tuple[Addressed, pl.DataFrame]:
    """Choose one address per row, or withhold the letter.

    `frame`: person_key, document_no, protected (Boolean), the columns of `CANDIDATES`, and the `content`
    columns of the letter's kind. Returns the addressed rows and `withheld` (person_key, document_no, reason):
    together exactly the rows given, each sorted by document_no. The first stated candidate decides; if it is
    incomplete the letter is withheld rather than sent to a place nobody asked for. Raises ValueError for
    missing columns, for an address among the content and for empty keys or repeated document numbers.
    """
    rule = rule or AddressRule()
    _require(frame, content)
    decided = (
        frame.with_columns(_source(rule).alias("address_source"))
        .with_columns(_spells_a_secret(frame, content).alias("spells_a_secret"))
        .with_columns(_part(part, rule).alias(part) for part in PARTS)
        .with_columns(_reason().alias("withheld_reason"))
        .sort("document_no")
    )
    withheld = decided.filter(pl.col("withheld_reason").is_not_null())
    addressed = decided.filter(pl.col("withheld_reason").is_null()).select(*KEYS, *PARTS, *content)
    return (
        Addressed(addressed, proof=_PROOF),
        withheld.select(*KEYS, pl.col("withheld_reason").alias("reason")),
    )
