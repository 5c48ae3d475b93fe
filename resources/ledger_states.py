"""The life of a batch, in one table: where it stands, what is asked, where it goes or why not.

Belongs here: states, events, the sentence of every refusal. Does not belong here: who asks and what is written.
"""

from enum import StrEnum

from resources.ledger_checks import LedgerError


class State(StrEnum):
    """Where a batch stands: the last of the rows the ledger holds of it."""

    PREPARED = "prepared"
    APPROVED = "approved"
    SEALED = "sealed"
    RELEASED = "released"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What can be asked of a batch."""

    APPROVE = "approve"
    SEAL = "seal"
    RELEASE = "release"
    ERASE = "erase"
    WITHDRAW = "withdraw"


STATE_LABELS = {
    State.PREPARED: "作成済み",
    State.APPROVED: "承認済み",
    State.SEALED: "確定済み",
    State.RELEASED: "引渡済み",
    State.ERASED: "消去済み",
    State.WITHDRAWN: "取下げ済み",
}

_NOT_APPROVED = "まだ承認されていません。"
_NOT_SEALED = "まだ確定されていません。"
_NOT_RELEASED = "まだ引き渡されていません。"
_APPROVED = "すでに承認されています。"
_SEALED = "すでに確定されています。"
_RELEASED = "すでに引き渡されています。二度は引き渡せません。"
_ERASED = "平文はすでに消去されています。"
_WITHDRAWN = "取り下げられています。"

TRANSITIONS: dict[tuple[State, Event], State | str] = {
    (State.PREPARED, Event.APPROVE): State.APPROVED,
    (State.PREPARED, Event.SEAL): _NOT_APPROVED,
    (State.PREPARED, Event.RELEASE): _NOT_APPROVED,
    (State.PREPARED, Event.ERASE): _NOT_RELEASED,
    (State.PREPARED, Event.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Event.APPROVE): _APPROVED,
    (State.APPROVED, Event.SEAL): State.SEALED,
    (State.APPROVED, Event.RELEASE): _NOT_SEALED,
    (State.APPROVED, Event.ERASE): _NOT_RELEASED,
    (State.APPROVED, Event.WITHDRAW): State.WITHDRAWN,
    (State.SEALED, Event.APPROVE): _APPROVED,
    (State.SEALED, Event.SEAL): _SEALED,
    (State.SEALED, Event.RELEASE): State.RELEASED,
    (State.SEALED, Event.ERASE): _NOT_RELEASED,
    (State.SEALED, Event.WITHDRAW): State.WITHDRAWN,
    (State.RELEASED, Event.APPROVE): _APPROVED,
    (State.RELEASED, Event.SEAL): _SEALED,
    (State.RELEASED, Event.RELEASE): _RELEASED,
    (State.RELEASED, Event.ERASE): State.ERASED,
    (State.RELEASED, Event.WITHDRAW): _RELEASED,
    (State.ERASED, Event.APPROVE): _APPROVED,
    (State.ERASED, Event.SEAL): _SEALED,
    (State.ERASED, Event.RELEASE): _RELEASED,
    (State.ERASED, Event.ERASE): _ERASED,
    (State.ERASED, Event.WITHDRAW): _RELEASED,
    (State.WITHDRAWN, Event.APPROVE): _WITHDRAWN,
    (State.WITHDRAWN, Event.SEAL): _WITHDRAWN,
    (State.WITHDRAWN, Event.RELEASE): _WITHDRAWN,
    (State.WITHDRAWN, Event.ERASE): _WITHDRAWN,
    (State.WITHDRAWN, Event.WITHDRAW): _WITHDRAWN,
}
"""Every state and every event: the next state, or the sentence of the refusal."""


def refuse_unless_possible(batch_no: str, state: State, event: Event) -> None:
    """Raise LedgerError where the table refuses the event."""
    then = TRANSITIONS[state, event]
    if not isinstance(then, State):
        raise LedgerError("state", f"振込データ {batch_no} は、{then}", "kodomo batch show で状態を確認してください。")
