"""what is paused, parked or kept waiting"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
PAUSING = "paused_for IS NOT NULL AND paused_at IS NULL"


def upgrade() -> None:
    op.add_column("automation", sa.Column("paused_for", ID, nullable=True))
    op.add_column("automation", sa.Column("paused_at", INSTANT, nullable=True))
    op.add_column("automation", sa.Column("paused_why", sa.Text(), nullable=True))
    op.add_column("run", sa.Column("lane", sa.Text(), nullable=False, server_default=""))
    op.add_column("run", sa.Column("deaths", sa.Text(), nullable=True))
    op.add_column("run", sa.Column("prepared", sa.Text(), nullable=True))
    _index("ix_run_lane", "run", ["lane", "state"], "lane <> ''")
    _index("ix_run_suspect", "run", ["state"], "deaths IS NOT NULL")
    _index("ix_automation_paused_for", "automation", ["paused_for"], PAUSING)
    op.create_table(
        "called_host",
        *_of_store(),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("probe_at", INSTANT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_called_host_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_called_host")),
        sa.UniqueConstraint("store_id", "host", name=op.f("uq_called_host_store_id_host")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "closed_endpoint",
        *_of_store(),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_closed_endpoint_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_endpoint")),
        sa.UniqueConstraint("store_id", "url", name=op.f("uq_closed_endpoint_store_id_url")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("closed_endpoint")
    op.drop_table("called_host")
    for index in ("ix_run_suspect", "ix_run_lane"):
        op.drop_index(index, table_name="run")
    for column in ("prepared", "deaths", "lane"):
        op.drop_column("run", column)
    op.drop_index("ix_automation_paused_for", table_name="automation")
    for column in ("paused_why", "paused_at", "paused_for"):
        op.drop_column("automation", column)


def _of_store() -> tuple[sa.Column[int], sa.Column[int]]:
    return sa.Column("id", ID, nullable=False), sa.Column("store_id", ID, nullable=False)


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    some = sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=some, postgresql_where=some)
