"""kill -9 in the middle of `kodomo monthly`, and PostgreSQL instead of SQLite: the same bytes, nothing twice."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.pipelines.conftest import Month
from tests.support.month import KEY, command, copied, digests, environment, kodomo, rows_of, take_month, volumes
from tests.support.postgres import running_cluster

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("month")]
LOOK_EVERY_SECONDS = 0.01
COUNT = "SELECT count(*) FROM volumes"
ORDERS = "SELECT payment_no, subject_key, amount_yen, value_date FROM payment_orders ORDER BY 1"
BATCHES = (
    "SELECT b.batch_no, o.payment_no, b.digest, b.orders, b.total_yen FROM batches b"
    " JOIN batch_orders o USING (batch_no) ORDER BY 1, 2"
)
SENT = 'SELECT "partition", name, sha256, sealed FROM outbox_journal ORDER BY 1, 2, 3'


def killed(place: Path, volumes_to_wait_for: int) -> bool:
    """Run the month and kill it once so many volumes stand; False when it ended before."""
    words = [command(), "monthly", "--month", KEY]
    with subprocess.Popen(words, env=environment(place), cwd=place, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None:
            if rows_of(place, COUNT)[0][0] >= volumes_to_wait_for:
                running.send_signal(signal.SIGKILL)
                running.wait()
                return True
            try:
                running.wait(LOOK_EVERY_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    return False


def assert_as_undisturbed(place: Path, month: Month) -> None:
    """The same outgoing bytes, generations, orders, batches and journal as the month that nobody killed."""
    assert digests(place / "outbox") == digests(month.place / "outbox")
    assert volumes(place) == volumes(month.place)
    for query in (ORDERS, BATCHES, SENT):
        assert rows_of(place, query) == rows_of(month.place, query)


def steps(taken: Path, month: Month) -> tuple[int, int]:
    """How many volumes stand before the month and after it."""
    return int(str(rows_of(taken, COUNT)[0][0])), int(str(rows_of(month.place, COUNT)[0][0]))


@pytest.mark.parametrize("share", [0.02, 0.5, 0.75, 0.9])
def test_a_killed_month_started_again_is_the_undisturbed_month(
    share: float, taken: Path, month: Month, tmp_path: Path
) -> None:
    place = copied(taken, tmp_path / "home")
    before, after = steps(taken, month)
    assert killed(place, before + max(1, round((after - before) * share)))
    assert volumes(place) != volumes(month.place)
    again = kodomo(place, "monthly", "--month", KEY)
    assert again.returncode == 0, again.stderr
    assert_as_undisturbed(place, month)


def test_a_month_killed_again_and_again_still_ends_as_the_undisturbed_one(
    taken: Path, month: Month, tmp_path: Path
) -> None:
    place = copied(taken, tmp_path / "home")
    before, after = steps(taken, month)
    points = [before + 5, before + (after - before) // 2, after - 12, after - 4, after - 1]
    assert [killed(place, point) for point in points] == [True] * len(points)
    again = kodomo(place, "monthly", "--month", KEY)
    assert again.returncode == 0, again.stderr
    assert_as_undisturbed(place, month)


def test_the_same_month_on_postgres_gives_the_same_outgoing_bytes(settled: Path, month: Month, tmp_path: Path) -> None:
    with running_cluster() as cluster:
        database = cluster.fresh().render_as_string(hide_password=False)
        place = copied(settled, tmp_path / "home")
        take_month(place, database)
        ended = kodomo(place, "monthly", "--month", KEY, database=database)
    assert ended.returncode == 0, ended.stderr
    assert digests(place / "outbox") == digests(month.place / "outbox")
    assert not (place / "kodomo.sqlite").exists()
