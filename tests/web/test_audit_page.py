"""The audit page: for admins, by person, words and days."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient

from automations.models import audit
from automations.models.base import db, write
from automations.models.people import User
from automations.models.store import Store
from tests.web.pages import text_of
from tests.world import NOW

PAGE = "/settings/audit"


@pytest.fixture(autouse=True)
def rows(as_ada: FlaskClient) -> None:
    """One by Rosa, one by the program three days later, one of another store."""
    with write() as session:
        stores = {one.name: one.id for one in session.query(Store)}
        bloom, thorn = stores["Bloom & Wild St"], stores["Thorn & Co"]
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one().id
        audit.note(session, action="renamed", about="list 100%", store_id=bloom, user_id=rosa, at=NOW)
        later = NOW + dt.timedelta(days=3)
        audit.note(session, action="was told", about="parcel news", store_id=bloom, at=later)
        audit.note(session, action="renamed", about="of Thorn", store_id=thorn, at=NOW)


def shown(client: FlaskClient, **asked: object) -> set[str]:
    text = text_of(client.get(PAGE, query_string=asked))
    return {name for name in ("list 100%", "parcel news", "of Thorn") if name in text}


def test_all_of_the_own_store_and_nothing_of_another(as_ada: FlaskClient) -> None:
    assert shown(as_ada) == {"list 100%", "parcel news"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "RENAMED"}, {"list 100%"}),
        ({"q": "0%"}, {"list 100%"}),
        ({"q": "_"}, set()),
        ({"who": "program"}, {"parcel news"}),
        ({"who": "999999999999999999999"}, set()),
        ({"who": "'; DROP TABLE audit"}, {"list 100%", "parcel news"}),
        ({"since": "2026-11-23"}, {"parcel news"}),
        ({"until": "2026-11-22"}, {"list 100%"}),
        ({"since": "2026-11-22", "until": "2026-11-22", "q": "list"}, {"list 100%"}),
        ({"since": "soon", "until": "9999-12-31"}, {"list 100%", "parcel news"}),
    ],
    # A set is written in another order by each process, and they have to agree on the names of their tests.
    ids=lambda value: str(value) if isinstance(value, dict) else None,
)
def test_it_is_filtered(as_ada: FlaskClient, asked: dict[str, str], found: set[str]) -> None:
    assert shown(as_ada, **asked) == found


def test_by_person(as_ada: FlaskClient) -> None:
    rosa = db.session.query(User.id).filter_by(email="rosa@bloom.example").scalar()
    assert shown(as_ada, who=rosa) == {"list 100%"}


def test_nothing_found_says_what_to_do(as_ada: FlaskClient) -> None:
    assert "No entries match. Try fewer filters." in text_of(
        as_ada.get(PAGE, query_string={"q": "zzz"})
    )


def test_only_admins_read_it(as_rosa: FlaskClient, as_finn: FlaskClient) -> None:
    assert [client.get(PAGE).status_code for client in (as_rosa, as_finn)] == [403, 403]
