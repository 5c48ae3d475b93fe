"""What stops a bank file, or deserves a look, before it is written: rules Z2, Z4 and Z6–Z16.

Belongs here: the rules and their sentences for the work list. Does not belong here: Z1, Z3 and Z5, which
the writer guarantees by construction (layout.py, transfer_file.py). A message names the rule and the
支払番号, never a value. Z1–Z14 are rules of the format and of banks; Z15 and Z16 are ours: who the payee is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from reports.zengin.agreement import MOST_TOTAL_YEN, OLD_KANA, BankProfile, Originator
from reports.zengin.characters import ACCOUNT_NAME, MISPLACED_MARK, STORE_NAME, WO
from reports.zengin.layout import DATA, HEADER, length_of
from reports.zengin.masters import Severity, absence_weighs, with_successor
from reports.zengin.orders import RELATIONS, spelled_orders, spelled_originator
from reports.zengin.yucho import yucho_mismatch
from schemas.businessdays import HolidaysNotPublished, is_bank_business_day

FINDING_SCHEMA: dict[str, type[pl.DataType]] = {
    "payment_no": pl.String,
    "rule": pl.String,
    "severity": pl.String,
    "message": pl.String,
    "item": pl.String,
    "sentence": pl.String,
    "row_no": pl.UInt32,
}
"""What is wrong, the column of ORDER_SCHEMA it is about (null where it is none alone), the sentence without place, and
the row of the orders as handed over. payment_no and row_no are null for what concerns the whole file, payment_no also
where the number itself is not 10 digits."""

ACCOUNT_TYPES = ("1", "2", "4", "9")
PAYMENT_NO_PATTERN = "^[0-9]{10}$"
PAYEE, PAYER = "受取人", "振込依頼人"
UNAGREED = OLD_KANA + "・"
"""Characters whose spelling is a matter of agreement with the bank: to the work list, never guessed."""

REPEATING = (("party_name",), ("bank_code", "branch_code", "account_type", "bank_name", "branch_name"))
"""Columns with far fewer values than there are rows."""

_NOBODYS = "受取人が受給資格者でもその家族でもありません。"
_NO_GUARDIAN = "受給資格者のカナがなく、口座名義人と比べられません。"


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule: the column it is about, the sentence staff read, and what is true where it is broken.

    within: true wherever the rule can be broken, and cheap; `broken` is asked of those rows only.
    """

    rule: str
    severity: Severity
    item: str
    sentence: str | pl.Expr
    broken: pl.Expr
    within: pl.Expr | None = None


def _not_digits(column: str, pattern: str) -> pl.Expr:
    return ~pl.col(column).str.contains(f"^[0-9]{pattern}$")


def _number_rules(party: str) -> list[Rule]:
    return [
        Rule(
            "Z2", "error", "bank_code", f"{party}の銀行番号が4桁の数字ではありません。", _not_digits("bank_code", "{4}")
        ),
        Rule(
            "Z2",
            "error",
            "branch_code",
            f"{party}の支店番号が3桁の数字ではありません。",
            _not_digits("branch_code", "{3}"),
        ),
        Rule(
            "Z2",
            "error",
            "account_no",
            f"{party}の口座番号が7桁以内の数字ではありません。",
            _not_digits("account_no", "{1,7}"),
        ),
        Rule(
            "Z2", "error", "account_no", f"{party}の口座番号がすべて0です。", pl.col("account_no").str.contains("^0+$")
        ),
    ]


