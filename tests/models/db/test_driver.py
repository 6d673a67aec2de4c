"""Errors of the driver are raised as SQLAlchemy’s, so that transactions are retried where they should be."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from automations.models.db import bulk_write, driver
from automations.models.db.base import db, is_retryable, run_in_write, write
from automations.models.tables.customer import Account
from automations.models.tables.store import Store
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")

ACCOUNTS = Account.metadata.tables["account"]


def account(id: int, name: str, store_id: int) -> dict[str, Any]:
    return {"id": id, "store_id": store_id, "name": name, "created_at": NOW}


def test_a_duplicate_name_raises_an_integrity_error_and_is_rolled_back(bloom: Store) -> None:
    rows = [account(98, "Town Hall", bloom.id), account(99, "Town Hall", bloom.id)]
    with pytest.raises(sa.exc.IntegrityError) as caught, write() as session:
        bulk_write.insert(session, ACCOUNTS, rows)
    assert is_retryable(caught.value) == (db.engine.dialect.name == "postgresql")
    assert db.session.query(Account).filter_by(name="Town Hall").count() == 0


def test_the_error_for_an_invalid_statement_quotes_it() -> None:
    with pytest.raises(sa.exc.DBAPIError, match="SELEKT"):
        driver.rows(db.session().connection(), "SELEKT 1", ())


def test_work_is_repeated_on_a_new_connection_after_the_first_is_lost(bloom: Store) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    store_id, tries = bloom.id, []

    def work(session: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            own = session.execute(sa.text("SELECT pg_backend_pid()")).scalar()
            with db.engine.connect() as other:
                other.exec_driver_sql("SELECT pg_terminate_backend(%s)", (own,))
        bulk_write.insert(session, ACCOUNTS, [account(99, "Town Hall", store_id)])

    run_in_write(work)
    assert len(tries) == 2
    assert db.session.query(Account).filter_by(name="Town Hall").count() == 1


def test_an_idle_connection_that_the_server_ended_is_not_used_again(bloom: Store) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    db.session.rollback()
    with db.engine.connect() as first, db.engine.connect() as other:
        idle = first.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        first.close()
        other.exec_driver_sql("SELECT pg_terminate_backend(%s, 60000)", (idle,))
        with db.engine.connect() as again:
            assert again.exec_driver_sql("SELECT pg_backend_pid()").scalar() != idle
