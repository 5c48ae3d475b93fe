"""The one error a delivered file can end in, and the error of a wrong adapter.

Belongs here: what a clerk reads when a delivery is refused, and what to do about each fault. A row that breaks
its own rules is no error; it becomes a refused row. No sentence holds a value of the file.
"""

from schemas.errors import CityError

ACTIONS: dict[str, str] = {
    "missing": "{office}に納品の有無を確かめ、ファイルと control.json を受信箱に置いてから再実行してください。",
    "stranger": "担当者が中身を確かめて受信箱から取り除き、再実行してください。",
    "control": "{office}に正しい control.json の再送を依頼してください。",
    "channel": "受信箱から取り除き、庁内連携システムか許可された媒体での再送を{office}に依頼してください。",
    "hash": "{office}にファイルの再送を依頼してください。",
    "rows": "{office}に件数を確かめ、ファイルか control.json の再送を依頼してください。",
    "total": "{office}に合計金額を確かめ、ファイルか control.json の再送を依頼してください。",
    "encoding": "{office}に、定められた文字コードでの再送を依頼してください。",
    "structure": "{office}に、定められた様式での再送を依頼してください。",
    "unconfirmed": "{office}に様式を照会し、システム担当者がアダプタに列を書いて confirmed を改めてください。",
    "column_missing": "{office}に様式の変更の有無を確かめ、変更ならシステム担当者がアダプタを改めてください。",
    "column_extra": "{office}に様式の変更の有無を確かめ、変更ならシステム担当者がアダプタを改めてください。",
    "column_order": "{office}に様式の変更の有無を確かめ、変更ならシステム担当者がアダプタを改めてください。",
    "my_number": "受信箱から直ちに取り除いて個人情報保護の責任者に報告し、{office}に再送を依頼してください。",
    "duplicate_key": "{office}に重複の訂正と再送を依頼してください。",
    "empty": "{office}にファイルの再送を依頼してください。",
    "shrunk": "{office}に全件であることを確かめ、正しければシステム担当者が shrink_share を改めてください。",
    "twice": "{office}に二重の納品でないかを確かめ、不要な方を受信箱から取り除いてください。",
    "order": "{office}に抜けている納品を確かめ、通番の順に受信箱へ置いて処理してください。",
    "too_big": "{office}にファイルを確かめ、正しければシステム担当者が maximum_bytes を改めてください。",
    "zip_path": "{office}に、データファイル1つだけを入れたzipの再送を依頼してください。",
    "zip_bomb": "開かずに受信箱から取り除き、情報セキュリティの責任者に報告してください。",
    "zip_broken": "{office}にzipの再送を依頼してください。",
}
"""What to do, and by whom, for every code of DeliveryError."""


class AdapterError(CityError):
    """An adapter file contradicts itself or its record, or a frame does not fit the layout it is written in."""


class DeliveryError(CityError):
    """A delivery that cannot be taken at all; nothing of it is published.

    code: one of ACTIONS. feed: record name. file: file name. line: 1-based, or None. message: one Japanese
    sentence saying what is wrong where. action: one Japanese sentence saying what to do and by whom.
    """

    def __init__(self, code: str, feed: str, file: str, message: str, action: str, line: int | None = None) -> None:
        super().__init__(code, feed, file, message, action, line)
        self.code = code
        self.feed = feed
        self.file = file
        self.line = line
        self.message = message
        self.action = action

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}{self.action}"
