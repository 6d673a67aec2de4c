"""the records of an account are found by an index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

TABLES = ('customer', 'order', 'event')
HAS_ONE = sa.text('account_id IS NOT NULL')


def upgrade() -> None:
    for table in TABLES:
        where = {'sqlite_where': HAS_ONE, 'postgresql_where': HAS_ONE}
        op.create_index(f'ix_{table}_account_id', table, ['account_id', 'id'], unique=False, **where)


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f'ix_{table}_account_id', table)
