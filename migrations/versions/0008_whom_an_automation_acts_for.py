"""whom an automation acts for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    who = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("automation", sa.Column("owner_id", who, nullable=True))


def downgrade() -> None:
    op.drop_column("automation", "owner_id")
