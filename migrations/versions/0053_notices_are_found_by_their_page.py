"""notifications about a page are found by its path, not by reading all that people were ever told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

#: Most are about a record.
OF_A_PAGE = sa.text("path IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_notification_path",
        "notification",
        ["store_id", "path"],
        sqlite_where=OF_A_PAGE,
        postgresql_where=OF_A_PAGE,
    )


def downgrade() -> None:
    op.drop_index("ix_notification_path", "notification")