def _character_rules(party: str, profile: BankProfile) -> list[Rule]:
    name, stores = pl.col("party_name"), (pl.col("bank_name"), pl.col("branch_name"))
    illegal = ACCOUNT_NAME.illegal(also=WO if profile.accepts_wo else "")
    foreign = ACCOUNT_NAME.illegal(also=(WO if profile.accepts_wo else "") + UNAGREED)
    store_illegal = pl.any_horizontal(store.str.contains(STORE_NAME.illegal()) for store in stores)
    store_mark = pl.any_horizontal(store.str.contains(MISPLACED_MARK) for store in stores)
    where = f"{party}の銀行名・支店名"
    return [
        Rule("Z6", "error", "payee_kana", f"{party}名に使えない文字があります。", name.str.contains(foreign)),
        Rule(
            "Z6",
            "error",
            "payee_kana",
            f"{party}名に銀行と書き方を取り決めていない字（{UNAGREED}）があります。推測せず、名義人か銀行に確かめてください。",
            name.str.contains(illegal) & ~name.str.contains(foreign),
        ),
        Rule("Z6", "error", "branch_name_kana", f"{where}に使えない文字があります。", store_illegal),
        Rule(
            "Z7",
            "error",
            "payee_kana",
            f"{party}名の濁点・半濁点の位置が正しくありません。",
            name.str.contains(MISPLACED_MARK),
        ),
        Rule("Z7", "error", "branch_name_kana", f"{where}の濁点・半濁点の位置が正しくありません。", store_mark),
    ]


def _name_rules(party: str, length: int) -> list[Rule]:
    name, store_length = pl.col("party_name"), length_of(DATA, "bank_name")
    long_store = pl.max_horizontal(pl.col(name).str.len_chars() for name in ("bank_name", "branch_name")) > store_length
    return [
        Rule(
            "Z13",
            "warning",
            "payee_kana",
            f"{party}名の{length}文字を超える部分を切って書きます。",
            name.str.len_chars() > length,
        ),
        Rule(
            "Z13",
            "warning",
            "branch_name_kana",
            f"{party}の銀行名・支店名の{store_length}文字を超える部分を切って書きます。",
            long_store,
        ),
        Rule("Z14", "error", "payee_kana", f"{party}名が空白です。", name == ""),
    ]


def _account_type_rules(party: str) -> list[Rule]:
    known = pl.col("account_type").is_in(ACCOUNT_TYPES)
    return [
        Rule("Z10", "error", "account_type", f"{party}の預金種目が 1・2・4・9 のいずれでもありません。", ~known),
        Rule(
            "Z10",
            "error",
            "branch_code",
            f"{party}のゆうちょ銀行の店番と預金種目が合いません。",
            known & yucho_mismatch(),
        ),
    ]


def _account_rules(party: str, name_length: int, profile: BankProfile) -> list[Rule]:
    return [
        *_number_rules(party),
        *_character_rules(party, profile),
        *_account_type_rules(party),
        *_name_rules(party, name_length),
    ]


def _originator_rules(profile: BankProfile) -> list[Rule]:
    code = _not_digits("originator_code", "{10}")
    return [
        Rule("Z2", "error", "originator_code", "振込依頼人コードが10桁の数字ではありません。", code),
        *_account_rules(PAYER, length_of(HEADER, "party_name"), profile),
    ]


def _order_rules(profile: BankProfile) -> list[Rule]:
    amount, most = pl.col("amount_yen"), profile.max_amount_yen
    number = pl.col("account_no").str.pad_start(7, "0")
    twice = pl.struct("bank_code", "branch_code", "account_type", number, amount).is_duplicated()
    alike = (number.hash() ^ amount.hash()).is_duplicated()
    again = (pl.col("payment_no") == pl.col("payment_no").shift(1)).fill_null(value=False)
    return [
        *_account_rules(PAYEE, length_of(DATA, "party_name"), profile),
        Rule(
            "Z2",
            "error",
            "payment_no",
            "支払番号が10桁の数字ではありません。",
            ~pl.col("payment_no").str.contains(PAYMENT_NO_PATTERN),
        ),
        Rule(
            "Z2",
            "error",
            "beneficiary_no",
            "受給者番号が7桁の数字ではありません。",
            _not_digits("beneficiary_no", "{7}"),
        ),
        Rule(
            "Z11",
            "error",
            "payment_no",
            "同じ支払番号が2件以上あります。",
            again | again.shift(-1).fill_null(value=False),
        ),
        Rule("Z11", "warning", "account_no", "同じ口座へ同じ金額の振込が2件以上あります。", twice, within=alike),
        Rule("Z12", "error", "amount_yen", "振込金額が1円未満です。", amount < 1),
        Rule("Z12", "error", "amount_yen", f"振込金額が上限（{most:,}円）を超えています。", amount > most),
        *_payee_rules(),
    ]


