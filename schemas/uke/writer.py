"""From receipts to the bytes of a UKE file: IR (YK, HM), RE, HO, KO, SN, JD and GO of every institution.

Belongs here: which receipts UKE can say at all, and how. Only those are written, and the reader gives them back. A
file that was read is written again from its own fields (lines.file_of), for it holds more than a receipt does.
"""

from collections.abc import Callable, Mapping

import polars as pl

from schemas.feeds.decoding import END_OF_FILE
from schemas.feeds.errors import AdapterError
from schemas.uke.columns import COLUMNS, other
from schemas.uke.layout import CHECKED, DAYS, INSURER, MOST_PAYERS, PAYER, RECEIPT, TOTAL, Kind, Patient, facts
from schemas.uke.money import OTHERS, borne, high_cost, left, self_pay

_GROUP = ["review_body", "billing_month", "rcpt_institution_code"]
_CRLF = "\r\n"
_FIELD_BREAK = r"[,\x00-\x1f\x7f]"
_LONGEST_NAME_BYTES, _MOST_POINTS = 40, 99_999_999
_SPELLED = {f"{one.income_class}{one.many_times}": number for number, one in facts().remarks.items()}
_TEXTS = ("rcpt_patient_name", "claim_insurance_symbol_number", "rcpt_search_no")
_UNSAID = ("rcpt_drug_copay_yen", "rcpt_supplementary_benefit_yen")
"""Amounts UKE has no item for."""


def uke_file(receipts: pl.DataFrame, label: str = "レセプト") -> bytes:
    """The file of these receipts, institutions in the order in which they first come. Raises AdapterError naming the
    rules they break, never values."""
    rows = _priced(_completed(receipts))
    broken = rows.select(**_unsayable()).sum().row(0, named=True) if rows.height else {}
    found = {rule: count for rule, count in broken.items() if count}
    if found:
        raise AdapterError(f"{label}のUKEファイルに書けない行があります(規則と件数): {found}。")
    lines = _written(rows)
    try:
        return "".join(lines).encode("cp932") + END_OF_FILE
    except UnicodeEncodeError:
        items = [name for name in _TEXTS if not _encodes("".join(rows[name].drop_nulls()))]
    raise AdapterError(f"{label}のUKEファイルにcp932で書けない文字があります: {items}。")


def sayable(receipts: pl.DataFrame) -> pl.Series:
    """Per receipt, whether a UKE file can say it: first claims of points whose yen follow from them."""
    rows = _priced(_completed(receipts)).with_columns(unsayable=pl.any_horizontal(list(_unsayable().values())))
    fits = pl.Series([all(_encodes(text or "") for text in texts) for texts in rows.select(_TEXTS).iter_rows()])
    return (~rows["unsayable"] & fits.cast(pl.Boolean)).alias("sayable")


def _encodes(text: str) -> bool:
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _completed(receipts: pl.DataFrame) -> pl.DataFrame:
    """The receipts with every item UKE knows; what a record does not hold yet is empty."""
    known = {item: pl.String for item, _, _ in COLUMNS} | dict.fromkeys(_UNSAID, pl.Int64)
    known |= {item: pl.Int64 for item in known if item.endswith("_yen") or "_yen_" in item}
    empty = [item for item in known if receipts.schema.get(item, pl.Null()) == pl.Null()]
    return receipts.with_columns(pl.lit(None, known[item]).alias(item) for item in empty)


def _unit() -> pl.Expr:
    """Yen of a point, by 点数表."""
    units = {table: kind.unit_yen for kind in facts().kinds.values() for table in kind.tables}
    return _table().replace_strict(units, default=None, return_dtype=pl.Int64)


def _table() -> pl.Expr:
    return pl.col("rcpt_institution_code").str.slice(2, 1)


