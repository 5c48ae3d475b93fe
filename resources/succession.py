"""How a delivery follows those accepted before it: unchanged, once, in order, and not suddenly smaller.

Belongs here: the comparison of one delivery with its control file and with what was accepted. Each function
raises DeliveryError or does nothing. What the file holds belongs to schemas/feeds.
"""

from resources.delivery import AcceptedDelivery, Control
from schemas.feeds.layout import Layout


def refuse_hash(layout: Layout, delivery: AcceptedDelivery, control: Control) -> None:
    """The data file is the one the control file speaks of."""
    if delivery.sha256 != control.sha256:
        raise layout.refusal("hash", delivery.file, "sha256 が control.json と違い、送信の後に変わっています")


def refuse_twice(
    layout: Layout, delivery: AcceptedDelivery, known: list[AcceptedDelivery], again: AcceptedDelivery | None
) -> None:
    """The file accepted before for this partition may come again, unchanged; nothing else may come twice.

    Deliveries without rows are alike by nature, so their content is not compared.
    """
    if again is not None and again.sha256 != delivery.sha256:
        raise layout.refusal("twice", delivery.file, "受理済みの納品と同じ通番で、中身が違います")
    for other in known:
        if other.sequence == delivery.sequence:
            raise layout.refusal("twice", delivery.file, f"通番が納品 {other.file} と同じです")
        if other.sha256 == delivery.sha256 and delivery.rows > 0:
            raise layout.refusal("twice", delivery.file, f"中身が納品 {other.file} と同じです")


def refuse_disorder(layout: Layout, delivery: AcceptedDelivery, known: list[AcceptedDelivery]) -> None:
    """Sequence numbers have no gap, and their days do not go back."""
    by_sequence = {other.sequence: other for other in known}
    before, after = (by_sequence.get(delivery.sequence + step) for step in (-1, 1))
    if before is None and delivery.sequence > 1:
        what = f"前の納品(通番{delivery.sequence - 1})がまだ受理されていません"
        raise layout.refusal("order", delivery.file, what)
    if (before and delivery.as_of < before.as_of) or (after and delivery.as_of > after.as_of):
        raise layout.refusal("order", delivery.file, "基準日が通番の順になっていません")


def refuse_shrunk(layout: Layout, delivery: AcceptedDelivery, known: list[AcceptedDelivery]) -> None:
    """A full load has at least the layout's share of the rows of the full load before it."""
    fulls = [other for other in known if other.load == "full" and other.sequence < delivery.sequence]
    if delivery.load != "full" or not fulls:
        return
    before = max(fulls, key=lambda other: other.sequence).rows
    if delivery.rows < before * (1 - layout.shrink_share):
        share = f"(許容は{layout.shrink_share:.0%}まで)"
        what = f"全件の件数が前回の{before}件から{delivery.rows}件に減っています{share}"
        raise layout.refusal("shrunk", delivery.file, what)