def _payee_rules() -> list[Rule]:
    """Z15: money goes to the 受給資格者, the child's family, or whom two people let pass; Z16: is the holder the
    受給資格者? INC-30."""
    relation, guardian, accepted = pl.col("payee_relation"), pl.col("guardian_name"), pl.col("payee_accepted_by") != ""
    same = pl.col("party_name").str.replace_all(" ", "") == guardian.str.replace_all(" ", "")
    judged = relation.is_in(RELATIONS) & (relation != "none")
    other = pl.col("party_name") != guardian
    let_pass = pl.format("受取人は受給資格者でもその家族でもありません。{}が確かめて通しました。", "payee_accepted_by")
    unseen = "口座名義人カナが受給資格者のカナと違います。"
    return [
        Rule("Z15", "error", "payee_kana", _NOBODYS, (relation == "none") & ~accepted),
        Rule("Z15", "warning", "payee_kana", let_pass, (relation == "none") & accepted),
        Rule("Z15", "error", "payee_kana", "受取人と受給資格者の関係を確かめていません。", ~relation.is_in(RELATIONS)),
        Rule("Z16", "warning", "payee_kana", _NO_GUARDIAN, judged & (guardian == "")),
        Rule("Z16", "warning", "payee_kana", unseen, judged & (guardian != "") & ~same, within=other),
    ]


def _master_rules(party: str, value_date: date, profile: BankProfile, banks: pl.DataFrame) -> list[Rule]:
    """Rules of rows with their `successor` (of a branch that was merged), null where none is known."""
    severity = absence_weighs(banks, value_date, profile.master_max_age_days)
    branch = pl.col("bank_code") + "-" + pl.col("branch_code")
    bank_known = pl.col("bank_code").is_in(banks["bank_code"].unique().to_list())
    branch_known = branch.is_in(banks.select(branch).to_series().to_list())
    unmerged = pl.col("successor").is_null()
    merged = pl.format(f"{party}の支店は統合されました。新しい銀行番号・支店番号は{{}}です。", "successor")
    return [
        Rule("Z9", severity, "bank_code", f"{party}の銀行番号が金融機関マスターにありません。", ~bank_known & unmerged),
        Rule(
            "Z9",
            severity,
            "branch_code",
            f"{party}の支店番号が金融機関マスターにありません。",
            bank_known & ~branch_known & unmerged,
        ),
        Rule("Z9", "warning", "branch_code", merged, ~branch_known & ~unmerged),
    ]


def _broken_rows(rows: pl.DataFrame, rules: Iterable[Rule], where: pl.Expr) -> pl.DataFrame:
    """One row per row and broken rule; `where`: the place as its message names it."""
    broken = _broken_somewhere(rows, list(rules))
    told = [_told(_asked(rows, rule).filter(rule.broken), rule, where) for rule in broken]
    return pl.concat([pl.DataFrame(schema=FINDING_SCHEMA), *told])


