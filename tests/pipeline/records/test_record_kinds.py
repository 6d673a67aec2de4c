"""How the rows of records are found and locked."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import postgresql

from automations.pipeline.records import record_kinds
from automations.pipeline.records.record_kinds import KINDS


@pytest.mark.parametrize("subject", KINDS)
def test_rows_are_locked_in_the_order_of_their_ids_so_that_two_batches_never_deadlock(subject: str) -> None:
    query = record_kinds._numbered(KINDS[subject].table, "postgresql", locked=True)
    text = " ".join(str(query.compile(dialect=postgresql.dialect())).split())
    assert text.endswith(f"ORDER BY {KINDS[subject].table.c.id} FOR UPDATE".replace("order.id", '"order".id'))
