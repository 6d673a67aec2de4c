"""Publishing freezes a version; what listens changes with the store's ruleset."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from automations.features.authoring import drafts, shadow_mode, version_history
from automations.features.authoring.publish import (
    OPEN_END,
    NotPublishable,
    activate,
    deactivate,
    has_unpublished_changes,
    publish,
)
from automations.features.starters.gallery import STARTERS
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.world import NOW

READY = STARTERS["confirm_paid_deliveries"].data


@pytest.fixture
def one(bloom: Store, rosa: User) -> Automation:
    with write() as session:
        return drafts.create(session, bloom, "Confirm", READY, rosa, NOW)


def published(automation: Automation, user: User) -> Version:
    with write() as session:
        return publish(session, automation, user, NOW)


def saved(automation: Automation, user: User, **changes: object) -> None:
    with write() as session:
        data = {**automation.draft, **changes}
        drafts.save(session, automation, automation.name, data, automation.revision, user, NOW)


def open_spans() -> list[int]:
    return [span.version_id for span in db.session.query(Listening).filter_by(until_ruleset=OPEN_END)]


def test_the_first_version_is_live_at_once(one: Automation, rosa: User) -> None:
    version = published(one, rosa)
    assert (version.number, version.definition, one.active_version_id) == (1, READY, version.id)
    assert open_spans() == [version.id]


def test_editing_the_draft_does_not_touch_the_live_version(one: Automation, rosa: User) -> None:
    version = published(one, rosa)
    saved(one, rosa, conditions=[])
    assert version.definition == READY and has_unpublished_changes(one)


def test_publishing_again_ends_the_span_of_the_previous_version(one: Automation, rosa: User) -> None:
    first = published(one, rosa)
    saved(one, rosa, conditions=[])
    second = published(one, rosa)
    assert (first.number, second.number) == (1, 2) and open_spans() == [second.id]
    ended = db.session.query(Listening).filter_by(version_id=first.id).one()
    began = db.session.query(Listening).filter_by(version_id=second.id).one()
    assert ended.until_ruleset == began.from_ruleset and ended.ended_at == NOW


def test_a_draft_with_problems_is_not_published(one: Automation, rosa: User) -> None:
    saved(one, rosa, actions=[])
    with pytest.raises(NotPublishable) as refused:
        published(one, rosa)
    assert [problem.path for problem in refused.value.problems] == ["actions"]
    assert one.latest_version_id is None and open_spans() == []


def test_off_and_on_keep_the_version(one: Automation, rosa: User) -> None:
    version = published(one, rosa)
    with write() as session:
        deactivate(session, one, NOW)
    assert one.active_version_id is None and open_spans() == []
    with write() as session:
        activate(session, one, NOW)
    assert one.active_version_id == version.id and open_spans() == [version.id]


def test_each_change_of_what_listens_raises_the_ruleset_once(
    one: Automation, rosa: User, bloom: Store
) -> None:
    numbers = [bloom.ruleset]
    published(one, rosa)
    for verb in (activate, deactivate, deactivate, activate):
        numbers.append(bloom.ruleset)
        with write() as session:
            verb(session, one, NOW)
    assert numbers == [1, 2, 2, 3, 3] and bloom.ruleset == 4


def test_orders_are_accepted_while_someone_publishes(one: Automation, rosa: User) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # it has one writer at a time
    with write() as session, db.engine.connect() as till:
        publish(session, one, rosa, NOW)
        # What every row of an order asks of its store.
        till.execute(sa.select(Store.id).with_for_update(read=True, key_share=True, nowait=True)).all()


def test_a_publisher_who_waited_sees_what_the_other_did(one: Automation, rosa: User) -> None:
    published(one, rosa)
    with write() as session:
        deactivate(session, one, NOW)
    with write() as session:
        assert (one.archived_at, one.active_version_id) == (None, None)
        # The one who held the store before.
        session.connection().execute(sa.update(Automation).values(archived_at=NOW))
        activate(session, one, NOW)
    assert one.active_version_id is None


def test_history_shows_the_newest_first_with_what_changed(one: Automation, rosa: User, bloom: Store) -> None:
    published(one, rosa)
    settings = {**READY["actions"][0]["settings"], "message": "Short."}
    saved(
        one, rosa, conditions=READY["conditions"][:1], actions=[{"kind": "send_email", "settings": settings}]
    )
    published(one, rosa)
    newest, first = version_history.history(db.session(), bloom, one)
    assert [newest.version.number, first.version.number] == [2, 1]
    assert (version_history.REMOVED, " and its payment status is Paid") in newest.difference
    assert newest.notes == ["Send email: message changed."] and first.difference == ()


def test_restoring_changes_the_draft_and_not_the_live_version(one: Automation, rosa: User) -> None:
    first = published(one, rosa)
    saved(one, rosa, conditions=[])
    second = published(one, rosa)
    with write() as session:
        version_history.restore(session, one, first, rosa, NOW)
    assert one.draft == READY and one.active_version_id == second.id and has_unpublished_changes(one)


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("a b.", "a b.", [("same", "a b.")]),
        (
            "over £1,200.50.",
            "over £1,300.50.",
            [("same", "over"), ("removed", " £1,200.50"), ("added", " £1,300.50"), ("same", ".")],
        ),
        ("Delivery.", "Delivery, Paid.", [("same", "Delivery"), ("added", ", Paid"), ("same", ".")]),
    ],
)
def test_sentences_are_compared_word_by_word(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    assert version_history.difference(before, after) == pieces


NEVER = [
    {"field": "status", "operator": "equals", "value": "picked"},
    {"field": "status", "operator": "equals", "value": "cancelled"},
]


def test_a_rule_that_can_never_fire_is_saved_but_not_published_or_kept_in_shadow(
    one: Automation, rosa: User
) -> None:
    version = published(one, rosa)
    saved(one, rosa, conditions=NEVER)
    assert one.draft["conditions"] == NEVER
    sentence = (
        "It can never fire: “its status is Picked” and “its status is Cancelled” exclude each other. "
        "Change or remove one of them, or put them in a group of which any may be true."
    )
    with pytest.raises(NotPublishable) as refused:
        published(one, rosa)
    assert [(problem.path, problem.sentence) for problem in refused.value.problems] == [
        ("conditions.0", sentence)
    ]
    with pytest.raises(NotPublishable, match="It can never fire"), write() as session:
        shadow_mode.start(session, one, rosa, 7, NOW)
    db.session.rollback()
    assert one.active_version_id == version.id and open_spans() == [version.id]


def test_what_is_live_and_can_never_fire_stays_live_and_can_be_switched(one: Automation, rosa: User) -> None:
    version = published(one, rosa)
    with write():
        # As an earlier program published it.
        db.session.execute(
            sa.update(Version)
            .where(Version.id == version.id)
            .values(definition=READY | {"conditions": NEVER})
        )
    with write() as session:
        deactivate(session, one, NOW)
    with write() as session:
        activate(session, one, NOW)
    assert one.active_version_id == version.id
