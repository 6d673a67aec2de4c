"""shadow mode: versions that are evaluated and do nothing, and notifications about a page"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.add_column("version", sa.Column("shadow", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("notification", sa.Column("path", sa.Text(), nullable=True))
    op.create_table(
        "shadow",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("automation_id", id, nullable=False),
        sa.Column("version_id", id, nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("stopped_at", moment, nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_shadow_store_id_store")),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automation.id"], name=op.f("fk_shadow_automation_id_automation")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_shadow_version_id_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow")),
        sa.UniqueConstraint("version_id", name=op.f("uq_shadow_version_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shadow_automation_id", "shadow", ["automation_id"])
    op.create_table(
        "shadow_due",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("automation_id", id, nullable=False),
        sa.Column("version_id", id, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record_id", id, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("occurrence_id", id, nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_shadow_due_store_id_store")),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automation.id"], name=op.f("fk_shadow_due_automation_id_automation")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_shadow_due_version_id_version")
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_shadow_due_occurrence_id_occurrence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_due")),
        sa.UniqueConstraint(
            "version_id", "subject", "record_id", "due_at", name=op.f("uq_shadow_due_instant")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shadow_due_occurrence_id", "shadow_due", ["occurrence_id"])


def downgrade() -> None:
    op.drop_table("shadow_due")
    op.drop_table("shadow")
    op.drop_column("notification", "path")
    op.drop_column("version", "shadow")
