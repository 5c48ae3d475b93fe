"""One bank file's report, counted and put into words: the same for the page and the PDF.

Belongs here: what is told, in which words, with which account masked. Does not belong here: what a problem is
(reports/zengin), layout (templates/).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from reports.letters.wareki import era_date, yen
from reports.zengin.agreement import LINE_ENDS, BankProfile, Originator
from schemas.codes import ACCOUNT_TYPE

MOST_ROWS: Final = 300
"""A list of the report shows so many rows and counts the rest; the tables hold all."""
ACCOUNT_DIGITS: Final = 7
SHOWN_DIGITS: Final = 3
SEVERITIES: Final = {"error": "誤り", "warning": "注意"}
WEEKDAYS: Final = "月火水木金土日"
_NO_FILE: Final = "ファイル全体の誤りのため"
PAYER_TYPES: Final = {"1": "普通", "2": "当座", "9": "その他"}


@dataclass(frozen=True)
class FileFacts:
    """A file as it lies in the outbox. trial: no bank takes it."""

    name: str
    batch_no: str
    orders: int
    total_yen: int
    bytes: int
    sha256: str
    trial: bool


@dataclass(frozen=True)
class Preflight:
    """What one report is made from. `file` is None where none could be written.

    members, held: payment_no, bank_code, branch_code, account_type, account_number, amount_yen of the orders in the
    file and of those kept out. found: preflight.FINDING_SCHEMA. work: worklist.WORK_SCHEMA. reread: faults of the file
    when it was read again.
    """

    city: str
    value_date: date
    made_on: date
    master_date: date
    originator: Originator
    profile: BankProfile
    file: FileFacts | None
    members: pl.DataFrame
    held: pl.DataFrame
    found: pl.DataFrame
    work: pl.DataFrame
    reread: pl.DataFrame


@dataclass(frozen=True)
class Listing:
    """A table of the report: rows of text, and how many more there are."""

    rows: tuple[tuple[str, ...], ...]
    more: int
    where: str


def masked_account(row: Mapping[str, Any]) -> str:
    """銀行-支店 種目 and the last digits of the account."""
    number = str(row["account_number"]).replace("-", "").zfill(ACCOUNT_DIGITS)
    kind = ACCOUNT_TYPE.labels.get(str(row["account_type"]), "種目不明")
    return f"{row['bank_code']}-{row['branch_code']} {kind} {_masked(number)}"


def _masked(number: str) -> str:
    return "*" * (len(number) - SHOWN_DIGITS) + number[-SHOWN_DIGITS:]


def view(report: Preflight) -> dict[str, Any]:
    """Everything the templates need, as text."""
    concerned = _concerned(report)
    warned = concerned.filter(pl.col("severity") == "warning")
    return {
        "city": report.city,
        "title": "総合振込 送信前の点検",
        "subject_label": "振込データ" if report.file else "振込指定日",
        "subject": report.file.batch_no if report.file else _long(report.value_date),
        "value_date": _long(report.value_date),
        "made_on": era_date(report.made_on),
        "state": _state(report, warned),
        "verdict": _verdict(report, warned),
        "request": _request(report),
        "counts": _counts(concerned),
        "held": _held(report, concerned),
        "held_total": (f"{report.held.height:,}件", yen(int(report.held["amount_yen"].sum()))),
        "warnings": _warnings(report, warned),
        "work": _work(report.work),
        "agreement": _agreement(report),
        "reread": _reread(report),
    }


def _long(day: date) -> str:
    return f"{era_date(day)}（{WEEKDAYS[day.weekday()]}）"


def _concerned(report: Preflight) -> pl.DataFrame:
    """The findings of this file's orders and of the file as a whole, and the errors of the orders held back."""
    members, held = (rows["payment_no"].implode() for rows in (report.members, report.held))
    stopped = pl.col("payment_no").is_in(held) & (pl.col("severity") == "error")
    return report.found.filter(pl.col("payment_no").is_in(members) | stopped | pl.col("row_no").is_null())


def _whole(report: Preflight) -> list[str]:
    nowhere = (pl.col("severity") == "error") & pl.col("row_no").is_null()
    return report.found.filter(nowhere)["sentence"].to_list()


def _state(report: Preflight, warned: pl.DataFrame) -> str:
    if report.file is None:
        return "stop" if report.found.height else "none"
    if report.held.height or _reread_errors(report):
        return "stop"
    return "look" if warned.height else "good"


def _verdict(report: Preflight, warned: pl.DataFrame) -> tuple[str, str]:
    """(the finding in a word, what it means)."""
    if report.file is None:
        return _without_file(report)
    if errors := _reread_errors(report):
        return "送らないでください", f"書いたファイルを読み直すと、誤りが{errors}件あります。"
    trial = "試験用のデータで、銀行へは送れません。" if report.file.trial else ""
    if report.held.height:
        held = f"誤りのある{report.held.height:,}件 {yen(int(report.held['amount_yen'].sum()))}を除いて作りました。"
        return "除いた支払があります", f"{trial}{held}作業リストを済ませてください。"
    if warned.height:
        return "注意があります", f"{trial}誤りはありません。注意{warned.height:,}件を見てから承認してください。"
    return "誤りなし", f"{trial}誤りも注意もありません。"


def _without_file(report: Preflight) -> tuple[str, str]:
    if whole := _whole(report):
        return "振込データを作れません", "".join(dict.fromkeys(whole))
    if report.held.height:
        return "振込データを作れません", f"{report.held.height:,}件のすべてが点検で止まりました。"
    return "支払はありません", "この振込指定日の支払命令は1件もなく、振込データはありません。"


