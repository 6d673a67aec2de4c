"""How the rows of records are found and locked."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.dialects import postgresql

from automations.models.db.base import db
from automations.pipeline.records.record_kinds import KINDS, numbered
from tests.kit.kept_plans import kept_plan


@pytest.mark.parametrize("subject", KINDS)
def test_rows_are_locked_in_the_order_of_their_ids_so_that_two_batches_never_deadlock(subject: str) -> None:
    query = numbered(KINDS[subject].table, "postgresql", locked=True)
    text = " ".join(str(query.compile(dialect=postgresql.dialect())).split())
    by_id = f"ORDER BY {KINDS[subject].table.c.id} + ".replace("order.id", '"order".id')
    assert by_id in text and text.endswith(" FOR UPDATE")


@pytest.mark.parametrize("subject", KINDS)
def test_no_store_is_walked_through_by_a_plan_from_when_it_was_empty(app: Flask, subject: str) -> None:
    query = numbered(KINDS[subject].table, db.engine.dialect.name, locked=True)
    plan = kept_plan(query.params(store_id=1, numbers="{A-1}"))
    assert "number" in plan and f"ix_{subject}_store_id_id" not in plan, plan
