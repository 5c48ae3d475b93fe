"""The bytes of a 総合振込 file → what it says, or what is wrong with it. The way back gives the same bytes.

Belongs here: the order of the records, their columns, the rules of a whole file (Z3–Z5, Z8, Z10–Z12, Z14). Does not
belong here: where fields lie (layout.py), lines (lines.py), single fields (faults.py), and what needs more than the
file: the year of the value date, the master of branches, our own payments (preflight.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from reports.zengin.agreement import LINE_ENDS
from reports.zengin.characters import unmasked
from reports.zengin.distinct import per_value
from reports.zengin.faults import fault, faults, field_faults, no_faults, table
from reports.zengin.layout import DATA, EDI_DATA, END, HEADER, TRAILER, Field, joined, offsets, records
from reports.zengin.lines import END_OF_FILE, Lines, lines_of
from reports.zengin.trial import is_trial
from reports.zengin.yucho import yucho_mismatch

LEAP_YEAR, ONE_YEAR_DAYS = 2028, 366
KINDS = {"1": "ヘッダー", "2": "データ", "8": "トレーラ", "9": "エンド"}
_KIND_FIELDS = {"1": HEADER, "2": DATA, "8": TRAILER, "9": END}
_FLAG_AT = offsets(DATA)["edi_flag"]
_INTEGERS = ("amount_yen", "total_records", "total_yen")


@dataclass(frozen=True)
class TransferFile:
    """What a file says: one row of header, the transfers in file order, one row of trailer.

    The columns are the names of layout.py, in half-width kana, digits as they stand; yen and counts are Int64. A
    transfer whose edi_flag is Y has `edi` in the place of payment_no and beneficiary_no.
    """

    header: pl.DataFrame
    transfers: pl.DataFrame
    trailer: pl.DataFrame
    line_end: str
    ended: bool

    def to_bytes(self) -> bytes:
        """The file again, byte for byte."""
        plain, edi = (self.transfers.filter(flag) for flag in (_plain(), ~_plain()))
        data = pl.concat([_numbered(plain, DATA), _numbered(edi, EDI_DATA)]).sort("line_no")["record"]
        ends = pl.select(pl.lit("").alias("none"))
        parts = [records(self.header, HEADER), data, records(self.trailer, TRAILER), records(ends, END)]
        return joined(pl.concat(parts), LINE_ENDS[self.line_end]) + (END_OF_FILE if self.ended else b"")

    @property
    def trial(self) -> bool:
        """Whether the header says that the file is for trials only."""
        return is_trial(self.header)

    def value_date(self, on_or_after: date) -> date | None:
        """振込指定日 has no year: the first such day on or after the given one (29 February waits for its year); None
        for a trial."""
        wanted = str(self.header["value_date"].item())
        days = (on_or_after + timedelta(days=days) for days in range(8 * ONE_YEAR_DAYS))
        return next((day for day in days if f"{day:%m%d}" == wanted), None)


@dataclass(frozen=True)
class Reading:
    """A file, or the reasons why it is none: FAULT_SCHEMA. A file may come with warnings."""

    file: TransferFile | None
    faults: pl.DataFrame

    @property
    def sound(self) -> bool:
        """Whether the bank can take the file as it stands."""
        return self.file is not None and "error" not in self.faults["severity"]


def read_transfer(data: bytes, *, accepts_wo: bool) -> Reading:
    """Read any bytes. `accepts_wo`: the bank accepts ｦ in account names (BankProfile.accepts_wo).

    Without an error the file is there, and `to_bytes` gives `data`. A trial file is read too; its one error says so.
    """
    lines = lines_of(data)
    by_kind = lines.records.with_columns(kind=pl.col("record").str.head(1)).partition_by("kind", as_dict=True)
    of = {kind: by_kind[kind,] for kind in KINDS if (kind,) in by_kind}
    found = [*lines.faults, *_order_faults(lines), *_record_faults(of, accepts_wo)]
    if any(not each.is_empty() for each in found):
        return Reading(None, table(found))
    file = _file(of, lines)
    found = [] if file.trial else [*_header_faults(file.header)]
    found += [*_transfer_faults(file.transfers), *_total_faults(file, lines.count)]
    told = table(found)
    if "error" in told["severity"]:
        return Reading(None, told)
    return Reading(file, table([told, *_trial_faults(file)]))


def _plain() -> pl.Expr:
    return pl.col("edi_flag") == " "


def _numbered(transfers: pl.DataFrame, fields: tuple[Field, ...]) -> pl.DataFrame:
    columns = [name for name in transfers.columns if name in {field.name for field in fields}]
    return transfers.select("line_no").with_columns(records(transfers.select(columns), fields))


def _order_faults(lines: Lines) -> Iterator[pl.DataFrame]:
    """Z3: an unknown record; Z5: a record out of the order 1, 2 …, 8, 9; Z4: no data at all."""
    last = lines.count
    number = pl.col("line_no")
    expected = (
        pl.when(number == 1).then(pl.lit("1")).when(number == last).then(pl.lit("9"))
        .when(number == last - 1).then(pl.lit("8")).otherwise(pl.lit("2"))
    )  # fmt: skip
    kinds = lines.records.select("line_no", kind=pl.col("record").str.head(1), expected=expected, column_no=1)
    known = pl.col("kind").is_in(list(KINDS))
    yield faults(kinds.filter(~known), "Z3", "が1・2・8・9のいずれでもありません", "データ区分")
    misplaced = kinds.filter(known, pl.col("kind") != pl.col("expected"))
    name = pl.col("expected").replace_strict(KINDS, return_dtype=pl.String)
    yield faults(misplaced, "Z5", pl.format("の位置が違います（ここは{}レコード）", name), "データ区分")
    if not lines.faults:
        for kind in set(KINDS) - set(kinds["kind"]):
            yield fault(last, 1, "Z4" if kind == "2" else "Z5", f"{KINDS[kind]}レコードがありません")


def _record_faults(of: dict[str, pl.DataFrame], accepts_wo: bool) -> Iterator[pl.DataFrame]:
    for kind, lines in of.items():
        edi = pl.col("record").str.slice(_FLAG_AT, 1) == "Y"
        parts = [(DATA, ~edi), (EDI_DATA, edi)] if kind == "2" else [(_KIND_FIELDS[kind], pl.lit(value=True))]
        for fields, which in parts:
            yield from field_faults(lines.filter(which), fields, accepts_wo)


def _file(of: dict[str, pl.DataFrame], lines: Lines) -> TransferFile:
    data = of["2"]
    edi = data["record"].str.slice(_FLAG_AT, 1) == "Y"
    transfers = _columns(data, DATA)
    if edi.any():
        overlaid = _columns(data, EDI_DATA)["edi"]
        transfers = transfers.with_columns(
            pl.when(~edi).then(pl.col("payment_no", "beneficiary_no")), edi=pl.when(edi).then(overlaid)
        )
    else:
        transfers = transfers.with_columns(edi=pl.lit(None, pl.String))
    return TransferFile(
        _columns(of["1"], HEADER).drop("line_no"),
        transfers,
        _columns(of["8"], TRAILER).drop("line_no"),
        lines.line_end,
        lines.ended,
    )


def _columns(lines: pl.DataFrame, fields: tuple[Field, ...]) -> pl.DataFrame:
    """line_no and every field but データ区分 and ダミー."""
    starts = offsets(fields)
    told = [field for field in fields if field.name not in ("record_kind", "filler")]
    rows = lines.select("line_no", *(pl.col("record").str.slice(starts[f.name], f.length).alias(f.name) for f in told))
    for field in told:
        if field.characters is not None:
            rows = rows.with_columns(per_value(rows[field.name], _name))
    return rows.with_columns(pl.col(f.name).cast(pl.Int64) for f in told if f.name in _INTEGERS)


def _name(stand_ins: pl.Series) -> pl.Series:
    """The names in a field's stand-ins."""
    return stand_ins.to_frame().select(unmasked(pl.all().str.strip_chars_end(" "))).to_series()


