"""Payment: orders, what the pre-flight says of them, the bank file's own figures, the bank's answers as entered."""

from dataclasses import replace

from schemas.codes import ACCOUNT_TYPE
from schemas.record import DAY, MONTH, Item, Record, Type, code, count, digits, text, yen
from schemas.records.feeds import BANK_RESULTS, accepted


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


PAYEE = (
    _item("bank_code", "銀行コード", digits(4), 8, of="registrations.application_no applications_known.bank_code"),
    _item("branch_code", "支店コード", digits(3), 8, of="applications_known.branch_code"),
    _item("account_type", "預金種目", code(ACCOUNT_TYPE), 8, of="applications_known.account_type"),
    _item("account_number", "口座番号", digits(7), 8, of="applications_known.account_number"),
    _item("account_holder_kana", "口座名義人カナ", text(100), 8, of="applications_known.account_holder_kana"),
)

ORDERS = Record(
    "payment_orders",
    "支払命令",
    "精算で支払うとした申請書または差額1件につき1件。台帳が番号を付ける。2回目は、前の回が銀行から戻るか、振込データにないまま日を過ぎたときだけできる",
    (
        _item("payment_no", "支払番号", digits(10), 8),
        _item("decision_no", "判定番号", text(40), 8, of="benefit_decisions.decision_no"),
        _item("subject_key", "申請書番号か判定番号", text(60), 8, of="settlement_payables.subject_key"),
        _item("beneficiary_no", "受給者番号", digits(7), 2, of="benefit_decisions.beneficiary_no"),
        _item(
            "guardian_resident_code",
            "受給資格者住民コード",
            digits(15),
            2,
            of="benefit_decisions.guardian_resident_code",
        ),
        *PAYEE,
        _item("amount_yen", "振込金額", yen(1), 8, of="settlement_payables.payable_yen"),
        _item("value_date", "振込指定日", DAY, 8, of="benefit_decisions.application_date"),
        _item("decided_month", "処理月", MONTH, 8, of="benefit_decisions.decided_month"),
        _item("attempt", "回", count(99), 8),
        _item("replaces_no", "出し直す支払番号", digits(10), 8, True, "payment_orders.payment_no"),
    ),
    ("payment_no",),
    frozenset({2, 8}),
)

PREFLIGHT = Record(
    "bank_file_problems",
    "振込前の点検",
    "振込データを作る前の点検の結果。誤りのある支払は振込データに入らず、ここに残る",
    (
        _item("payment_no", "支払番号", digits(10), 8, True, "payment_orders.payment_no"),
        Item("rule", "規則", text(10)),
        Item("severity", "程度", text(10, "^(error|warning)$")),
        Item("message", "内容", text(300)),
    ),
    ("payment_no", "rule", "message"),
    frozenset({8}),
)

WORK = Record(
    "bank_file_work",
    "振込前の作業リスト",
    "点検で止まった支払と統合された支店・切られる名について、どこに何があり、どう直すか",
    (
        _item("payment_no", "支払番号", digits(10), 8, True, "payment_orders.payment_no"),
        Item("rule", "規則", text(10)),
        Item("severity", "程度", text(10, "^(error|warning)$")),
        Item("what", "内容", text(300)),
        Item("item", "項目", text(40)),
        Item("position_no", "何文字目", count(999, 1), nullable=True),
        Item("found", "見つかったもの", text(60), nullable=True),
        Item("suggestion", "直し方", text(300)),
        _item("proposal", "直した値の候補", text(60), 8, True, "payment_orders.account_number"),
    ),
    ("payment_no", "rule", "what", "position_no"),
    frozenset({8}),
)

BANK_FILES = Record(
    "bank_file",
    "総合振込データ",
    "銀行へ渡す総合振込ファイルと、その件数・金額・要約値",
    (
        Item("file_name", "ファイル名", text(120)),
        Item("batch_no", "束番号", text(40)),
        Item("value_date", "振込指定日", DAY, of=("payment_orders.value_date",)),
        Item("orders", "件数", count(999_999), of=("payment_orders.payment_no",)),
        Item("total_yen", "合計金額", yen(0, 999_999_999_999), of=("payment_orders.amount_yen",)),
        Item("bytes", "バイト数", count(999_999_999)),
        Item("sha256", "SHA-256", text(64, "^[0-9a-f]{64}$")),
    ),
    ("file_name",),
)

_ANSWER = tuple(replace(item, of=(f"bank_results.{item.name}",)) for item in accepted(BANK_RESULTS).items)

RESULTS_ENTERED = Record(
    "bank_results_entered",
    "台帳に入力した振込結果",
    "その日に届いた振込結果のうち、支払番号・金額・口座が引き渡した支払に合い、台帳に入力したもの",
    _ANSWER,
    ("delivery", "line_no"),
    frozenset({8}),
)

RESULTS_WORK = Record(
    "bank_results_work",
    "職員が調べる振込結果",
    "その日に届いた振込結果のうち、台帳の支払に合わないか、前の結果と食い違うもの。お金は動かさず、職員が金融機関に確認する",
    (*_ANSWER, Item("trouble", "合わない点", text(40))),
    ("delivery", "line_no"),
    frozenset({8}),
)
