"""A total, what was paid and what is due: each is the others' sum or difference. Kept in thousandths."""

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

#: The total is the sum of the other two; amounts are kept in thousandths.
TOTAL, PAID, BALANCE = "total", "amount_paid", "balance_due"
_THOUSANDTHS, _UNIT = 1000, 1000


class Misfit(Enum):
    """Why there are no facts that fit together: none do, or it is not known."""

    NEVER = "never"
    UNKNOWN = "unknown"


def related_amounts(assumptions: Assumptions, literals: Literals) -> Facts | Misfit:
    """Return a total, what was paid and what is due; {} if none is asked about."""
    keys = (TOTAL, PAID, BALANCE)
    if not all(key in assumptions.fields for key in keys) or not any(key in literals for key in keys):
        return {}
    asked = [key for key in keys if key in literals]
    if len(asked) == 1 and not _amount_spans(literals[asked[0]]):
        # Nothing hangs on what is not there.
        return {}
    for total, paid, due in product(*(_amount_spans(literals.get(key, ())) for key in keys)):
        if (left := paid.meet(total.minus(due))).empty:
            continue
        paid_then = left.plainest(_UNIT)
        due_then = due.meet(total.minus(NumberSpan(paid_then, paid_then))).plainest(_UNIT)
        amounts = (paid_then + due_then, paid_then, due_then)
        return {key: _money(amount) for key, amount in zip(keys, amounts, strict=True)}
    return Misfit.NEVER


def _amount_spans(literals: tuple[Literal, ...]) -> tuple[NumberSpan, ...]:
    points = [value * _THOUSANDTHS for value in mentioned(literals) if isinstance(value, Decimal)]
    return spans_where(points, lambda amount: fits(literals, _money(amount)))


def _money(thousandths: int) -> Decimal:
    amount = Decimal(thousandths).scaleb(-3)
    return amount if thousandths % 10 else amount.quantize(Decimal("0.01"))


def count_spans(literals: tuple[Literal, ...]) -> tuple[NumberSpan, ...]:
    """Return the whole numbers from 0 on that meet the literals."""
    points = [value for value in mentioned(literals) if isinstance(value, Decimal)]
    return spans_where(points, lambda number: fits(literals, Decimal(number)), NumberSpan(low=0))


def fits(literals: Sequence[Literal], value: Candidate) -> bool:
    """Return whether a value meets all literals."""
    return all(part.holds(value) is wanted for part, wanted in literals)
