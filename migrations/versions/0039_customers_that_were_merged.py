"""customers that were merged, and customers found by their phone"""

from __future__ import annotations

import phonenumbers
import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Customers read and written at a time.
PIECE = 2_000


def upgrade() -> None:
    op.add_column("customer", sa.Column("phone_key", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "store", sa.Column("has_merged_customers", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _fill_phone_keys()
    op.create_index("ix_customer_phone_key", "customer", ["store_id", "phone_key", "id"])
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "customer_merge",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        *(sa.Column(name, ID, nullable=False) for name in ("store_id", "customer_id", "merged_id")),
        *(sa.Column(f"merged_{name}", sa.Text(), nullable=False) for name in ("number", "email", "phone")),
        sa.Column("kept", sa.Text(), nullable=True),
        sa.Column("merged_at", instant, nullable=False),
        sa.Column("merged_by", ID, nullable=False),
        sa.Column("undone_at", instant, nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_customer_merge_{column}_{parent}"))
            for column, parent in (("store_id", "store"), ("customer_id", "customer"), ("merged_by", "user"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_customer_merge_customer_id", "customer_merge", ["customer_id", "id"])
    op.create_index("ix_customer_merge_merged_id", "customer_merge", ["merged_id"])
    for name in ("number", "email", "phone"):
        op.create_index(f"ix_customer_merge_{name}", "customer_merge", ["store_id", f"merged_{name}"])
    op.create_index("ix_customer_merge_merged_at", "customer_merge", ["merged_at", "id"])


def downgrade() -> None:
    op.drop_table("customer_merge")
    op.drop_index("ix_customer_phone_key", "customer")
    op.drop_column("customer", "phone_key")
    op.drop_column("store", "has_merged_customers")


def _fill_phone_keys() -> None:
    connection, after = op.get_bind(), 0
    customer = sa.table("customer", *(sa.column(name) for name in ("id", "store_id", "phone", "phone_key")))
    store = sa.table("store", sa.column("id"), sa.column("region"))
    regions = {row.id: row.region for row in connection.execute(sa.select(store.c.id, store.c.region))}
    query = sa.select(customer.c.id, customer.c.store_id, customer.c.phone).where(customer.c.phone != "")
    while rows := connection.execute(
        query.where(customer.c.id > after).order_by(customer.c.id).limit(PIECE)
    ).all():
        after = rows[-1].id
        found = [{"of": row.id, "key": _key_of(row.phone, regions[row.store_id])} for row in rows]
        change = sa.update(customer).where(customer.c.id == sa.bindparam("of"))
        if keyed := [one for one in found if one["key"]]:
            connection.execute(change.values(phone_key=sa.bindparam("key")), keyed)


def _key_of(number: str, region: str) -> str:
    if len(number) > 40:
        return ""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return ""
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
