"""Records whose words were kept in another spelling are read again once, and found by the plain one then."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient

from automations.features.search.catching_up import OLDER, CatchingUp
from automations.models.db import schema
from automations.models.db.base import db, write
from automations.models.tables.search_word import SearchEnding, SearchEntry, SearchWord
from tests.kit.downgrading import downgrade
from tests.kit.shop import place_customer, place_event, place_order
from tests.kit.words_caught_up import words_caught_up
from tests.web.pages import sign_in, text_of
from tests.web.records.test_found_records import LATER

ADDRESSES = {"/customers?q=Lukasz": "C-9", "/orders?q=lukasz": "W-1", "/events?q=lukasz": "E-1"}


def test_what_was_there_before_is_found_by_the_plain_spelling(client: FlaskClient) -> None:
    place_customer("C-9", first_name="Łukasz")
    place_order("W-1", recipient="Łukasz")
    place_event("E-1", name="Łukasz turns 40")
    words_caught_up()
    _spell_as_before()
    rosa = sign_in(client, "rosa")
    for address in ADDRESSES:
        assert "Nothing matches" in text_of(rosa.get(address)), address
    assert CatchingUp().once(LATER) == 0
    db.session.remove()
    downgrade("0051")
    schema.upgrade()
    words_caught_up()
    for address, number in ADDRESSES.items():
        assert number in rosa.get(address).text, address
    with db.session.no_autoflush:
        assert "łukasz" not in set(db.session.scalars(sa.select(SearchWord.word)))


def test_reading_again_goes_on_where_it_was_stopped(client: FlaskClient) -> None:
    for number in range(OLDER + 5):
        place_order(f"W-{number}", recipient="Łukasz")
    words_caught_up()
    _spell_as_before()
    db.session.remove()
    downgrade("0051")
    schema.upgrade()
    assert CatchingUp().once(LATER) == OLDER
    rosa = sign_in(client, "rosa")
    assert f"W-{OLDER + 4}" in rosa.get("/orders?q=lukasz").text
    words_caught_up()
    plain = sa.select(sa.func.count(SearchEntry.id)).join(SearchWord, SearchWord.id == SearchEntry.word_id)
    assert db.session.scalar(plain.where(SearchWord.word == "lukasz")) == OLDER + 5


def _spell_as_before() -> None:
    """Leave the words as a program kept them that took no stroke off a letter."""
    with write() as session:
        session.execute(sa.update(SearchWord).where(SearchWord.word == "lukasz").values(word="łukasz"))
        ends = sa.func.replace(SearchEnding.ending, "lukasz", "łukasz")
        session.execute(sa.update(SearchEnding).values(ending=ends))
