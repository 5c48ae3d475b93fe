"""From the lines of a UKE file to its receipts as text, one row per RE, or to the reason why not.

Belongs here: the order of records, the totals of GO, which KO is the city's, what each item of a receipt is. A
receipt whose records cannot be told apart is set aside with its rule; a file whose order or totals are wrong is
refused whole. What a value must be belongs to the record of the feed.
"""

import polars as pl

from schemas.feeds.layout import Layout, Reading
from schemas.uke.calendar import day_text, month_text
from schemas.uke.columns import COLUMNS, other
from schemas.uke.layout import (
    CHECKED,
    DAYS,
    INSURER,
    MOST_PAYERS,
    PAYER,
    RECEIPT,
    TOTAL,
    Kind,
    RecordLayout,
    facts,
)
from schemas.uke.lines import Lines, lines_of
from schemas.uke.money import OTHERS, borne, high_cost, left, self_pay

_NATIONAL_PREFIX, _RETIRED, _LATE = "00", "67", "39"
_LONGEST_ROW_TEXT = 20_000


def uke_reading(layout: Layout, data: bytes, file: str) -> Reading:
    """The receipts of a file; a lone end mark is a file of none. Raises DeliveryError (see lines; structure, total)."""
    lines = lines_of(layout, data, file)
    if lines.masked.is_empty():
        return _reading(_EMPTY)
    heads = _heads(lines)
    _refuse_order(layout, lines, heads, file)
    groups = _groups(layout, heads, file)
    parts = [_receipts(layout, kind, lines, heads, of) for kind, of in _by_kind(groups)]
    rows = pl.concat([_EMPTY, *parts]).sort("line_no")
    _refuse_totals(layout, heads, groups, rows, file)
    return _reading(rows)


def _reading(rows: pl.DataFrame) -> Reading:
    sound = rows.filter(pl.col("rule").is_null())
    warnings = [_doubled_search(sound), *(_warned(sound, item, rule) for item, rule in _WARNINGS)]
    return Reading(
        rows=sound.select("line_no", "row_text", *(item for item, _, _ in COLUMNS)),
        malformed=rows.filter(pl.col("rule").is_not_null()).select("line_no", "row_text", "rule"),
        warnings=pl.concat(warnings),
    )


_WARNINGS = (("rcpt_treatment_days", "受診日と実日数"), ("rcpt_patient_birth_date", "未就学者の種別"))
_EMPTY = pl.DataFrame(
    schema={
        "line_no": pl.Int64,
        "row_text": pl.String,
        "group": pl.Int64,
        **{item: pl.String for item, _, _ in COLUMNS},
        "rule": pl.String,
        "payers": pl.Int64,
        "points": pl.Int64,
        **{rule: pl.Boolean for _, rule in _WARNINGS},
    }
)


def _heads(lines: Lines) -> pl.DataFrame:
    """Every line of a record that is read, with the numbers of its institution and of its receipt in the file."""
    found = lines.of((*facts().heads, RECEIPT, INSURER, PAYER, CHECKED, DAYS, TOTAL))
    record = pl.col("record")
    return found.with_columns(
        record.is_in(facts().heads).cum_sum().cast(pl.Int64).alias("group"),
        (record == RECEIPT).cum_sum().cast(pl.Int64).alias("receipt"),
        (pl.col("line_no") - pl.col("line_no").shift(1, fill_value=0) - 1).alias("gap"),
        record.shift(1).alias("before"),
    )