def _request(report: Preflight) -> list[tuple[str, str]]:
    """What the 振込依頼書 asks for."""
    payer, file = report.originator, report.file
    account = f"{payer.bank_name_kana}（{payer.bank_code}） {payer.branch_name_kana}（{payer.branch_code}）"
    stated = [
        ("振込指定日", _long(report.value_date)),
        ("種別", "総合振込（21）" if file is None or not file.trial else "試験（00）。銀行は受け取りません"),
        ("件数", f"{file.orders:,}件" if file else "0件"),
        ("合計金額", yen(file.total_yen) if file else yen(0)),
        ("振込依頼人コード", payer.originator_code),
        ("振込依頼人名", payer.name_kana),
        ("支払口座", f"{account} {PAYER_TYPES.get(payer.account_type, '種目不明')} {payer.account_no}"),
    ]
    if file is None:
        return stated
    return [*stated, ("ファイル名", file.name), ("大きさ", f"{file.bytes:,}バイト"), ("SHA-256", file.sha256)]


def _counts(concerned: pl.DataFrame) -> list[tuple[str, ...]]:
    grouped = concerned.group_by("rule", "severity", "sentence").len().with_columns(_order())
    rows = grouped.sort("severity", "order", "sentence").iter_rows(named=True)
    return [(r["rule"], SEVERITIES[r["severity"]], r["sentence"], f"{r['len']:,}件") for r in rows]


def _order() -> pl.Expr:
    return pl.col("rule").str.strip_prefix("Z").cast(pl.Int64).alias("order")


def _held(report: Preflight, concerned: pl.DataFrame) -> Listing:
    errors = concerned.filter(pl.col("severity") == "error").drop_nulls("payment_no").with_columns(_order())
    reason = pl.format("{} {}", "rule", "sentence").unique(maintain_order=True).str.join("")
    why = errors.sort("payment_no", "order").group_by("payment_no").agg(reason)
    rows = report.held.join(why, on="payment_no", how="left").sort("payment_no")
    return _listing(
        rows, lambda r: (_no(r), masked_account(r), yen(r["amount_yen"]), r["rule"] or _NO_FILE), "problems"
    )


def _warnings(report: Preflight, warned: pl.DataFrame) -> Listing:
    rows = warned.drop_nulls("payment_no").join(report.members, on="payment_no").with_columns(_order())
    rows = rows.sort("order", "payment_no")
    whole = [("全体", "", "", f"{r['rule']} {r['sentence']}") for r in _of_the_file(warned)]
    listed = _listing(
        rows, lambda r: (_no(r), masked_account(r), yen(r["amount_yen"]), f"{r['rule']} {r['sentence']}"), "problems"
    )
    return Listing((*whole, *listed.rows), listed.more, listed.where)


def _of_the_file(warned: pl.DataFrame) -> Iterable[dict[str, Any]]:
    return warned.filter(pl.col("row_no").is_null()).iter_rows(named=True)


def _work(work: pl.DataFrame) -> Listing:
    """One row for each thing to do, however many rules it breaks."""
    to_do = ["payment_no", "position_no", "found", "suggestion", "proposal"]
    return _listing(
        work.unique(to_do, keep="first", maintain_order=True),
        lambda r: (
            _no(r),
            r["item"],
            f"{r['position_no']}文字目" if r["position_no"] else "",
            r["found"] or r["what"],
            r["suggestion"] + (f" 候補: {_candidate(r['proposal'])}" if r["proposal"] else ""),
        ),
        "work",
    )


def _candidate(proposal: str) -> str:
    """A candidate for the page: its account number, when it has one, masked."""
    *place, last = proposal.split("-")
    if len(place) != len(("bank", "branch", "type")):
        return proposal
    return f"{place[0]}-{place[1]} {ACCOUNT_TYPE.labels[place[2]]} {_masked(last)}"


def _no(row: Mapping[str, Any]) -> str:
    return str(row["payment_no"] or "番号不正")


def _listing(rows: pl.DataFrame, say: Any, table: str) -> Listing:
    shown = tuple(say(row) for row in rows.head(MOST_ROWS).iter_rows(named=True))
    return Listing(shown, max(rows.height - MOST_ROWS, 0), f"bank_file_{table}")


def _agreement(report: Preflight) -> list[tuple[str, str]]:
    profile = report.profile
    ends = {"none": "なし", "crlf": "CRLF"}
    return [
        ("ヲなどの書き方", _spellings(profile.agreed_spellings)),
        ("改行", f"{ends[profile.line_end]}（1レコード{120 + len(LINE_ENDS[profile.line_end])}バイト）"),
        ("上限", f"1ファイル{profile.max_records:,}件、1件{yen(profile.max_amount_yen)}"),
        ("振込指定区分", profile.transfer_designation_code),
        ("金融機関マスター", f"{era_date(report.master_date)}現在（{profile.master_max_age_days:,}日まで使う）"),
    ]


def _spellings(agreed: Mapping[str, str]) -> str:
    said = [f"{c}は{'そのまま' if c == s else '空白' if s == ' ' else s}" for c, s in sorted(agreed.items())]
    rest = "".join(c for c in "ヲヰヱヷヸヹヺ・" if c not in agreed)
    return "、".join([*said, *([f"{rest}は作業リストへ"] if rest else [])])


def _reread_errors(report: Preflight) -> int:
    return report.reread.filter(pl.col("severity") == "error").height


def _reread(report: Preflight) -> str:
    if report.file is None:
        return ""
    errors, faults = _reread_errors(report), report.reread.height
    if not faults:
        return "書いたファイルを別の手順で読み直し、件数・合計・文字・銀行番号・支店番号に誤りはありませんでした。"
    return f"書いたファイルを読み直し、誤り{errors}件、注意{faults - errors}件でした。"
