"""Closed code lists with their Japanese labels.

A list that no source confirms for the city says so (`confirmed=False`): feed adapters map the city's own
codes onto it, so a correction is data. What the codes decide belongs to the rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeList:
    """code → label, where it comes from, and whether the city confirmed it."""

    name: str
    label: str
    labels: Mapping[str, str]
    source: str = "別添1からの推定"
    confirmed: bool = False


def _list(name: str, label: str, labels: str, source: str = "別添1からの推定", confirmed: bool = False) -> CodeList:
    pairs = dict(pair.split("=", 1) for pair in labels.split())
    return CodeList(name, label, pairs, source, confirmed)


FLAG = _list("flag", "フラグ", "0=非該当 1=該当", "自明", True)
SEX = _list("sex", "性別", "0=不詳 1=男 2=女 9=適用不能", "ISO 5218", True)
RESIDENT_CLASS = _list(
    "resident_class", "住民区分", "01=住民(日本人) 02=住民(外国人) 03=住登外 04=転出者 05=死亡者 06=職権消除"
)
RESIDENT_FROM = _list(
    "resident_from_reason", "住民となった事由", "01=出生 02=転入 03=国外転入 04=職権記載 05=国籍取得 06=改製・移行"
)
RESIDENT_TO = _list("resident_to_reason", "住民でなくなった事由", "51=転出 52=国外転出 53=死亡 54=職権消除 55=国籍喪失")
CHANGE_REASON = _list(
    "change_reason",
    "異動事由",
    "01=出生 02=転入 03=国外転入 04=職権記載 05=国籍取得 06=改製・移行 31=転居 32=氏名変更 33=世帯変更"
    " 51=転出 52=国外転出 53=死亡 54=職権消除 55=国籍喪失",
)
HOUSEHOLD_ROLE = _list(
    "household_role", "世帯主との続柄", "01=世帯主 02=夫 03=妻 04=子 05=父 06=母 07=子の子 08=兄弟姉妹 09=同居人"
)
RELATIONSHIP = _list("relationship", "受給資格者から見た続柄", "01=子 02=孫 03=養子 04=兄弟姉妹 05=その他(監護児童)")
WIDOW_CLASS = _list("widow_class", "寡婦区分", "0=なし 1=寡婦 2=寡婦(特別・旧) 3=寡夫(旧) 4=ひとり親")
SPOUSE_CLASS = _list("spouse_class", "控除対象配偶者", "0=なし 1=控除対象配偶者 2=老人控除対象配偶者 3=同一生計配偶者")
FILING = _list("filing", "申告区分", "0=未申告 1=申告済", "住民税の未申告区分から")
TAXED = _list("taxed", "課税区分", "1=市町村民税課税 2=市町村民税非課税")
APPLICATION_TYPE = _list(
    "application_type", "申請種別", "01=新規登録 02=更新 03=変更 04=再交付 05=消滅届 06=年齢拡大登録"
)
APPLICATION_REASON = _list(
    "application_reason",
    "申請理由",
    "01=出生 02=転入 03=小学校就学 04=年齢拡大 05=他制度喪失 06=施設退所 07=滞納解消 08=保護者変更 09=更新 99=その他",
)
IDENTITY_EVIDENCE = _list(
    "identity_evidence", "本人確認", "1=個人番号カード 2=通知カードと写真付書類 3=その他の書類 9=確認未了"
)
DECISION_RESULT = _list("decision_result", "決定結果", "1=認定 2=却下 3=保留 4=消滅 5=停止")
DECISION_REASON = _list(
    "decision_reason",
    "決定理由",
    "00=該当 01=年齢 02=転出 03=死亡 04=生活保護 05=ひとり親家庭等 06=重度心身障害者 07=施設入所等 08=健康保険未加入"
    " 09=所得 10=滞納 11=未申請 12=保護者国外 13=住民登録なし 14=保護者確認中 15=所得・滞納確認中 16=保留 99=その他",
)
HELD_REASONS = ("14", "15", "16")
"""決定理由 that wait for a person: the child is not entitled yet, and is not refused either."""
SUBSIDY_CLASS = _list("subsidy_class", "助成区分", "1=乳幼児(就学前) 2=小学生 3=中学生 4=高校生年代")
INSURED_CLASS = _list("insured_class", "被用区分", "1=国保 2=被用者保険(本人) 3=被用者保険(家族) 4=国保組合 9=その他")
BENEFIT_CLASS = _list("benefit_class", "給付区分", "0=停止 1=入院+通院 2=入院のみ 3=償還のみ")
SCHEME_CLASS = _list("scheme_class", "制度区分", "1=子ども医療 2=ひとり親 3=重度心身障害")
FUNDING_CLASS = _list("funding_class", "費用区分", "1=県補助対象 2=市単独 3=混在")
INSURANCE_TYPE = _list(
    "insurance_type",
    "保険種別",
    "00=国民健康保険 01=全国健康保険協会 02=船員保険 03=日雇 06=健康保険組合 07=自衛官等 31=国家公務員共済"
    " 32=地方公務員共済 33=警察共済 34=学校共済 63=特例退職 67=退職国保 72=特例退職共済(国) 73=特例退職共済(地)"
    " 74=特例退職共済(警) 75=特例退職共済(学)",
    "法別番号",
)
CARE = _list(
    "care",
    "入外",
    "1=医科入院 2=医科外来 3=歯科入院 4=歯科外来 5=調剤 6=訪問看護 7=柔道整復 8=装具等療養費",
)
DEPARTMENT = _list("department", "診療科", "01=内科 09=小児科 10=外科 11=整形外科 19=皮膚科 26=眼科 27=耳鼻咽喉科")
OTHER_PAYER = _list(
    "other_payer",
    "他公費(法別)",
    "12=生活保護 16=育成医療 21=精神通院 23=養育医療 38=肝炎 51=特定疾患等 52=小児慢性特定疾病 53=児童福祉施設措置 54=指定難病",
    "法別番号",
)
JUDGEMENT = _list("judgement", "判定結果", "1=支給 2=不支給 3=返戻・増減 4=保留")
REJECTION = _list(
    "rejection",
    "却下事由",
    "01=資格期間外 02=保険外 03=重複 04=他制度優先 05=災害共済 06=第三者行為 07=時効 08=書類不備 09=支給額なし 99=その他",
)
PAYMENT_METHOD = _list("payment_method", "支払方法", "1=口座振込 2=窓口払 3=現物給付 4=委任払")
TRANSFER_RESULT = _list("transfer_result", "振込結果", "0=正常 1=振込不能 2=再振込済 9=未処理")
BANK_RESULT = _list("bank_result", "銀行の結果", "0=振込済 2=振込不能 9=その他不能 R=返却 K=組戻済", "市の中立様式")
COLLECTION = _list("collection", "回収区分", "0=未回収 1=回収済 2=回収不能 3=回収不要")
ARREARS = _list("arrears", "滞納", "0=なし 1=あり 2=あり(除外事由) 9=未照会")
ARREARS_ITEM = _list(
    "arrears_item",
    "滞納科目",
    "151=市民税 152=固定資産税・都市計画税 153=軽自動車税 154=国民健康保険税 155=市立幼稚園保育料"
    " 156=留守家庭児童保育料 157=保育所保育料 158=学校給食費",
    "別添1の項目番号",
    True,
)
MEDICAL_SCHEME = _list("medical_scheme", "医療制度", "1=国保 2=社保 3=退職 4=後期 5=公費単独")
TAX_STATUS = _list("tax_status", "課税状況", "0=不明 1=課税 2=非課税")
ACCOUNT_TYPE = _list("account_type", "預金種目", "1=普通 2=当座 4=貯蓄 9=その他", "全銀協規定", True)
INCOME_CLASS = _list(
    "income_class",
    "適用区分",
    "ア=区分ア イ=区分イ ウ=区分ウ エ=区分エ オ=区分オ"
    " 上位=上位所得者(平成26年12月まで) 一般=一般(平成26年12月まで) 低所得=低所得者(平成26年12月まで)",
    "健康保険法施行令42条",
    True,
)
CLASS_SOURCE = _list(
    "class_source",
    "適用区分の出どころ",
    "answer=保険者の回答 nhi=国保 receipt=レセプトの特記事項",
    "本システムの区分",
    True,
)
DEDUCTION_SOURCE = _list(
    "deduction_source",
    "控除に使った額の出どころ",
    "answer=保険者の回答 nhi=国保の適用区分による計算 claim=申請書 waiting=回答待ち",
    "本システムの区分",
    True,
)
DEDUCTION = _list("deduction", "控除の種類", "high=高額療養費 supplementary=附加給付", "本システムの区分", True)
RECEIPT_CHANGE = _list("receipt_change", "過誤区分", "0=当初 1=返戻 2=過誤 3=再審査")
DEMAND_CLASS = _list("demand_class", "請求区分", "0=当初 1=返戻 2=過誤 3=再審査 9=合計", "市の中立様式")
DEMAND_DIFFERENCE = _list(
    "demand_difference",
    "請求との違い",
    "0=請求書がない 1=受理したレセプトより多い 2=受理したレセプトが請求にない 3=件数は同じで額が違う"
    " 4=手数料が単価の定めと違う 5=手数料の単価の定めがない 6=不支給にしたレセプトの請求 7=保留のレセプトの請求"
    " 8=返戻・過誤・再審査の増減が違う",
    "本システムの区分",
    True,
)
CLAIM_CLASS = _list("claim_class", "申請の種類", "1=通常 2=治療用装具 3=海外療養 4=10割立替")
ACCIDENT = _list("accident", "災害・第三者", "0=なし 1=災害共済の対象 2=第三者行為")
PROTECTION = _list("protection", "支援措置区分", "1=DV等支援措置 2=ストーカー 3=児童虐待 9=その他")
FACILITY = _list("facility", "施設等", "1=児童養護施設等 2=里親委託 3=障害児入所施設 9=その他の医療費助成")
TRANSFER_OFFICE = _list(
    "transfer_office",
    "移転先",
    "1=子育て支援課 2=生活福祉1課・2課 3=障害福祉課",
    "評価書22 II-5",
    True,
)
CHANNEL = _list(
    "channel",
    "入手方法",
    "paper=紙 media=電子記録媒体(フラッシュメモリを除く) linkage=庁内連携システム network=情報提供ネットワークシステム"
    " flash=フラッシュメモリ",
    "評価書22 II-3②",
    True,
)
LOAD = _list("load", "連携区分", "full=全件 diff=差分", "共通機能標準仕様書の連携区分", True)
BENEFIT_REASON = _list(
    "benefit_reason",
    "支給判定の理由",
    "P0=支給 N1=支給額なし"
    " E1=資格期間外 E2=受給者番号の該当なし E3=他制度優先 A1=災害共済の対象 A2=第三者行為 T1=申請期限経過 D1=重複 X1=保険対象外"
    " H1=高額療養費・附加給付の回答待ち H2=自己負担額の相違 H3=負担割合の相違 H4=現物給付の上限以上"
    " H5=受診者の相違 H6=資格終了月で受診日不明 H7=公費負担者番号の相違 H8=診療年月の限度額未登録 H9=資格の確認待ち"
    " HA=他の公費の一部負担の相違 R0=過誤・再審査による増減 R1=過誤・再審査の元のレセプト待ち R2=元のレセプトに支給なし",
    "本システムの判定理由",
    True,
)
BENEFIT_CAUSE = _list(
    "benefit_cause",
    "判定し直した理由",
    "1=初回 2=保留の解消 3=資格の異動 4=保険者の回答 5=過誤・再審査 6=重複の解消 7=法の改正 9=その他",
    "本システムの区分",
    True,
)
DIFFERENCE = _list("difference", "差額の種類", "1=初回支給 2=追給 3=返還", "本システムの区分", True)
COUNTERPART = _list("counterpart", "差額の相手", "1=保護者 2=審査支払機関", "本システムの区分", True)
ORDER_SUBJECT = _list("order_subject", "支払の対象", "claim=申請書 difference=差額", "本システムの区分", True)
SUBSIDY_REASON = _list(
    "subsidy_reason",
    "県補助の判断",
    "S0=支給が残らない S1=県補助の対象 S2=年齢が対象外 S3=所得が限度額を超える S4=県の自己負担以下"
    " U1=所得が未確認 U2=課税状況が未確認 U3=要綱の定めが未登録 U4=生年月日が未確認",
    "本システムの判断",
    True,
)
VISIT = _list("visit", "入院・通院", "1=入院 2=通院", "本システムの区分", True)
ELIGIBILITY_OUTCOME = _list("eligibility_outcome", "資格", "1=資格あり 0=資格なし", "本システムの判定", True)
OVERRIDE = _list(
    "override", "強制修正の内容", "1=資格ありとする 2=資格なしとする 3=保留とする", "本システムの区分", True
)
CAUSE = _list(
    "cause",
    "決定した理由",
    "1=初回 2=異動 3=遅れて届いた 4=訂正 5=法の改正 6=強制修正",
    "本システムの区分",
    True,
)
MATCH_GRADE = _list("match_grade", "照合の程度", "1=一致 2=表記のゆれ 3=相違 9=記載なし", "本システムの区分", True)
MATCH_RESULT = _list("match_result", "照合の結果", "1=一致 2=要確認 3=複数 0=該当なし", "本システムの区分", True)
MATCH_SOURCE = _list(
    "match_source", "照合するもの", "applications=申請 municipal_answers=他市区町村の回答", "本システムの区分", True
)
MATCH_SUBJECT = _list(
    "match_subject",
    "照合する人",
    "child=申請の子ども guardian=申請の保護者 person=回答の対象者",
    "本システムの区分",
    True,
)
GUARDIAN_REVIEW = _list(
    "guardian_review",
    "保護者の確認",
    "1=申請のとおり 2=配偶者の所得が高い 3=所得を確認できない 4=配偶者の届出がない 5=保護者が台帳にない",
    "本システムの区分",
    True,
)
REASON_TO_REJECTION = {
    "N1": "09",
    "E1": "01",
    "E2": "01",
    "E3": "04",
    "A1": "05",
    "A2": "06",
    "T1": "07",
    "D1": "03",
    "X1": "02",
}
"""理由 → 却下事由(別添1の109)."""
