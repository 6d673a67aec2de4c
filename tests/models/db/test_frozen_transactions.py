"""A program that is frozen in the middle of a transaction keeps no lock for ever."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db
from automations.models.db.database import end_frozen_transactions, engine_options
from automations.models.tables.store import Store


def test_what_a_frozen_transaction_locked_is_free_for_others(app: Flask, bloom: Store) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # one process alone works on the file
    url = app.config["DATABASE_URL"]
    frozen = sa.create_engine(url, **engine_options(url))
    end_frozen_transactions(frozen, seconds=1)
    lock = sa.select(Store.id).where(Store.id == bloom.id).with_for_update()
    db.session.rollback()
    with frozen.connect() as connection:
        connection.execute(lock)
        # Waits for the other to be ended, and no longer than a lock is waited for.
        assert db.session.scalar(lock) == 1
        with pytest.raises(sa.exc.DBAPIError):
            connection.execute(sa.select(1))
    frozen.dispose()
