"""What changed is taken in once and nothing is left out, also while others are still writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.features.search import catching_up
from automations.features.search.catching_up import SETTLED, CatchingUp
from automations.models.db.base import db, write
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.search_word import SearchProgress, SearchWord
from tests.kit.shop import NOW, place_order

_OCCURRENCES = Occurrence.metadata.tables["occurrence"]


@pytest.fixture
def words(app: Flask) -> CatchingUp:
    """Return the catching up of a worker that has begun."""
    words = CatchingUp()
    words.once(NOW)
    return words


def _kept() -> set[str]:
    return set(db.session.scalars(sa.select(SearchWord.word)))


def test_what_was_taken_in_is_not_read_again_while_it_settles(
    words: CatchingUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "BATCH", 2)
    for number in range(5):
        place_order(f"W-{number}")
    assert words.once(NOW) == 5
    transactions = []
    locked = catching_up.locked_progress
    monkeypatch.setattr(
        catching_up, "locked_progress", lambda session: transactions.append(1) or locked(session)
    )
    place_order("W-5", recipient="Zabel")
    assert words.once(NOW) == 1
    assert len(transactions) == 1 and "zabel" in _kept()
    # What is settled is not left to whoever starts next.
    words.once(NOW + 2 * SETTLED)
    assert CatchingUp().once(NOW) == 0
    newest = db.session.scalar(sa.select(sa.func.max(Occurrence.id)))
    assert db.session.scalar(sa.select(SearchProgress.occurrence_id)) == newest


def test_what_comes_into_the_database_after_later_ones_is_taken_in(words: CatchingUp) -> None:
    place_order("W-1", recipient="Late")
    place_order("W-2", recipient="Early")
    # As if the transaction of the first had not been committed yet: on SQLite one waits for the other.
    first = sa.select(_OCCURRENCES).order_by(_OCCURRENCES.c.id.desc()).offset(1).limit(1)
    row = dict(db.session.execute(first).mappings().one())
    with write() as session:
        session.execute(sa.delete(_OCCURRENCES).where(_OCCURRENCES.c.id == row["id"]))
    assert words.once(NOW) == 1
    with write() as session:
        session.execute(sa.insert(_OCCURRENCES).values(row))
    is_shared = db.engine.dialect.name == "postgresql"
    assert words.once(NOW) == (1 if is_shared else 0)
    assert "early" in _kept() and ("late" in _kept()) == is_shared


def test_what_was_not_committed_is_taken_in_again(words: CatchingUp, monkeypatch: pytest.MonkeyPatch) -> None:
    place_order("W-1", recipient="Zabel")

    def lost_at_the_end(work: Callable[[Any], Any]) -> Any:
        with write() as session:
            work(session)
            raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(catching_up, "run_in_write", lost_at_the_end)
        with pytest.raises(ConnectionError):
            words.once(NOW)
    assert words.once(NOW) == 1 and "zabel" in _kept()
