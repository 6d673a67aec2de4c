"""what shadow modes counted, and when managers were reminded to decide about them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("shadow", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("shadow", sa.Column("tally", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("shadow", sa.Column("tallied_to", id, nullable=False, server_default="0"))


def downgrade() -> None:
    for column in ("tallied_to", "tally", "reminded_at"):
        op.drop_column("shadow", column)