def _refuse_order(layout: Layout, lines: Lines, heads: pl.DataFrame, file: str) -> None:
    """IR, receipts, GO, and again; between them nothing but records that are carried through."""
    if heads.is_empty() or heads["record"][0] not in facts().heads:
        line = None if heads.is_empty() else int(heads["line_no"][0])
        raise layout.refusal("structure", file, f"先頭のレコード({'・'.join(facts().heads)})がありません", line)
    outer = heads.filter(pl.col("record").is_in((*facts().heads, TOTAL)))
    opens = outer["record"].is_in(facts().heads)
    wrong = (opens != (pl.int_range(outer.height, eager=True) % 2 == 0)).arg_true()
    if wrong.len():
        line = int(outer["line_no"][wrong[0]])
        raise layout.refusal("structure", file, "先頭のレコードと請求書レコード(GO)が交互に並んでいません", line)
    if opens[-1]:
        raise layout.refusal("structure", file, "請求書レコード(GO)で終わらず、途中で切れています", lines.masked.len())
    opening = pl.col("before").is_in(facts().heads)
    stray = heads.filter(
        ((pl.col("before") == TOTAL) & ~pl.col("record").is_in(facts().heads))
        | (opening & ~pl.col("record").is_in([RECEIPT, TOTAL]))
    )
    if stray.height:
        what = f"{stray['record'][0]} がレセプト共通レコード(RE)の前にあります"
        raise layout.refusal("structure", file, what, int(stray["line_no"][0]))
    line = _stray_detail(lines, heads)
    if line is not None:
        raise layout.refusal("structure", file, "レセプトの外に明細のレコードがあります", line)


def _stray_detail(lines: Lines, heads: pl.DataFrame) -> int | None:
    """The first line of a detail that belongs to no receipt."""
    outside = heads.filter(
        (pl.col("before").is_in((*facts().heads, TOTAL)) | pl.col("before").is_null()) & (pl.col("gap") > 0)
    )
    last = int(heads["line_no"][-1])
    spans: list[tuple[int, int]] = [(line - gap, line) for line, gap in outside.select("line_no", "gap").iter_rows()]
    for first, end in [*spans, (last + 1, lines.masked.len() + 1)]:
        inside = lines.masked.slice(first - 1, end - first).str.head(2).is_in(facts().details).arg_true()
        if inside.len():
            return int(first + inside[0])
    return None


def _groups(layout: Layout, heads: pl.DataFrame, file: str) -> pl.DataFrame:
    """group, table, review_body, billing_month, institution (10 digits) of every institution."""
    parts = []
    for head in facts().heads:
        rows = heads.filter(pl.col("record") == head).with_columns(fields=pl.col("text").str.split(","))
        for kind in (kind for kind in facts().kinds.values() if kind.head == head and kind.tables):
            record = kind.record(head)
            of_kind = rows.filter(_at(record, "table").is_in(kind.tables))
            parts.append(of_kind.select("group", "line_no", **_institution(record)))
    found = pl.concat(parts).sort("group")
    unknown = heads.filter(pl.col("record").is_in(facts().heads)).join(found, "group", "anti")
    if unknown.height:
        raise layout.refusal("structure", file, "点数表の区分が定めにありません", int(unknown["line_no"][0]))
    broken = found.filter(~pl.col("institution").str.contains("^[0-9]{10}$").fill_null(False))
    if broken.height:
        what = "医療機関のコード(都道府県2桁・点数表1桁・コード7桁)が数字ではありません"
        raise layout.refusal("structure", file, what, int(broken["line_no"][0]))
    return found


def _institution(record: RecordLayout) -> dict[str, pl.Expr]:
    return {
        "table": _at(record, "table"),
        "review_body": _at(record, "review_body"),
        "billing_month": month_text(_at(record, "billing_month")),
        "institution": pl.concat_str(_at(record, key) for key in ("prefecture", "table", "institution")),
    }


def _by_kind(groups: pl.DataFrame) -> list[tuple[Kind, pl.DataFrame]]:
    kinds = [kind for kind in facts().kinds.values() if kind.tables]
    parts = [(kind, groups.filter(pl.col("table").is_in(kind.tables))) for kind in kinds]
    return [(kind, part) for kind, part in parts if part.height]


def _at(record: RecordLayout, key: str) -> pl.Expr:
    """An item of a record by its key; null where empty or left out at the end."""
    return pl.col("fields").list.get(record.at(key), null_on_oob=True).replace("", None)