def _priced(rows: pl.DataFrame) -> pl.DataFrame:
    """Receipts with the columns of money, as the reader finds them in the file written."""
    high = pl.col("rcpt_high_cost_benefit_yen").fill_null(0)
    return rows.with_columns(
        pl.col("rcpt_total_medical_cost_yen").alias("total_yen"),
        pl.col("rcpt_copay_rate").alias("rate"),
        pl.when(high != 0).then(pl.col("rcpt_self_pay_yen") - high).alias("insurer_copay_yen"),
        pl.col("rcpt_counter_yen").fill_null(0).alias("counter_yen"),
        (pl.col("rcpt_total_medical_cost_yen") // _unit()).alias("points"),
        *(pl.col(other("payer_no", at)).alias(f"payer_{at}") for at in OTHERS),
        *(pl.lit(None, pl.Int64).alias(f"part_{at}") for at in OTHERS),
        *(pl.col(other("copay_yen", at)).fill_null(0).alias(f"copay_{at}") for at in OTHERS),
    )


def _unsayable() -> dict[str, pl.Expr]:
    """Rule → whether a receipt breaks it."""
    total = pl.col("total_yen")
    others = [pl.col(other("payer_no", at)) for at in OTHERS]
    gap = [others[at].is_null() & others[at + 1].is_not_null() for at in range(len(others) - 1)]
    days = [pl.col("first_day").is_not_null() & (pl.col("first_day").dt.truncate("1mo") != pl.col("service_month"))]
    kinds = facts().kinds.values()
    cares = {table: [kind.inpatient, kind.outpatient] for kind in kinds for table in kind.tables}
    fits = [(_table() == table) & pl.col("rcpt_inpatient_outpatient_code").is_in(c) for table, c in cares.items()]
    name_bytes = pl.col("rcpt_patient_name").str.len_chars() * 2 > _LONGEST_NAME_BYTES
    rules = {
        "当初の請求ではない": pl.col("receipt_change") != "0",
        "点数にならない金額": (total < 0) | (total % _unit() != 0) | (total // _unit() > _MOST_POINTS),
        "負担割合": ~pl.col("rcpt_copay_rate").is_in([20, 30]),
        "自己負担額": (pl.col("rcpt_self_pay_yen") != self_pay()) | (total * pl.col("rate") % 100 != 0),
        "公費負担額": pl.col("rcpt_public_expense_yen") != left(),
        "UKEにない金額": pl.any_horizontal(pl.col(item).fill_null(0) != 0 for item in _UNSAID),
        "他公費の順": pl.any_horizontal(*gap, pl.col(other("payer_no", MOST_PAYERS)).is_not_null()),
        "他公費の負担": pl.any_horizontal(pl.col(other("yen", at)).ne_missing(borne(at)) for at in OTHERS),
        "高額療養費": pl.col("rcpt_high_cost_benefit_yen").fill_null(0) != high_cost().fill_null(0),
        "入外": ~pl.any_horizontal(fits),
        "初診日": pl.any_horizontal(days),
        "氏名の長さ": name_bytes,
        "書けない文字": pl.any_horizontal(pl.col(item).str.contains(_FIELD_BREAK) for item in _TEXTS),
        "審査支払機関": ~pl.col("review_body").is_in(["1", "2"]),
    }
    required = [
        "rcpt_public_payer_no",
        "rcpt_patient_beneficiary_no",
        "rcpt_treatment_days",
        "rcpt_branch_no",
        "insurer_no",
    ]
    rules["必須"] = pl.any_horizontal(pl.col(item).is_null() for item in required)
    return {rule: broken.fill_null(rule not in ("氏名の長さ", "書けない文字")) for rule, broken in rules.items()}


def _written(rows: pl.DataFrame) -> list[str]:
    """The lines of every institution, in order."""
    out: list[str] = []
    for (body, month, institution), part in rows.group_by(_GROUP, maintain_order=True):
        kind = facts().of_table(institution[2])
        if kind is None:
            raise AdapterError("UKEファイルに書けない点数表の医療機関があります。")
        head = {
            "review_body": body, "prefecture": institution[:2], "table": institution[2], "institution": institution[3:],
            "billing_month": f"{month:%Y%m}",
        }  # fmt: skip
        out.append(_line(kind, kind.head, head))
        texts = part.select(pl.concat_str(_lines(kind)).alias("text"), _payers().alias("payers"))
        out.append("".join(texts["text"]))
        total = {"count": f"{texts['payers'].sum()}", "points": f"{part['points'].sum()}"}
        out.append(_line(kind, TOTAL, total, {3: "99"}))
    return out


def _line(kind: Kind, record: str, known: Mapping[str, str], more: Mapping[int, str] | None = None) -> str:
    """One record of stated fields as a line."""
    layout = kind.record(record)
    values = {layout.at(key): value for key, value in known.items()} | dict(more or {})
    return ",".join([record, *(values.get(at, "") for at in range(1, layout.columns))]) + _CRLF


def _fields(kind: Kind, record: str, known: Mapping[str, pl.Expr]) -> pl.Expr:
    """One record per row as a line; empty items stand as commas."""
    layout = kind.record(record)
    values = {layout.at(key): value.fill_null("") for key, value in known.items()}
    texts = [values.get(at, pl.lit("")) for at in range(1, layout.columns)]
    return pl.concat_str(pl.lit(record), *texts, separator=",") + _CRLF


def _lines(kind: Kind) -> list[pl.Expr]:
    """The lines of one receipt: RE, HO, the other payers in order, the city's KO, SN, JD."""
    points, days = pl.col("points").cast(pl.String), pl.col("rcpt_treatment_days").cast(pl.String)
    symbol = pl.col("claim_insurance_symbol_number").fill_null("")
    insurer = {
        "insurer_no": pl.col("insurer_no").str.replace("^00", "  "),
        "symbol": pl.when(symbol.str.contains("・")).then(symbol.str.replace("・[^・]*$", "")),
        "number": symbol.str.replace("^.*・", ""),
        "days": days,
        "points": points,
        "copay": pl.col("insurer_copay_yen").cast(pl.String),
    }
    city = {
        "payer_no": pl.col("rcpt_public_payer_no"),
        "beneficiary_no": pl.col("rcpt_patient_beneficiary_no"),
        "days": days,
        "points": points,
        "copay": _amount("counter_yen"),
    }
    return [
        _fields(kind, RECEIPT, _common(kind)),
        _fields(kind, INSURER, insurer),
        *(_other(kind, at, days, points) for at in OTHERS),
        _fields(kind, PAYER, city),
        _fields(kind, CHECKED, {
            "bearer": pl.lit("1"), "check": pl.lit("01"),
            "branch_no": pl.col("rcpt_branch_no").cast(pl.String).str.zfill(2),
        }),
        _day_marks(kind),
    ]  # fmt: skip


def _amount(column: str) -> pl.Expr:
    """An amount; none is written where it is zero."""
    return pl.when(pl.col(column) != 0).then(pl.col(column).cast(pl.String))


def _payers() -> pl.Expr:
    """HO and KO records of a receipt."""
    return pl.sum_horizontal(pl.col(f"payer_{at}").is_not_null().cast(pl.Int64) for at in OTHERS) + 2


def _other(kind: Kind, at: int, days: pl.Expr, points: pl.Expr) -> pl.Expr:
    said = {"payer_no": pl.col(f"payer_{at}"), "days": days, "points": points, "copay": _amount(f"copay_{at}")}
    line = _fields(kind, PAYER, said)
    return pl.when(pl.col(f"payer_{at}").is_not_null()).then(line).otherwise(pl.lit(""))


def _common(kind: Kind) -> dict[str, pl.Expr]:
    national = pl.col("insurer_no").str.starts_with("00")
    remark = pl.concat_str(pl.col("rcpt_income_class"), pl.col("rcpt_many_times").fill_null("0"))
    return {
        "receipt_no": pl.col("receipt_no").cast(pl.Int64, strict=False).cast(pl.String),
        "receipt_type": _receipt_type(kind),
        "service_month": pl.col("service_month").dt.strftime("%Y%m"),
        "name": pl.col("rcpt_patient_name"),
        "sex": pl.col("rcpt_patient_sex"),
        "birth_date": pl.col("rcpt_patient_birth_date").dt.strftime("%Y%m%d"),
        "benefit_percent": pl.when(national).then((100 - pl.col("rate")).cast(pl.String)),
        "remarks": remark.replace_strict(_SPELLED, default=None, return_dtype=pl.String),
        "search_no": pl.col("rcpt_search_no"),
    }


def _receipt_type(kind: Kind) -> pl.Expr:
    """点数表, 医保, how many payers, and who the patient is."""
    preschool = pl.col("rate") == _percent("preschool")
    of: Callable[[Callable[[Patient], bool]], pl.Expr] = lambda stands: _digit(kind, stands)  # noqa: E731
    patient = (
        pl.when(preschool).then(of(lambda one: one.patient == "preschool"))
        .when(pl.col("rcpt_insured_class") == "2").then(of(lambda one: one.patient == "self"))
        .otherwise(of(lambda one: one.patient == "family"))
    )  # fmt: skip
    return pl.concat_str(_table(), pl.lit("1"), _payers().cast(pl.String), patient)


def _percent(patient: str) -> int | None:
    return next(one.copay_percent for one in facts().patients.values() if one.patient == patient)


def _digit(kind: Kind, stands: Callable[[Patient], bool]) -> pl.Expr:
    """The last digit of a type, 入院 or 入院外."""
    digits = {one.inpatient: digit for digit, one in facts().patients.items() if stands(one)}
    inpatient = (pl.col("rcpt_inpatient_outpatient_code") == kind.inpatient) & (kind.inpatient != kind.outpatient)
    return pl.when(inpatient).then(pl.lit(digits[True])).otherwise(pl.lit(digits[False]))


def _day_marks(kind: Kind) -> pl.Expr:
    """JD from the first day on, as many days running as the month still has; none where no day is known."""
    layout = kind.record(DAYS)
    first = pl.col("first_day").dt.day().cast(pl.Int64)
    days = pl.col("first_day").dt.month_end().dt.day().cast(pl.Int64)
    last = pl.min_horizontal(first + pl.col("rcpt_treatment_days").clip(lower_bound=1) - 1, days)
    marks = [
        pl.when(pl.lit(day).is_between(first, last)).then(pl.lit("1")).otherwise(pl.lit(""))
        for day in range(1, layout.columns - 1)
    ]
    line = pl.concat_str(pl.lit(DAYS), pl.lit("1"), *marks, separator=",") + _CRLF
    return pl.when(first.is_not_null()).then(line).otherwise(pl.lit(""))
