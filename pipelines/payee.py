"""`kodomo payee`: a payee whom pre-flight stops, let pass by one person and confirmed by another.

Belongs here: the sentences. Does not belong here: what is allowed (resources/payees.py).
"""

from resources.house import House
from resources.payees import Acceptance


def accepted(house: House, payment_no: str, person: str, why: str, evidence: str) -> str:
    """The first of two people."""
    orders = house.ledger.orders()
    return _line(house.payees.propose(orders, payment_no, person=person, why=why, evidence=evidence))


def confirmed(house: House, payment_no: str, person: str) -> str:
    """The second."""
    return _line(house.payees.confirm(house.ledger.orders(), payment_no, person=person))


def listed(house: House) -> str:
    """One line per payee somebody let pass."""
    return "".join(f"{_line(each)}\n" for each in house.payees.all()) or "通した受取人はありません\n"


def _line(each: Acceptance) -> str:
    second = f"{each.confirmed_by} が確認しました" if each.confirmed_by else "もう一人の確認を待っています"
    return f"支払番号 {each.payment_no}: {each.proposed_by} が認め({each.why}、証拠 {each.evidence})、{second}"
