"""What a person says the words of a shop mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.settings import shop_connections
from automations.models.settings.choices import StoreWords
from automations.models.tables.people import User
from automations.models.tables.shop_connection import ShopConnection, ShopWord
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.sources.translation import targets_of

EDITED = "word meanings"
#: The lists of words in the order of the page, with what they are called there.
KINDS = {
    "status": "Order statuses",
    "event_status": "Event statuses",
    "payment_status": "Payment statuses",
    "delivery_status": "Delivery statuses",
    "shipping": "Ways of delivery",
    "method": "Fulfilment methods",
    "order_type": "Order types",
    "attribute": "Further fields",
    "tag": "Tags",
    "source": "Sources",
    "event_type": "Event types",
}


def words_of(session: Session, connection: ShopConnection) -> dict[str, list[ShopWord]]:
    """Return the words by kind, in the order of KINDS; those that wait come first."""
    query = sa.select(ShopWord).where(ShopWord.connection_id == connection.id).order_by(ShopWord.said)
    rows = sorted(session.scalars(query), key=lambda word: (not word.is_waiting, word.said.casefold()))
    by_kind = {kind: [row for row in rows if row.kind == kind] for kind in KINDS}
    return {kind: words for kind, words in by_kind.items() if words}


def waiting(session: Session, connection_ids: list[int]) -> dict[int, int]:
    """Return how many words of each connection wait for a person."""
    is_waiting = sa.and_(
        ShopWord.usual.is_(None), ShopWord.target.is_(None), ShopWord.is_optional.is_(sa.false())
    )
    of_these = ShopWord.connection_id.in_(connection_ids)
    query = sa.select(ShopWord.connection_id, sa.func.count()).where(of_these, is_waiting)
    return dict(session.execute(query.group_by(ShopWord.connection_id)).all())


def choose(
    session: Session,
    connection: ShopConnection,
    words: StoreWords,
    choices: Mapping[int, str],
    user: User,
    now: dt.datetime,
) -> UndoStep | None:
    """Keep what words mean, by their ids, inside write(); return what takes it back, if anything changed.

    An empty choice gives the word its usual meaning back. What is not offered is passed over.
    """
    before, after = {}, {}
    query = sa.select(ShopWord).where(ShopWord.connection_id == connection.id, ShopWord.id.in_(choices))
    for word in session.scalars(query):
        target = choices[word.id] or None
        if target == word.target or (target and target not in dict(targets_of(word.kind, words))):
            continue
        before[str(word.id)], after[str(word.id)] = word.target, target
        _choose(session, connection, word, target, user, now)
    if not after:
        return None
    return undo_steps.remember(session, EDITED, user, connection.store_id, connection.id, before, after)


def choose_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> None:
    """Let words mean what they meant before they were chosen, inside write(). Raises CannotUndo."""
    connection = shop_connections.locked(session, step.about_id)
    query = sa.select(ShopWord).where(ShopWord.connection_id == connection.id)
    words = {str(word.id): word for word in session.scalars(query) if str(word.id) in step.after}
    if {id: word.target for id, word in words.items()} != step.after:
        raise CannotUndo("These words were given a meaning in the meantime, so nothing was undone.")
    offered = StoreWords(session, session.get_one(Store, step.store_id))
    for id, target in step.before.items():
        if target and target not in dict(targets_of(words[id].kind, offered)):
            raise CannotUndo(f"What “{words[id].said}” meant is no longer there, so nothing was undone.")
        _choose(session, connection, words[id], target, user, now)


def _choose(
    session: Session,
    connection: ShopConnection,
    word: ShopWord,
    target: str | None,
    user: User,
    now: dt.datetime,
) -> None:
    audit.note(
        session,
        action="mapped words of",
        about=f"the connection “{connection.name}”: {word.said}",
        store_id=connection.store_id,
        user_id=user.id,
        before=word.target,
        after=target,
        at=now,
    )
    word.target, word.chosen_by, word.chosen_at = target, user.id, now
