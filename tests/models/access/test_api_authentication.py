"""The caller of the API, as the database knows it at that moment."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from automations.models.access import api_authentication
from automations.models.db.base import db, write
from automations.models.tables.people import ApiKey
from automations.models.tables.store import Store
from tests.kit.set_up import api_key
from tests.kit.statements import recorded_statements
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")


def test_finding_a_caller_with_its_store_takes_one_statement() -> None:
    secret = api_key("Till")
    db.session().connection()
    with recorded_statements() as statements:
        caller = api_authentication.find(db.session(), secret)
    assert caller is not None and (caller.name, caller.scope) == ("Till", "write")
    assert caller.store.name == "Bloom & Wild St"
    assert len(statements) == 1
    assert api_authentication.find(db.session(), secret + "x") is None


def test_changed_working_hours_reach_the_next_caller(bloom: Store) -> None:
    secret = api_key("Till")
    for hours in ({"mon": ["09:00", "17:00"]}, {"mon": ["10:00", "17:00"]}):
        with write() as session:
            session.execute(sa.update(Store).where(Store.id == bloom.id).values(working_hours=hours))
        caller = api_authentication.find(db.session(), secret)
        assert caller is not None and caller.store.working_hours == hours
        assert api_authentication.current_store(db.session(), bloom.id).working_hours == hours


def test_a_revoked_key_finds_nobody_at_the_next_request() -> None:
    secret = api_key("Till")
    assert api_authentication.find(db.session(), secret)
    with write() as session:
        session.execute(sa.update(ApiKey).values(revoked_at=NOW))
    assert api_authentication.find(db.session(), secret) is None


def test_the_store_is_the_one_the_transaction_sees(bloom: Store) -> None:
    store_id = bloom.id
    before = api_authentication.current_store(db.session(), store_id)
    with write() as session:
        session.get_one(Store, store_id).ruleset += 1
        session.flush()
        assert api_authentication.current_store(session, store_id).ruleset == before.ruleset + 1
    assert api_authentication.current_store(db.session(), store_id).ruleset == before.ruleset + 1


def test_the_use_of_a_key_is_recorded_once_a_minute() -> None:
    secret = api_key("Till")
    caller = api_authentication.find(db.session(), secret)
    assert caller is not None and api_authentication.should_mark_used(caller, NOW)
    with write() as session:
        api_authentication.mark_used(session, caller.key_id, NOW)
    again = api_authentication.find(db.session(), secret)
    assert again is not None and again.last_used_at == NOW
    assert not api_authentication.should_mark_used(again, NOW + api_authentication.USED_EVERY)
    assert api_authentication.should_mark_used(
        again, NOW + api_authentication.USED_EVERY + dt.timedelta(seconds=1)
    )
