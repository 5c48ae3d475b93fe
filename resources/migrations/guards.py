"""What a constraint cannot say: triggers that refuse, the same in both databases.

Belongs here: the triggers of append-only tables and of batches. Does not belong here: columns, keys and checks.
"""

from alembic import op

NOT_OPEN = "the batch is closed"
NOT_ITS_ORDERS = "a batch is exactly its orders"


def guard(table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE_GUARD.format(table=table, verb=verb))
        return
    _postgres_function("kodomo_append_only", "RAISE EXCEPTION 'append only';")
    op.execute(_POSTGRES_TRIGGER.format(table=table, name="row", when="BEFORE UPDATE OR DELETE", each="ROW"))
    op.execute(_POSTGRES_TRIGGER.format(table=table, name="statement", when="BEFORE TRUNCATE", each="STATEMENT"))


def close_batches() -> None:
    """Orders come first, then the batch that is exactly these; nothing joins a batch that stands."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SQLITE_OPEN.format(refusal=NOT_OPEN))
        op.execute(_SQLITE_CLOSE.format(refusal=NOT_ITS_ORDERS, wrong=_WRONG))
        return
    _postgres_function("kodomo_batch_is_open", _POSTGRES_OPEN.format(refusal=NOT_OPEN))
    op.execute(_POSTGRES_ADDED)
    _postgres_function(
        "kodomo_batch_is_closed", f"IF {_WRONG} THEN RAISE EXCEPTION '{NOT_ITS_ORDERS}'; END IF; RETURN NEW;"
    )
    op.execute(_POSTGRES_CLOSE)


def reopen_batches() -> None:
    """Take the triggers of SQLite away while their tables are rebuilt."""
    op.execute("DROP TRIGGER batches_close")
    op.execute("DROP TRIGGER batch_orders_open")


def _postgres_function(name: str, body: str) -> None:
    """A trigger function that sees this schema only: no temporary table can stand in for one of ours."""
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {body} END $body$"
    )
    op.execute(
        f"DO $do$ BEGIN EXECUTE format('ALTER FUNCTION {name}() SET search_path = %I, pg_temp', current_schema());"
        " END $do$"
    )


_SQLITE_GUARD = (
    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'append only'); END"
)
_POSTGRES_TRIGGER = (
    "CREATE TRIGGER {table}_no_{name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION kodomo_append_only()"
)

_WRONG = """(
  SELECT count(*) <> NEW.orders
      OR count(CASE WHEN o.municipality = NEW.municipality AND o.value_date = NEW.value_date THEN 1 END) <> NEW.orders
      OR coalesce(sum(o.amount_yen), 0) <> NEW.total_yen
    FROM batch_orders AS b JOIN payment_orders AS o ON o.payment_no = b.payment_no
   WHERE b.batch_no = NEW.batch_no
)"""
_SQLITE_OPEN = """
CREATE TRIGGER batch_orders_open BEFORE INSERT ON batch_orders
WHEN EXISTS (SELECT 1 FROM batches WHERE batch_no = NEW.batch_no)
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""
_SQLITE_CLOSE = """
CREATE TRIGGER batches_close BEFORE INSERT ON batches WHEN {wrong}
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""
_POSTGRES_OPEN = """
IF current_setting('transaction_isolation') <> 'read committed' THEN
  RAISE EXCEPTION 'a batch is written under read committed';
END IF;
PERFORM pg_advisory_xact_lock(hashtextextended('batch ' || batch_no, 0))
   FROM (SELECT DISTINCT batch_no FROM added ORDER BY batch_no) AS written;
IF EXISTS (SELECT 1 FROM batches JOIN added USING (batch_no)) THEN RAISE EXCEPTION '{refusal}'; END IF;
RETURN NULL;
"""
_POSTGRES_ADDED = """
CREATE TRIGGER batch_orders_open AFTER INSERT ON batch_orders REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION kodomo_batch_is_open()
"""
_POSTGRES_CLOSE = """
CREATE TRIGGER batches_close BEFORE INSERT ON batches FOR EACH ROW EXECUTE FUNCTION kodomo_batch_is_closed()
"""