def _at(fields: tuple[Field, ...], name: str) -> tuple[int, str]:
    return offsets(fields)[name] + 1, next(field.label for field in fields if field.name == name)


def _broken(rows: pl.DataFrame, fields: tuple[Field, ...], name: str, rule: str, sentence: str) -> pl.DataFrame:
    column_no, label = _at(fields, name)
    return faults(rows.select("line_no", column_no=column_no), rule, sentence, label)


def _header_faults(header: pl.DataFrame) -> Iterator[pl.DataFrame]:
    row = header.with_columns(line_no=1)
    month_day = str(header["value_date"].item())
    days = {f"{date(LEAP_YEAR, 1, 1) + timedelta(days=day):%m%d}" for day in range(ONE_YEAR_DAYS)}
    if month_day not in days:
        yield _broken(row, HEADER, "value_date", "Z8", "が暦にない日です")
    yield _broken(row.filter(pl.col("party_name") == ""), HEADER, "party_name", "Z14", "が空白です")


def _transfer_faults(transfers: pl.DataFrame) -> Iterator[pl.DataFrame]:
    rules = [
        ("account_no", "Z2", "がすべて0です", pl.col("account_no") == "0000000"),
        ("account_type", "Z10", "がゆうちょ銀行の店番と合いません", yucho_mismatch()),
        ("party_name", "Z14", "が空白です", pl.col("party_name").str.strip_chars(" ") == ""),
        ("amount_yen", "Z12", "が0円です", pl.col("amount_yen") == 0),
    ]
    for name, rule, sentence, broken in rules:
        yield _broken(transfers.filter(broken), DATA, name, rule, sentence)
    account = pl.struct("bank_code", "branch_code", "account_type", "account_no", "amount_yen")
    column_no, label = _at(DATA, "amount_yen")
    twice = transfers.filter(account.is_duplicated()).select("line_no", column_no=column_no)
    yield faults(twice, "Z11", "と口座が同じ振込が2件以上あります", label, "warning")


def _total_faults(file: TransferFile, line_count: int) -> Iterator[pl.DataFrame]:
    """Z4: what the trailer states is what the data records add up to."""
    row = file.trailer.with_columns(line_no=line_count - 1)
    sums = {"total_records": file.transfers.height, "total_yen": int(file.transfers["amount_yen"].sum())}
    for name, total in sums.items():
        yield _broken(row.filter(pl.col(name) != total), TRAILER, name, "Z4", "がデータレコードの合計と一致しません")


def _trial_faults(file: TransferFile) -> Iterator[pl.DataFrame]:
    if file.trial:
        yield fault(1, 2, "Z3", "が00の試験用のファイルです。銀行へは送れません", "種別コード")
    yield no_faults()
