"""tasks, notifications, secrets, and the chains of causes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    # ADD COLUMN, and no copy of the table: the log is the largest table there is.
    op.add_column('occurrence', sa.Column('cause_run_id', sa.BigInteger(), nullable=True))
    op.add_column('occurrence', sa.Column('root_id', sa.BigInteger(), nullable=True))
    op.add_column('occurrence', sa.Column('depth', sa.BigInteger(), nullable=True))
    op.create_index('ix_occurrence_root_id', 'occurrence', ['root_id'], unique=False)
    op.add_column('attempt', sa.Column('answer', sa.Text(), nullable=True))

    op.create_table('task',
    sa.Column('id', _id(), autoincrement=True, nullable=False),
    sa.Column('store_id', _id(), nullable=False),
    sa.Column('run_id', _id(), nullable=True),
    sa.Column('part', sa.BigInteger(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('record_id', sa.BigInteger(), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('checklist', sa.Text(), nullable=False),
    sa.Column('assignee_id', _id(), nullable=True),
    sa.Column('assignee_role', sa.Text(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('priority', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', _id(), nullable=True),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_task_store_id')),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_task_run_id')),
    sa.ForeignKeyConstraint(['assignee_id'], ['user.id'], name=op.f('fk_task_assignee_id')),
    sa.ForeignKeyConstraint(['done_by'], ['user.id'], name=op.f('fk_task_done_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task')),
    sa.UniqueConstraint('run_id', 'part', name=op.f('uq_task_run_id_part')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.create_index('ix_task_store_state', ['store_id', 'state', 'due_at'], unique=False)
        batch_op.create_index('ix_task_store_id_id', ['store_id', 'id'], unique=False)
        batch_op.create_index('ix_task_record', ['store_id', 'subject', 'record_id'], unique=False)

    op.create_table('notification',
    sa.Column('id', _id(), autoincrement=True, nullable=False),
    sa.Column('store_id', _id(), nullable=False),
    sa.Column('user_id', _id(), nullable=False),
    sa.Column('run_id', _id(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('record_id', sa.BigInteger(), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_notification_store_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_notification_user_id')),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_notification_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification')),
    sa.UniqueConstraint('run_id', 'user_id', name=op.f('uq_notification_run_id_user_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.create_index(
            'ix_notification_reader', ['user_id', 'store_id', 'read_at', 'id'], unique=False
        )

    op.create_table('secret',
    sa.Column('id', _id(), autoincrement=True, nullable=False),
    sa.Column('store_id', _id(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('previous', sa.Text(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_secret_store_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_secret')),
    sa.UniqueConstraint('store_id', 'name', name=op.f('uq_secret_store_id_name')),
    sqlite_autoincrement=True
    )


def downgrade() -> None:
    op.drop_table('secret')
    op.drop_table('notification')
    op.drop_table('task')
    op.drop_column('attempt', 'answer')
    op.drop_index('ix_occurrence_root_id', table_name='occurrence')
    op.drop_column('occurrence', 'depth')
    op.drop_column('occurrence', 'root_id')
    op.drop_column('occurrence', 'cause_run_id')