def _asked(rows: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    return rows if rule.within is None else rows.filter(rule.within)


def _broken_somewhere(rows: pl.DataFrame, rules: list[Rule]) -> list[Rule]:
    """The rules that some row breaks. Rules of REPEATING columns are judged once for each combination of values."""
    found: list[Rule] = []
    left = [rule for rule in rules if rule.within is None]
    for columns in REPEATING:
        those = [rule for rule in left if _reads(rule) and _reads(rule) <= set(columns)]
        left = [rule for rule in left if rule not in those]
        found += _broken_in(rows.select(columns).unique(), those)
    found += _broken_in(rows, left)
    for rule in rules:
        if rule.within is not None:
            found += _broken_in(_asked(rows, rule), [rule])
    return found


def _reads(rule: Rule) -> set[str]:
    """The columns `broken` names one by one."""
    return set(rule.broken.meta.root_names())


def _broken_in(rows: pl.DataFrame, rules: list[Rule]) -> list[Rule]:
    flags = rows.select(rule.broken.any().alias(str(at)) for at, rule in enumerate(rules))
    return [rule for at, rule in enumerate(rules) if flags[str(at)].item()]


def _told(rows: pl.DataFrame, rule: Rule, where: pl.Expr) -> pl.DataFrame:
    sentence = pl.lit(rule.sentence) if isinstance(rule.sentence, str) else rule.sentence
    return rows.select(
        "payment_no",
        rule=pl.lit(rule.rule),
        severity=pl.lit(rule.severity),
        message=pl.format("{} {}（{}）", pl.lit(rule.rule), sentence, where),
        item=pl.lit(rule.item),
        sentence=sentence,
        row_no=pl.col("row_no"),
    )


def _order_problems(orders: pl.DataFrame, rules: Iterable[Rule]) -> pl.DataFrame:
    """The place is the 支払番号, or the line when the number is not usable."""
    usable = pl.col("payment_no").str.contains(PAYMENT_NO_PATTERN)
    numbered, placed = pl.format("支払番号 {}", "payment_no"), pl.format("{}件目、支払番号不正", "row_no")
    found = _broken_rows(orders, rules, pl.when(usable).then(numbered).otherwise(placed))
    return found.with_columns(payment_no=pl.when(usable).then("payment_no"))


def _originator_problems(payer: pl.DataFrame, rules: Iterable[Rule]) -> pl.DataFrame:
    nowhere = {"payment_no": pl.lit(None, pl.String), "row_no": pl.lit(None, pl.UInt32)}
    return _broken_rows(payer.with_columns(**nowhere), rules, pl.lit("ファイル全体"))


def _file_problems(orders: pl.DataFrame, value_date: date, profile: BankProfile) -> pl.DataFrame:
    found = [
        ("Z4", "振込データが1件もありません。", orders.is_empty()),
        (
            "Z4",
            f"件数が上限（{profile.max_records:,}件）を超えています。",
            orders.height > profile.max_records,
        ),
        ("Z4", "合計金額が12桁を超えています。", orders["amount_yen"].sum() > MOST_TOTAL_YEN),
    ]
    rows = [(rule, sentence) for rule, sentence, broken in found if broken] + _value_date_problems(value_date)
    told = [
        (None, rule, "error", f"{rule} {sentence}（ファイル全体）", None, sentence, None) for rule, sentence in rows
    ]
    return pl.DataFrame(told, schema=FINDING_SCHEMA, orient="row")


def _value_date_problems(value_date: date) -> list[tuple[str, str]]:
    try:
        is_open = is_bank_business_day(value_date)
    except HolidaysNotPublished:
        return [("Z8", "振込指定日の年の祝日が未公表のため、銀行営業日か判定できません。")]
    return [] if is_open else [("Z8", "振込指定日が銀行営業日ではありません。")]


def _sorted(found: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(found).sort("payment_no", "rule", "message", nulls_last=False)


def problems_of_spelled(
    orders: pl.DataFrame, originator: pl.DataFrame, value_date: date, profile: BankProfile
) -> pl.DataFrame:
    """The problems of frames from orders.py, as sorted there, that need no master (all but Z9): FINDING_SCHEMA."""
    return _sorted(
        [
            _file_problems(orders, value_date, profile),
            _originator_problems(originator, _originator_rules(profile)),
            _order_problems(orders, _order_rules(profile)),
        ]
    )


def findings(
    orders: pl.DataFrame,
    originator: Originator,
    value_date: date,
    profile: BankProfile,
    banks: pl.DataFrame,
    successors: pl.DataFrame,
) -> pl.DataFrame:
    """Every problem of a file to be written, as FINDING_SCHEMA, sorted by payment_no and rule.

    `orders`: ORDER_SCHEMA. `banks`: masters.bank_branches(). `successors`: masters.branch_successors(). An error keeps
    the row out of a file; a warning is for a person to look at. A branch missing from the master is an error while the
    master is at most `profile.master_max_age_days` old on the value date, a warning after that; a branch whose
    successor on the value date is known is a warning that names it.
    Raises OrderColumnsError.
    """
    rows, payer = spelled_orders(orders, profile), spelled_originator(originator, profile)
    known = (value_date, profile, banks)
    return _sorted(
        [
            problems_of_spelled(rows, payer, value_date, profile),
            _order_problems(with_successor(rows, successors, value_date), _master_rules(PAYEE, *known)),
            _originator_problems(with_successor(payer, successors, value_date), _master_rules(PAYER, *known)),
        ]
    )
