"""which customer a message is about, and filters of the log that people keep"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

#: Rows changed by one statement.
PIECE = 20_000
_TELLS = sa.text("customer_id IS NOT NULL AND kind <> 'change_data'")
_OF_CUSTOMER = sa.text("customer_id IS NOT NULL")

#: Only Postgres has to cast; its json type, unlike jsonb, takes any character in a text.
_WHOSE = {
    "sqlite": "CASE WHEN subject = 'customer' THEN record_id ELSE json_extract(snapshot, '$.customer.id') END",
    "postgresql": (
        "CASE WHEN subject = 'customer' THEN record_id"
        " ELSE CAST(CAST(snapshot AS json) -> 'customer' ->> 'id' AS bigint) END"
    ),
}
_EVALUATIONS = (
    "UPDATE evaluation SET customer_id = (SELECT {} FROM occurrence"
    " WHERE occurrence.id = evaluation.occurrence_id)"
    " WHERE outcome IN ('error', 'held', 'capped') AND id > :after AND id <= :last"
)
_RUNS = (
    "UPDATE run SET customer_id = (SELECT {} FROM evaluation"
    " JOIN occurrence ON occurrence.id = evaluation.occurrence_id"
    " WHERE evaluation.id = run.evaluation_id)"
    " WHERE prepared IS NULL AND id > :after AND id <= :last"
)


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for table, statement in (("evaluation", _EVALUATIONS), ("run", _RUNS)):
        op.add_column(table, sa.Column("customer_id", id, nullable=True))
        _fill(table, statement.format(_WHOSE[op.get_bind().dialect.name]))
    where = {"sqlite_where": _TELLS, "postgresql_where": _TELLS}
    op.create_index("ix_run_customer", "run", ["customer_id", "due_at", "id"], **where)
    where = {"sqlite_where": _OF_CUSTOMER, "postgresql_where": _OF_CUSTOMER}
    op.create_index("ix_evaluation_customer", "evaluation", ["customer_id", "at", "id"], **where)
    op.create_table(
        "saved_filter",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("user_id", id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{parent}_id"], [f"{parent}.id"], name=op.f(f"fk_saved_filter_{parent}_id_{parent}")
            )
            for parent in ("store", "user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint(
            "store_id", "user_id", "name", name=op.f("uq_saved_filter_store_id_user_id_name")
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("saved_filter")
    op.drop_index("ix_evaluation_customer", "evaluation")
    op.drop_index("ix_run_customer", "run")
    op.drop_column("run", "customer_id")
    op.drop_column("evaluation", "customer_id")


def _fill(table: str, statement: str) -> None:
    connection = op.get_bind()
    ids = sa.table(table, sa.column("id"))
    highest = connection.scalar(sa.select(sa.func.max(ids.c.id))) or 0
    for after in range(0, highest, PIECE):
        connection.execute(sa.text(statement), {"after": after, "last": after + PIECE})
