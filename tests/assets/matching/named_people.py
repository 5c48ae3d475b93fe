"""A few people of the city, and who names them."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from assets.matching.rules import answered_taxes, matches, queue
from schemas.records.matching import GRADES, MATCH_QUEUE, MATCHES
from schemas.records.register import ADDRESSES, IDENTITIES, PERSONS
from tests.support.cases import frame, known_rows

HANA, REN, MOTHER, OTHER = (f"{number:015d}" for number in (11, 12, 21, 99))
BORN = date(2018, 6, 15)
HOME = "川口市青木２丁目１－１"

Row = dict[str, object]


def person(code: str, **more: object) -> Row:
    """A person of PERSONS: 佐藤　花, a girl born 2018-06-15."""
    usual: Row = {"resident_code": code, "name": "佐藤　花", "name_kana": "サトウ　ハナ", "sex": "2"}
    return usual | {"birth_date": BORN, "address": HOME} | more


MUM = person(MOTHER, name="佐藤　美咲", name_kana="サトウ　ミサキ", birth_date=date(1990, 1, 2))


def application(**more: object) -> Row:
    """An application that names HANA and her mother as the register writes them."""
    return {
        "application_no": "A1", "child_resident_code": HANA,
        "child_name": "佐藤　花", "child_name_kana": "サトウ　ハナ",
        "child_sex": "2", "child_birth_date": BORN, "child_address": HOME,
        "guardian_resident_code": MOTHER, "guardian_name": "佐藤　美咲", "guardian_name_kana": "サトウ　ミサキ",
    } | more  # fmt: skip


def answer(**more: object) -> Row:
    """An answer of another municipality about HANA's mother, of tax year 2025."""
    return {
        "answer_no": "R1", "permitted": "1", "name": "佐藤　美咲", "name_kana": "サトウ　ミサキ", "sex": "2",
        "birth_date": date(1990, 1, 2), "address": HOME, "tax_year": 2025, "filing": "1", "total_income_yen": 1_000_000,
        "answered_date": date(2026, 5, 1),
    } | more  # fmt: skip


def decision(**more: object) -> Row:
    """A clerk's decision that the child of A1 is HANA."""
    return {
        "decision_no": "D1", "revision_no": 1, "source_feed": "applications", "source_no": "A1", "subject": "child",
        "resident_code": HANA, "decided_date": date(2026, 5, 10),
    } | more  # fmt: skip


@dataclass(frozen=True)
class City:
    """Rows by table; what is not given is HANA and her mother, and nobody else has said anything."""

    persons: list[Row] = field(default_factory=lambda: [person(HANA), MUM])
    applications: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    addresses: list[Row] = field(default_factory=list)
    identities: list[Row] = field(default_factory=list)

    @cached_property
    def answered(self) -> pl.DataFrame:
        """Known rows of municipal_answers."""
        return known_rows("municipal_answers", self.answers)

    @cached_property
    def matches(self) -> pl.DataFrame:
        """MATCHES, validated."""
        found = matches(
            known_rows("applications", self.applications),
            self.answered,
            frame(PERSONS, self.persons),
            frame(ADDRESSES, self.addresses),
            frame(IDENTITIES, self.identities),
            known_rows("identity_decisions", self.decisions),
        )
        return MATCHES.validated(found)

    @cached_property
    def queue(self) -> pl.DataFrame:
        """MATCH_QUEUE, validated."""
        return MATCH_QUEUE.validated(queue(self.matches))

    @cached_property
    def taxes(self) -> pl.DataFrame:
        """What the answers give as known resident_taxes."""
        return answered_taxes(self.answered, self.matches)

    def of(self, subject: str) -> "Matched":
        """The match of one subject."""
        return Matched(self.matches.filter(pl.col("subject") == subject))


@dataclass(frozen=True)
class Matched:
    """The rows of one subject."""

    rows: pl.DataFrame

    @property
    def result(self) -> str:
        """MATCH_RESULT, the same on all rows."""
        assert self.rows["result"].n_unique() == 1
        return str(self.rows["result"][0])

    @property
    def chosen(self) -> str | None:
        """The number taken to be meant."""
        codes = self.rows.filter(pl.col("chosen") == "1")["resident_code"].to_list()
        assert len(codes) <= 1
        return codes[0] if codes else None

    @property
    def candidates(self) -> list[str | None]:
        """The numbers of all candidates."""
        return self.rows["resident_code"].to_list()

    def grades(self, code: str) -> str:
        """The five grades of a candidate in order: 氏名, 振り仮名, 性別, 生年月日, 住所."""
        return "".join(self.rows.row(by_predicate=pl.col("resident_code") == code, named=True)[name] for name in GRADES)