def _receipts(layout: Layout, kind: Kind, lines: Lines, heads: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """The receipts of one kind, one row per RE: the items as text, and what is wrong with its records."""
    mine = heads.join(groups.select("group"), "group", "semi", maintain_order="left")
    records = {
        name: mine.filter(pl.col("record") == name).with_columns(fields=pl.col("text").str.split(","))
        for name in (RECEIPT, INSURER, PAYER, CHECKED)
    }
    rows = _common(kind, records[RECEIPT])
    rows = rows.join(_insurers(kind, records[INSURER]), "receipt", "left", maintain_order="left")
    rows = rows.join(_payers(kind, records[PAYER], layout.own_payers), "receipt", "left", maintain_order="left")
    rows = rows.join(_branches(kind, records[CHECKED]), "receipt", "left", maintain_order="left")
    rows = rows.join(_days(mine), "receipt", "left", maintain_order="left")
    rows = rows.join(groups.drop("line_no"), "group", "left", maintain_order="left")
    rows = rows.join(_wrong_records(kind, records), "receipt", "left", maintain_order="left")
    rows = rows.join(_late_heads(lines, mine), "receipt", "left", maintain_order="left")
    return _items(kind, _amounts(kind, rows)).select(_EMPTY.columns)


def _common(kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    record = kind.record(RECEIPT)
    keys = ("receipt_no", "receipt_type", "name", "sex", "benefit_percent", "remarks", "search_no")
    return rows.select(
        "line_no",
        "group",
        "receipt",
        pl.col("text").str.slice(0, _LONGEST_ROW_TEXT).alias("row_text"),
        *(_at(record, key).alias(key) for key in keys),
        month_text(_at(record, "service_month")).alias("service_month"),
        day_text(_at(record, "birth_date")).alias("birth_date"),
    )


def _insurers(kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    """The first HO of a receipt."""
    record = kind.record(INSURER)
    keys = ("insurer_no", "symbol", "number", "days", "points", "copay", "reduction")
    first = rows.unique("receipt", keep="first", maintain_order=True)
    return first.select("receipt", *(_at(record, key).alias(f"ho_{key}") for key in keys), ho=pl.lit(True))


def _payers(kind: Kind, rows: pl.DataFrame, own: frozenset[str]) -> pl.DataFrame:
    """One row per receipt: the city's KO (else the last) as ko_…, the others in order as other_1_….

    A 地方単独 payer stands last, so that without the city's number the last is held against it by the rules.
    """
    record, keys = kind.record(PAYER), ("payer_no", "beneficiary_no", "days", "points", "copay")
    receipt = pl.col("receipt")
    alone = (receipt != receipt.shift(1)).fill_null(True) & (receipt != receipt.shift(-1)).fill_null(True)
    listed = rows.select("receipt", alone.alias("alone"), *(_at(record, key).alias(key) for key in keys))
    several = _slots(listed.filter(~pl.col("alone")), own)
    one = listed.filter("alone").with_columns(ko_count=pl.lit(1, pl.Int64), ko_doubled=pl.lit(False))
    first = several.filter(pl.col("slot") == 0).unique("receipt", keep="first", maintain_order=True)
    same = ["receipt", "ko_count", "ko_doubled", *keys]
    found = pl.concat([one.select(same), first.select(same)]).rename({key: f"ko_{key}" for key in keys})
    for at in OTHERS:
        part = several.filter(pl.col("slot") == at).select(
            "receipt", *(pl.col(k).alias(f"other_{at}_{k}") for k in keys)
        )
        found = found.join(part.unique("receipt", keep="first"), "receipt", "left", maintain_order="left")
    return found


def _slots(listed: pl.DataFrame, own: frozenset[str]) -> pl.DataFrame:
    """KO of receipts with several: slot 0 the city's, then the others in order; how many, and whether it is twice."""
    mine, at = pl.col("payer_no").is_in(sorted(own)).fill_null(False), pl.int_range(pl.len()).over("receipt")
    placed = listed.with_columns(mine.alias("own"), at.alias("at"))
    chosen = (
        pl.when(pl.col("own").any().over("receipt"))
        .then(pl.col("own").arg_max().over("receipt"))
        .otherwise(pl.col("at").max().over("receipt"))
    ).cast(pl.Int64)
    behind = pl.col("at") + (pl.col("at") < pl.col("chosen")).cast(pl.Int64)
    return placed.with_columns(chosen.alias("chosen")).with_columns(
        pl.when(pl.col("at") == pl.col("chosen")).then(0).otherwise(behind).alias("slot"),
        pl.len().over("receipt").cast(pl.Int64).alias("ko_count"),
        (pl.col("own").sum().over("receipt") > 1).alias("ko_doubled"),
    )


def _branches(kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    """枝番 of the SN of the insurer (負担者種別 1)."""
    record = kind.record(CHECKED)
    mine = rows.filter(_at(record, "bearer") == "1").unique("receipt", keep="first", maintain_order=True)
    return mine.select("receipt", _at(record, "branch_no").alias("branch_no"))


def _days(heads: pl.DataFrame) -> pl.DataFrame:
    """The first JD of a receipt: the first day with a mark, and how many days count (mark 1)."""
    rows = heads.filter(pl.col("record") == DAYS).unique("receipt", keep="first", maintain_order=True)
    marks = pl.col("text").str.extract(r"^JD,[^,]*(,.*)$")
    first = marks.str.extract(r"^(,+)[^,]").str.len_bytes().cast(pl.Int64)
    return rows.select(
        "receipt",
        first.alias("first_mark"),
        marks.str.count_matches("1", literal=True).cast(pl.Int64).alias("marks"),
        pl.col("text").str.contains(r"^JD,[0-9]?(?:,[0-9]?){0,31}$").not_().alias("jd_wrong"),
    )


def _wrong_records(kind: Kind, records: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """receipt and wide: receipts with a record of more items than it has, where that was verified."""
    parts = [
        rows.filter(pl.col("fields").list.len() > kind.record(name).columns).select("receipt")
        for name, rows in records.items()
        if kind.record(name).verified
    ]
    return pl.concat([pl.DataFrame(schema={"receipt": pl.Int64}), *parts]).unique().with_columns(wide=pl.lit(True))


def _late_heads(lines: Lines, heads: pl.DataFrame) -> pl.DataFrame:
    """receipt and late: receipts with HO behind KO, a second HO, or HO or KO behind any other record of theirs."""
    record, before = pl.col("record"), pl.col("before")
    swapped = ((record == INSURER) & (before != RECEIPT)) | (
        (record == PAYER) & ~before.is_in([RECEIPT, INSURER, PAYER])
    )
    wrong = [heads.filter(swapped).select("receipt")]
    gaps = heads.filter(record.is_in([INSURER, PAYER]) & (pl.col("gap") > 0)).select("line_no", "receipt", "gap")
    if gaps.height:
        at = lines.records.is_in(facts().details).arg_true().cast(pl.Int64) + 1
        details = pl.DataFrame({"line_no": at, "detail_line": at})
        seen = gaps.sort("line_no").join_asof(details, on="line_no", strategy="backward")
        wrong.append(seen.filter(pl.col("detail_line") >= pl.col("line_no") - pl.col("gap")).select("receipt"))
    return pl.concat(wrong).unique().with_columns(late=pl.lit(True))


def _whole(text: pl.Expr, digits: int = 8) -> pl.Expr:
    """The whole number a text of digits is; null where it is none."""
    return pl.when(text.str.contains(rf"^[0-9]{{1,{digits}}}$")).then(text).cast(pl.Int64)


def _amounts(kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    """Points, yen and rate as numbers (see money). The yen are those of the city's KO, else of the HO."""
    insured, city = _whole(pl.col("ho_points")), _whole(pl.col("ko_points"))
    points = pl.when(pl.col("ho").is_not_null()).then(insured).otherwise(city)
    own = pl.when(pl.col("ko_points").is_not_null()).then(city).otherwise(points)
    share = _whole(pl.col("benefit_percent"), 3)
    patient = pl.col("receipt_type").str.slice(3, 1)
    rates = {digit: one.copay_percent for digit, one in facts().patients.items() if one.copay_percent is not None}
    of_type = patient.replace_strict(rates, default=None, return_dtype=pl.Int64)
    whole_care = pl.col("ho_reduction").is_null() & (own == insured)
    return rows.with_columns(
        points.alias("points"),
        (own * kind.unit_yen).alias("total_yen"),
        pl.when(share.is_between(1, 100)).then(100 - share).otherwise(of_type).alias("rate"),
        pl.when(whole_care).then(_whole(pl.col("ho_copay"))).alias("insurer_copay_yen"),
        _whole(pl.col("ko_copay").fill_null("0")).alias("counter_yen"),
        *(pl.col(f"other_{at}_payer_no").alias(f"payer_{at}") for at in OTHERS),
        *((_whole(pl.col(f"other_{at}_points")) * kind.unit_yen).alias(f"part_{at}") for at in OTHERS),
        *(_whole(pl.col(f"other_{at}_copay").fill_null("0")).alias(f"copay_{at}") for at in OTHERS),
    )


def _rule() -> pl.Expr:
    """Why the records of a receipt cannot be told apart; null where they can."""
    money = [
        pl.col("counter_yen").is_null(),
        pl.col("ho_copay").is_not_null() & _whole(pl.col("ho_copay")).is_null(),
        *(pl.col(f"copay_{at}").is_null() for at in OTHERS),
        *(pl.col(f"other_{at}_points").is_not_null() & pl.col(f"part_{at}").is_null() for at in OTHERS),
    ]
    type_, table = pl.col("receipt_type"), pl.col("table")
    typed = type_.str.contains("^[0-9]{4}$").fill_null(False) & (type_.str.slice(0, 1) == table)
    return (
        pl.when(pl.col("late").fill_null(False)).then(pl.lit("レコードの順序"))
        .when(pl.col("ko_count") > MOST_PAYERS).then(pl.lit("公費の数"))
        .when(pl.col("ko_doubled").fill_null(False)).then(pl.lit("市の公費の重複"))
        .when(pl.col("wide").fill_null(False)).then(pl.lit("項目の数"))
        .when(pl.col("jd_wrong").fill_null(False)).then(pl.lit("受診日の書式"))
        .when(~typed.fill_null(False)).then(pl.lit("レセプト種別"))
        .when(pl.col("points").is_null() | pl.col("total_yen").is_null()).then(pl.lit("合計点数"))
        .when(pl.any_horizontal(money)).then(pl.lit("負担金額"))
    )  # fmt: skip


def _items(kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    """The items of COLUMNS as text, with rule, payers (HO and KO), points and the warnings."""
    insurer = _insurer()
    patients = facts().patients
    inpatient = {digit: kind.inpatient if one.inpatient else kind.outpatient for digit, one in patients.items()}
    digit = pl.col("receipt_type").str.slice(3, 1)
    remark = _remark()
    income = remark.replace_strict({k: r.income_class for k, r in facts().remarks.items()}, default=None)
    many = remark.replace_strict({k: r.many_times for k, r in facts().remarks.items()}, default=None)
    symbol = pl.concat_str(pl.col("ho_symbol"), pl.col("ho_number"), separator="・", ignore_nulls=True)
    number = pl.col("ko_beneficiary_no")
    known = {
        "receipt_no": _filled(pl.col("receipt_no"), 6),
        "receipt_change": pl.lit("0"),
        "insurer_no": insurer,
        "first_day": pl.format("{}{}", "service_month", pl.col("first_mark").cast(pl.String).str.zfill(2)),
        "claim_insurance_symbol_number": symbol.replace("", None),
        "rcpt_branch_no": _counted(pl.col("branch_no")),
        "rcpt_insured_class": _insured_class(insurer, digit),
        "rcpt_medical_scheme": _scheme(insurer),
        "rcpt_tax_status": pl.when(income.is_not_null()).then(
            pl.when(income == "オ").then(pl.lit("2")).otherwise(pl.lit("1"))
        ),
        "rcpt_patient_name": pl.col("name"),
        "rcpt_patient_sex": pl.col("sex"),
        "rcpt_patient_birth_date": pl.col("birth_date"),
        "rcpt_patient_beneficiary_no": _filled(number, 7),
        "rcpt_institution_code": pl.col("institution"),
        "rcpt_inpatient_outpatient_code": digit.replace_strict(inpatient, default=None, return_dtype=pl.String),
        "rcpt_treatment_days": _counted(pl.coalesce("ko_days", "ho_days")),
        "rcpt_copay_rate": pl.col("rate").cast(pl.String),
        "rcpt_public_payer_no": pl.col("ko_payer_no"),
        "rcpt_total_medical_cost_yen": pl.col("total_yen").cast(pl.String),
        "rcpt_self_pay_yen": self_pay().cast(pl.String),
        "rcpt_counter_yen": pl.when(pl.col("ko_payer_no").is_not_null()).then("counter_yen").cast(pl.String),
        "rcpt_high_cost_benefit_yen": high_cost().cast(pl.String),
        "rcpt_public_expense_yen": pl.when(pl.col("ko_payer_no").is_not_null()).then(left()).cast(pl.String),
        "rcpt_search_no": pl.col("search_no"),
        "rcpt_income_class": income,
        "rcpt_many_times": many,
    }
    for at in OTHERS:
        there = pl.col(f"payer_{at}")
        copay = pl.when(there.is_not_null()).then(f"copay_{at}").cast(pl.String)
        known |= {other("payer_no", at): there, other("copay_yen", at): copay}
        known[other("yen", at)] = borne(at).cast(pl.String)
    known |= {other(what, MOST_PAYERS): pl.lit(None, pl.String) for what in ("payer_no", "copay_yen", "yen")}
    days = _whole(pl.col("ho_days"), 2)
    return rows.with_columns(
        *(value.alias(item) for item, value in known.items()),
        _rule().alias("rule"),
        (pl.col("ko_count").fill_null(0) + pl.col("ho").fill_null(False).cast(pl.Int64)).alias("payers"),
        (pl.col("marks") != days).fill_null(False).alias("受診日と実日数"),
        _school_differs().alias("未就学者の種別"),
    )


def _filled(text: pl.Expr, length: int) -> pl.Expr:
    """Digits with the leading zeros that were left out."""
    return pl.when(text.str.contains(rf"^[0-9]{{1,{length}}}$")).then(text.str.zfill(length)).otherwise(text)


def _counted(text: pl.Expr) -> pl.Expr:
    """Digits without leading zeros."""
    return pl.coalesce(_whole(text, 5).cast(pl.String), text)


def _insurer() -> pl.Expr:
    """保険者番号 with 8 digits: 国保 is written with 6, padded with spaces, and gets 法別 00."""
    return _filled(pl.col("ho_insurer_no").str.strip_chars(" ").replace("", None), 8)


def _insured_class(insurer: pl.Expr, digit: pl.Expr) -> pl.Expr:
    """被用区分. A 国保組合 cannot be told from the city's 国保 by what the file says."""
    patient = {digit: one.patient for digit, one in facts().patients.items()}
    classes = {"self": "2", "preschool": "3", "family": "3", "elderly": "9"}
    of_type = {digit: classes[patient] for digit, patient in patient.items()}
    employed = digit.replace_strict(of_type, default=None, return_dtype=pl.String)
    return pl.when(insurer.str.starts_with(_NATIONAL_PREFIX)).then(pl.lit("1")).otherwise(employed)


def _scheme(insurer: pl.Expr) -> pl.Expr:
    """医療制度 by レセプト種別 and 法別番号."""
    of_type = pl.col("receipt_type").str.slice(1, 1)
    law = insurer.str.slice(0, 2)
    return (
        pl.when(of_type == "2").then(pl.lit("5"))
        .when((of_type == "3") | (law == _LATE)).then(pl.lit("4"))
        .when((of_type == "1") & (law == _NATIONAL_PREFIX)).then(pl.lit("1"))
        .when((of_type == "1") & (law == _RETIRED)).then(pl.lit("3"))
        .when((of_type == "1") & law.is_not_null()).then(pl.lit("2"))
    )  # fmt: skip


def _remark() -> pl.Expr:
    """The first of the two-digit remarks that says an income class."""
    known = "|".join(facts().remarks)
    return pl.col("remarks").str.extract(rf"^(?:..)*?({known})(?:..)*$")


def _school_differs() -> pl.Expr:
    """Whether the type says preschool of a child that goes to school in the month, or the other way round.

    就学 begins on 1 April after the sixth birthday is reached, on the day before it.
    """
    birth = pl.col("birth_date").str.to_date("%Y%m%d", strict=False)
    month = (pl.col("service_month") + "01").str.to_date("%Y%m%d", strict=False)
    reached = birth.dt.offset_by("-1d")
    year = reached.dt.year() + 6 + (reached.dt.month() >= 4).cast(pl.Int32)
    at_school = month >= pl.date(year, 4, 1)
    preschool = [digit for digit, one in facts().patients.items() if one.patient == "preschool"]
    said = pl.col("receipt_type").str.slice(3, 1).is_in(preschool)
    insured = pl.col("receipt_type").str.slice(1, 1) == "1"
    return (insured & (said == at_school)).fill_null(False)


def _refuse_totals(layout: Layout, heads: pl.DataFrame, groups: pl.DataFrame, rows: pl.DataFrame, file: str) -> None:
    """GO counts HO and KO (as public files do) or the receipts, and the points of the first payer of each."""
    total = heads.filter(pl.col("record") == TOTAL).with_columns(fields=pl.col("text").str.split(","))
    record = facts().kinds["medical"].record(TOTAL)
    counted = rows.group_by("group").agg(
        pl.len().cast(pl.Int64).alias("receipts"),
        pl.col("payers").sum(),
        pl.col("points").sum(),
        pl.col("points").is_null().any().alias("unclear"),
    )
    stated = total.select(
        "group", "line_no", _at(record, "count").alias("count"), _at(record, "points").alias("stated")
    ).join(groups.select("group", "table"), "group")
    found = stated.join(counted, "group", "left", maintain_order="left").with_columns(
        pl.col("receipts", "payers", "points").fill_null(0), pl.col("unclear").fill_null(False)
    )
    silent = pl.col("count").is_null() & pl.col("stated").is_null()
    open_kinds = [t for kind in facts().kinds.values() if not kind.record(TOTAL).verified for t in kind.tables]
    found = found.filter(~(silent & pl.col("table").is_in(open_kinds)))
    said = _whole(pl.col("count"), 6)
    wrong = found.filter(((said != pl.col("payers")) & (said != pl.col("receipts"))).fill_null(True))
    if wrong.height:
        one = wrong.row(0, named=True)
        what = f"GOの総件数が、レセプト{one['receipts']}件(請求先{one['payers']}件)と合いません"
        raise layout.refusal("total", file, what, one["line_no"])
    said = _whole(pl.col("stated"), 10)
    wrong = found.filter(~pl.col("unclear") & (said != pl.col("points")).fill_null(True))
    if wrong.height:
        what = f"GOの総合計点数が、レセプトの合計{wrong['points'][0]}点と合いません"
        raise layout.refusal("total", file, what, int(wrong["line_no"][0]))


def _warned(rows: pl.DataFrame, item: str, rule: str) -> pl.DataFrame:
    return rows.filter(pl.col(rule)).select("line_no", item=pl.lit(item), rule=pl.lit(rule))


def _doubled_search(rows: pl.DataFrame) -> pl.DataFrame:
    named = rows.filter(pl.col("rcpt_search_no").is_not_null())
    doubled = named.filter(named["rcpt_search_no"].is_duplicated())
    return doubled.select("line_no", item=pl.lit("rcpt_search_no"), rule=pl.lit("検索番号の重複"))
