"""Synthetic names: common surnames and given names with their kana, and how persons are called.

Includes what breaks systems: 髙 﨑 𠮷, variation selectors, small kana, long vowels, names of foreigners.
"""

import polars as pl

from pipelines.city.chance import Chance

_SURNAMES = (
    "佐藤サトウ 鈴木スズキ 高橋タカハシ 田中タナカ 伊藤イトウ"
    " 渡辺ワタナベ 山本ヤマモト 中村ナカムラ 小林コバヤシ 加藤カトウ"
    " 吉田ヨシダ 山田ヤマダ 佐々木ササキ 山口ヤマグチ 松本マツモト"
    " 井上イノウエ 木村キムラ 林ハヤシ 斎藤サイトウ 清水シミズ"
    " 山崎ヤマザキ 森モリ 池田イケダ 橋本ハシモト 阿部アベ"
    " 石川イシカワ 山下ヤマシタ 中島ナカジマ 石井イシイ 小川オガワ"
    " 前田マエダ 岡田オカダ 長谷川ハセガワ 藤田フジタ 後藤ゴトウ"
    " 近藤コンドウ 村上ムラカミ 遠藤エンドウ 青木アオキ 坂本サカモト"
    " 福田フクダ 太田オオタ 西村ニシムラ 藤井フジイ 金子カネコ"
    " 岡本オカモト 藤原フジワラ 三浦ミウラ 中野ナカノ 原田ハラダ"
    " 松田マツダ 竹内タケウチ 小野オノ 田村タムラ 中山ナカヤマ"
    " 和田ワダ 石田イシダ 森田モリタ 上田ウエダ 原ハラ"
    " 内田ウチダ 柴田シバタ 酒井サカイ 宮崎ミヤザキ 横山ヨコヤマ"
    " 高木タカギ 安藤アンドウ 宮本ミヤモト 大野オオノ 小島コジマ"
    " 工藤クドウ 谷口タニグチ 今井イマイ 高田タカダ 増田マスダ"
    " 丸山マルヤマ 杉山スギヤマ 村田ムラタ 大塚オオツカ 新井アライ"
    " 小山コヤマ 平野ヒラノ 河野コウノ 藤本フジモト 野口ノグチ"
    " 武田タケダ 松井マツイ 千葉チバ 岩崎イワサキ 菅原スガワラ"
)
_RARE_SURNAMES = (
    "髙橋タカハシ 山﨑ヤマザキ 𠮷田ヨシダ 𠮷川ヨシカワ"
    " 葛\U000e0100西カサイ 辻\U000e0100ツジ 渡邉\U000e0101ワタナベ 齋藤サイトウ"
    " 﨑山サキヤマ 髙木タカギ 邊見ヘンミ 祁答院ケドウイン 神\ufe00谷カミヤ 榊\U000e0101原サカキバラ"
)
_GIRLS = (
    "葵アオイ 陽菜ヒナ 結愛ユア 莉子リコ 咲良サクラ 凛リン 紬ツムギ"
    " 美桜ミオ 芽依メイ 杏アン 花ハナ 結衣ユイ 澪ミオ 琴音コトネ"
    " 心春コハル 千尋チヒロ 優奈ユウナ 真央マオ 七海ナナミ"
    " 彩花アヤカ 遥ハルカ 萌モエ 愛梨アイリ 夏希ナツキ 祥子ショウコ"
    " 京香キョウカ 柚葉ユズハ 絵里エリ ひかりヒカリ さくらサクラ"
    " りょうリョウ 衣舞イヴ 麻友マユ 朱里ジュリ 恵美メグミ"
)
_BOYS = (
    "蓮レン 陽翔ハルト 湊ミナト 蒼アオイ 樹イツキ 大翔ヒロト"
    " 悠真ユウマ 朝陽アサヒ 律リツ 新アラタ 颯太ソウタ 陸リク 翔ショウ"
    " 健太ケンタ 拓海タクミ 大輝ダイキ 直樹ナオキ 亮リョウ"
    " 駿シュン 優斗ユウト 航平コウヘイ 隼人ハヤト 一郎イチロウ 誠マコト"
    " 圭介ケイスケ 達也タツヤ 龍之介リュウノスケ 晋シン 純ジュン"
    " 慎吾シンゴ 勇気ユウキ 光ヒカル そらソラ 丈ジョウ 譲ユズル"
)
_MOTHERS = (
    "美咲ミサキ 愛アイ 舞マイ 麻衣マイ 恵ケイ 裕子ユウコ"
    " 久美子クミコ 由美ユミ 智子トモコ 真由美マユミ 香織カオリ 直美ナオミ"
    " 陽子ヨウコ 純子ジュンコ 京子キョウコ 祥子ショウコ 沙織サオリ"
    " 千夏チナツ 綾アヤ 奈々ナナ 理恵リエ 瞳ヒトミ 静香シズカ"
    " 佳奈カナ 友美トモミ 亜由美アユミ 涼子リョウコ 春香ハルカ 明日香アスカ 早紀サキ"
)
_FATHERS = (
    "大輔ダイスケ 健ケン 翔太ショウタ 拓也タクヤ 誠マコト 剛ツヨシ"
    " 浩ヒロシ 隆タカシ 修オサム 哲也テツヤ 和也カズヤ 雄一ユウイチ"
    " 俊介シュンスケ 亮太リョウタ 洋平ヨウヘイ 貴之タカユキ"
    " 裕司ユウジ 祐樹ユウキ 純一ジュンイチ 慎一シンイチ 健二ケンジ"
    " 正樹マサキ 孝タカシ 学マナブ 直人ナオト 勝マサル 恭平キョウヘイ 崇タカシ 陽介ヨウスケ 秀樹ヒデキ"
)
_FOREIGN = (
    "ZHANG:チャン:張 WANG:ワン:王 LI:リー:李 CHEN:チェン:陳"
    " NGUYEN:グエン: TRAN:チャン: KIM:キム:金 PARK:パク:朴"
    " KAYA:カヤ: YILMAZ:ユルマズ: SANTOS:サントス:"
    " GARCIA:ガルシア: SHARMA:シャルマ: TAMANG:タマン: JOHNSON:ジョーンズ:"
)
_FOREIGN_GIVEN = (
    "WEI:ウェイ MEI:メイ HANA:ハナ LINH:リン"
    " MINH:ミン AYSE:アイシェ MEHMET:メフメット MARIA:マリーア JOSE:ホセ"
    " SITA:シータ RAJ:ラージュ VICTORIA:ヴィクトリア ANNA:アンナ JUN:ジュン SOO:スー NGOC:ゴック DENIZ:デニズ"
)
_ALIASES = "田中タナカ 山本ヤマモト 木村キムラ 林ハヤシ 金子カネコ 大山オオヤマ 新井アライ 青木アオキ"


