"""what a person did lately"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_user_id_at", "audit", ["user_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_user_id_at", table_name="audit")
