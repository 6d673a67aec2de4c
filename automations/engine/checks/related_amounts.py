"""A total, what was paid and given back, and what is due: each follows from the others. In thousandths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from itertools import product

from automations.engine.checks.assumptions import Assumptions
from automations.engine.checks.field_values import Candidate, Literal, mentioned
from automations.engine.checks.integer_spans import NumberSpan
from automations.engine.checks.span_sets import spans_where

Literals = Mapping[str, tuple[Literal, ...]]
Facts = dict[str, Candidate]

#: The total is the sum of what was paid and what is due, but for what was given back of too much: see
#: models/tables/balance.py. Amounts are kept in thousandths.
TOTAL, PAID, BALANCE, REFUNDED = "total", "amount_paid", "balance_due", "amount_refunded"
_THOUSANDTHS, _UNIT = 1000, 1000


class Misfit(Enum):
    """Why there are no facts that fit together: none do, or it is not known."""

    NEVER = "never"
    UNKNOWN = "unknown"


def related_amounts(assumptions: Assumptions, literals: Literals) -> Facts | Misfit:
    """Return a total, what was paid, what is due and what was given back; {} if none is asked about."""
    keys = (TOTAL, PAID, BALANCE)
    if not all(key in assumptions.fields for key in keys) or not any(key in literals for key in keys):
        return {}
    asked = [key for key in keys if key in literals]
    if len(asked) == 1 and not amount_spans(literals[asked[0]]):
        # Nothing hangs on what is not there.
        return {}
    spans = [amount_spans(literals.get(key, ())) for key in keys]
    for refunded, is_there in _refund_spans(assumptions, literals):
        for total, paid, due in product(*spans):
            amounts = _plain_amounts(total, paid, due, refunded) or _after_refund(total, paid, due, refunded)
            if amounts:
                facts: Facts = {key: as_amount(amount) for key, amount in zip(keys, amounts[:3], strict=True)}
                back = {REFUNDED: as_amount(amounts[3]) if is_there else None}
                return facts | (back if REFUNDED in literals or amounts[3] else {})
    return Misfit.NEVER


def _refund_spans(assumptions: Assumptions, literals: Literals) -> list[tuple[NumberSpan, bool]]:
    """Return what may have been given back, and whether it is known; what is missing counts as none."""
    nothing = NumberSpan(0, 0)
    if REFUNDED not in assumptions.fields:
        return [(nothing, False)]
    asked = literals.get(REFUNDED, ())
    known = [(span, True) for span in amount_spans(asked)]
    return [*known, (nothing, False)] if asked and fits(asked, None) else known


def _plain_amounts(
    total: NumberSpan, paid: NumberSpan, due: NumberSpan, refunded: NumberSpan
) -> tuple[int, int, int, int] | None:
    """Return amounts of which nothing comes off what was paid; None if there are none."""
    # With something given back, this holds only where nothing too much was paid.
    given_back = refunded.meet(NumberSpan(high=0))
    back = (given_back if not given_back.empty else refunded).plainest(_UNIT)
    left_due = due if not given_back.empty else due.meet(NumberSpan(low=0))
    if left_due.empty or (left := paid.meet(total.minus(left_due))).empty:
        return None
    paid_then = left.plainest(_UNIT)
    due_then = left_due.meet(total.minus(NumberSpan(paid_then, paid_then))).plainest(_UNIT)
    return paid_then + due_then, paid_then, due_then, back


def _after_refund(
    total: NumberSpan, paid: NumberSpan, due: NumberSpan, refunded: NumberSpan
) -> tuple[int, int, int, int] | None:
    """Return amounts of which more was paid than the total, and some given back; None if there are none."""
    back = refunded.meet(NumberSpan(low=1))
    below = due.meet(NumberSpan(high=0))
    if back.empty or below.empty:
        return None
    if 0 in below and (both := _apart(total, paid, NumberSpan(1, back.high))):
        # All of what was too much was given back.
        total_then, paid_then = both
        given = back.meet(NumberSpan(low=paid_then - total_then)).plainest(_UNIT)
        return total_then, paid_then, 0, given
    below = below.meet(NumberSpan(high=-1))
    if not below.empty and (both := _apart(total, paid, back.minus(below))):
        total_then, paid_then = both
        excess = NumberSpan(paid_then - total_then, paid_then - total_then)
        given = back.meet(excess.plus(below)).plainest(_UNIT)
        return total_then, paid_then, given - excess.low, given
    return None


def _apart(total: NumberSpan, paid: NumberSpan, too_much: NumberSpan) -> tuple[int, int] | None:
    """Return a total and what was paid, which is more by one of `too_much`; None if there are none."""
    left = paid.meet(total.plus(too_much))
    if left.empty:
        return None
    paid_then = left.plainest(_UNIT)
    return total.meet(NumberSpan(paid_then, paid_then).minus(too_much)).plainest(_UNIT), paid_then


def amount_spans(literals: tuple[Literal, ...]) -> tuple[NumberSpan, ...]:
    points = [value * _THOUSANDTHS for value in mentioned(literals) if isinstance(value, Decimal)]
    return spans_where(points, lambda amount: fits(literals, as_amount(amount)))


def as_amount(thousandths: int) -> Decimal:
    amount = Decimal(thousandths).scaleb(-3)
    return amount if thousandths % 10 else amount.quantize(Decimal("0.01"))


def fits(literals: Sequence[Literal], value: Candidate) -> bool:
    """Return whether a value meets all literals."""
    return all(part.holds(value) is wanted for part, wanted in literals)
