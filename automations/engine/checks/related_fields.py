"""Fields that depend on each other: an amount on two others, a date on today, what was bought on how often.

Each relation answers for the comparisons of one search: facts that fit together, or that none do. A relation
takes in more than there is where it must, as a "never" has to hold for every record.
"""

from __future__ import annotations

from functools import lru_cache

from automations.engine.checks.assumptions import Assumptions, plain_part
from automations.engine.checks.field_values import Literal
from automations.engine.checks.related_amounts import Facts, Literals, Misfit, related_amounts
from automations.engine.checks.related_dates import related_dates
from automations.engine.fields.subject import Field

#: What a customer bought: see pipeline.records.purchase_totals.
COUNT, SPENT, LAST = "order_count", "total_spent", "last_order_date"


def cases(assumptions: Assumptions, literals: Literals) -> list[tuple[Literal, ...]]:
    """Return what else may hold, as alternatives of which one always does."""
    if sum(key in literals for key in (COUNT, SPENT, LAST)) < 2 or COUNT not in assumptions.fields:
        return [()]
    count, spent, last = (assumptions.fields[key] for key in (COUNT, SPENT, LAST))
    nothing = (_literal(count, "equals", "0"), _literal(spent, "equals", "0"), _literal(last, "is_empty"))
    something = (_literal(count, "at_least", "1"), _literal(last, "is_not_empty"))
    unknown = tuple(_literal(field, "is_empty") for field in (count, spent, last))
    return [nothing, something, unknown]


def related_facts(assumptions: Assumptions, literals: Literals) -> Facts | Misfit:
    """Return facts that fit together, or why there are none."""
    amounts = related_amounts(assumptions, literals)
    if isinstance(amounts, Misfit):
        return amounts
    days = related_dates(assumptions, literals)
    return days if isinstance(days, Misfit) else amounts | days


@lru_cache(maxsize=64)
def _literal(field: Field, operator: str, value: str | None = None) -> Literal:
    return plain_part(field, operator, value), True
