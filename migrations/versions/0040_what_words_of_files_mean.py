"""what words of imported files mean"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("store", sa.Column("import_words", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("store", "import_words")
