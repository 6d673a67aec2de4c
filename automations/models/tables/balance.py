"""The one rule of what is still due of an order."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

_ZERO = Decimal(0)


def kept_amount(total: Decimal, paid: Decimal, refunded: Decimal) -> Decimal:
    """Return what was paid and not given back.

    Sources say what was paid before or after refunds. Where it is more than the total, what was given back
    comes off that; never below the total, so that a refund makes nothing due again.
    """
    over = paid - total
    return paid - min(over, refunded) if over > 0 and refunded > 0 else paid


def balance_due(total: Decimal, paid: Decimal, refunded: Decimal = _ZERO) -> Decimal:
    """Return what is still to pay: the total less what was kept; below zero where too much was."""
    return total - kept_amount(total, paid, refunded)


def kept_amount_in_sql(table: sa.FromClause) -> sa.ColumnElement[Decimal]:
    """Return `kept_amount` of the orders of a query."""
    total, paid, refunded = (table.c[name] for name in ("total", "amount_paid", "amount_refunded"))
    over = paid - total
    given_back = sa.case((over <= 0, 0), (refunded <= 0, 0), (over < refunded, over), else_=refunded)
    return sa.type_coerce(paid - sa.type_coerce(given_back, paid.type), paid.type)