def _pairs(text: str) -> list[tuple[str, str]]:
    """(written, kana): the kana is the katakana at the end of a word."""
    cut = [next(at for at in range(len(word), 0, -1) if not _katakana(word[at - 1])) for word in text.split()]
    return [(word[:at], word[at:]) for word, at in zip(text.split(), cut, strict=True)]


def _katakana(letter: str) -> bool:
    return "ァ" <= letter <= "ヶ" or letter == "ー"


_FAMILY_NAMES = _pairs(_SURNAMES) * 4 + _pairs(_RARE_SURNAMES)
_GIVEN = [_pairs(_BOYS), _pairs(_GIRLS), _pairs(_FATHERS), _pairs(_MOTHERS)]
_ABROAD = [tuple(word.split(":")) for word in _FOREIGN.split()]
_ABROAD_GIVEN = [tuple(word.split(":")) for word in _FOREIGN_GIVEN.split()]


def _looked_up(values: list[str], at: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(values)).gather(at)


def _given(part: int) -> pl.Expr:
    """The written name (0) or kana (1) of column given_at, by sex and generation."""
    tables = [[pair[part] for pair in names] for names in _GIVEN]
    chosen = [_looked_up(values, pl.col("given_at") % len(values)) for values in tables]
    man, child = pl.col("sex") == "1", pl.col("role") == "child"
    young = pl.when(man).then(chosen[0]).otherwise(chosen[1])
    return pl.when(child).then(young).otherwise(pl.when(man).then(chosen[2]).otherwise(chosen[3]))


def named(persons: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Persons (family_no, person_no, role, sex, foreign) with name, name_kana, native_name, alias_name and
    use_native_name. Siblings of one sex have different given names."""
    drawn = persons.with_columns(
        chance.whole("name/family", "family_no", len(_FAMILY_NAMES)).alias("family_at"),
        chance.whole("name/abroad", "family_no", len(_ABROAD)).alias("abroad_at"),
        (chance.whole("name/given", "family_no", 1000) + pl.col("slot") * 7).alias("given_at"),
        (pl.col("foreign") & chance.happens("name/alias", "family_no", 0.35)).alias("has_alias"),
        chance.whole("name/alias_at", "family_no", 8).alias("alias_at"),
        chance.happens("name/native", "family_no", 0.25).alias("prefers_native"),
    )
    return drawn.with_columns(*_written()).drop(
        "family_at", "abroad_at", "given_at", "has_alias", "alias_at", "prefers_native"
    )


def _written() -> list[pl.Expr]:
    abroad = pl.col("given_at") % len(_ABROAD_GIVEN)
    aliases = _pairs(_ALIASES)
    home = [
        pl.format("{}　{}", _looked_up([p[i] for p in _FAMILY_NAMES], pl.col("family_at")), _given(i)) for i in (0, 1)
    ]
    own = [
        pl.format(
            "{}　{}",
            _looked_up([p[i] for p in _ABROAD], pl.col("abroad_at")),
            _looked_up([p[i] for p in _ABROAD_GIVEN], abroad),
        )
        for i in (0, 1)
    ]
    alias = [pl.format("{}　{}", _looked_up([p[i] for p in aliases], pl.col("alias_at")), _given(i)) for i in (0, 1)]
    foreign, called = pl.col("foreign"), pl.col("has_alias") & ~pl.col("prefers_native")
    return [
        pl.when(~foreign).then(home[0]).when(called).then(alias[0]).otherwise(own[0]).alias("name"),
        pl.when(~foreign).then(home[1]).when(called).then(alias[1]).otherwise(own[1]).alias("name_kana"),
        pl.when(foreign).then(own[0]).alias("native_name"),
        pl.when(pl.col("has_alias")).then(alias[0]).alias("alias_name"),
        pl.when(foreign & ~called).then(pl.lit("1")).otherwise(pl.lit("0")).alias("use_native_name"),
    ]
