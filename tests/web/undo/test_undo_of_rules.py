"""Undo gives segments and expectations back what was changed of them, unless someone changed them again."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.features.expectations import looking_after
from automations.models.access import undo_steps
from automations.models.db.base import db
from automations.models.tables.expectation import Expectation
from automations.models.tables.people import Audit
from automations.models.tables.segment import Segment, SegmentMember
from automations.web.log.audit_phrases import done_words
from tests.kit import shop
from tests.kit.expecting import MINUTE, expect_one, pay, the_expectation
from tests.web.expectations.test_expectation_pages import FORM
from tests.web.pages import text_of
from tests.web.undo.test_undo import undo_after
from tests.world import NOW

VIP = {
    "conditions-0-field": "tags",
    "conditions-0-shown": "tags",
    "conditions-0-operator": "contains",
    "conditions-0-value": "vip",
}
ANNA = {
    "conditions-0-field": "first_name",
    "conditions-0-shown": "first_name",
    "conditions-0-operator": "equals",
    "conditions-0-value": "Anna",
}


def audited(count: int) -> list[str]:
    """The newest sentences of the audit, oldest first."""
    db.session.rollback()
    rows = db.session.query(Audit).order_by(Audit.id.desc()).limit(count)
    return [done_words(row) for row in reversed(rows.all())]


def segment() -> Segment:
    db.session.rollback()
    return db.session.query(Segment).one()


@pytest.fixture
def readers(as_rosa: FlaskClient) -> int:
    shop.place_customer("C-8", first_name="Zora", tags=["vip"])
    as_rosa.post("/segments", data={"name": "Readers"} | VIP)
    return segment().id


def members() -> int:
    return db.session.query(SegmentMember).count()


def test_a_segment_is_again_what_it_was_with_its_customers(as_rosa: FlaskClient, readers: int) -> None:
    assert "For a day you can undo what you save here" in text_of(as_rosa.get(f"/segments/{readers}"))
    assert "For a day" not in text_of(as_rosa.get("/segments/new"))
    before, fitting = undo_steps.row_data(segment()), members()
    address = undo_after(as_rosa, f"/segments/{readers}", name="All of them")
    assert (segment().name, segment().conditions) == ("All of them", []) and members() > fitting
    assert audited(2) == [
        "renamed the segment “Readers” to “All of them”",
        "changed the conditions of the segment “All of them” from “their tags include vip” to none",
    ]
    words = text_of(as_rosa.post(address, follow_redirects=True))
    assert "“Readers” is as it was, and its customers are found again." in words
    after = undo_steps.row_data(segment())
    same = {name for name in before if name not in ("updated_at", "refreshed_on")}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert members() == fitting
    assert audited(1) == [
        "undid a change of the name of the segment “Readers” from Readers to All of them and the conditions "
        "from “their tags include vip” to none"
    ]
    assert "This was undone already." in text_of(as_rosa.post(address, follow_redirects=True))


def test_the_page_says_what_the_segment_would_be_again(as_rosa: FlaskClient, readers: int) -> None:
    address = undo_after(as_rosa, f"/segments/{readers}", name="All of them")
    page = as_rosa.get(address)
    words = text_of(page)
    assert "The undo would change “All of them”" in words and f"/segments/{readers}" in page.text
    assert "Name now All of them then Readers" in words
    assert "Conditions now none then their tags include vip" in words


def test_the_page_says_what_the_expectation_would_be_again(as_rosa: FlaskClient) -> None:
    id = expect_one()
    changed = FORM | {"revision": str(the_expectation(id).revision), "follow-count": "none"}
    address = undo_after(as_rosa, f"/expectations/{id}", **changed)
    page = as_rosa.get(address)
    words = text_of(page)
    assert "The undo would change the expectation “" in words and f'href="/expectations/{id}"' in page.text
    assert "Expectation now Every time " in words and " then Every time " in words


def test_a_segment_that_was_changed_again_stays(as_rosa: FlaskClient, readers: int) -> None:
    address = undo_after(as_rosa, f"/segments/{readers}", name="Everyone")
    as_rosa.post(f"/segments/{readers}", data={"name": "Everyone"} | VIP)
    refused = text_of(as_rosa.post(address, follow_redirects=True))
    assert "“Everyone” was changed in the meantime, so nothing was undone." in refused
    assert segment().name == "Everyone" and len(segment().conditions) == 1


def test_a_segment_goes_back_to_no_name_that_is_taken(as_rosa: FlaskClient, readers: int) -> None:
    address = undo_after(as_rosa, f"/segments/{readers}", name="Everyone")
    as_rosa.post("/segments", data={"name": "Readers"})
    refused = text_of(as_rosa.post(address, follow_redirects=True))
    assert "There is already a segment called “Readers”." in refused
    assert db.session.query(Segment).filter_by(name="Everyone").count() == 1


def test_saving_what_it_is_already_says_nothing_in_the_audit(as_rosa: FlaskClient, readers: int) -> None:
    page = as_rosa.post(f"/segments/{readers}", data={"name": "Readers"} | VIP, follow_redirects=True)
    assert "“Readers” is saved." in text_of(page) and "toast-undo" not in page.text
    (added,) = audited(1)
    assert added == "added the segment “Readers” with the conditions their tags include vip"


def test_the_audit_keeps_no_name_of_a_person(as_rosa: FlaskClient, readers: int) -> None:
    as_rosa.post(f"/segments/{readers}", data={"name": "Readers"} | ANNA)
    as_rosa.post(f"/segments/{readers}", data={"name": "Readers"} | ANNA | {"conditions-0-value": "Bea"})
    assert audited(2) == [
        "changed the conditions of the segment “Readers” from “their tags include vip” to “their "
        "first name is …”",
        "changed the conditions of the segment “Readers”",
    ]


def test_an_expectation_is_again_what_it_was_with_its_counts(as_rosa: FlaskClient) -> None:
    id = expect_one()
    pay("1", NOW + MINUTE)
    looking_after.look_after_all(NOW + 30 * MINUTE)
    before = undo_steps.row_data(the_expectation(id))
    assert before["broken"] == 1
    form = text_of(as_rosa.get(f"/expectations/{id}/edit"))
    assert "Its counts begin anew; an undo brings them back." in form
    changed = FORM | {"revision": str(before["revision"]), "follow-count": "none"}
    address = undo_after(as_rosa, f"/expectations/{id}", **changed)
    assert (the_expectation(id).broken, the_expectation(id).follow["count"]) == (0, "none")
    (sentence,) = audited(1)
    assert (
        sentence.startswith("changed the sentence of the expectation “") and " exactly one email" in sentence
    )
    assert "” from “Every time " in sentence and "” to “Every time " in sentence
    words = text_of(as_rosa.post(address, follow_redirects=True))
    assert "The expectation is as it was, with its counts." in words
    after = undo_steps.row_data(the_expectation(id))
    same = {name for name in before if name not in ("updated_at", "updated_by", "revision", "told_at")}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert audited(1)[0].startswith("undid a change of the sentence of the expectation “")


def test_an_expectation_that_was_changed_again_or_is_gone_stays(as_rosa: FlaskClient) -> None:
    id = expect_one()
    changed = FORM | {"revision": "1", "follow-count": "none"}
    address = undo_after(as_rosa, f"/expectations/{id}", **changed)
    as_rosa.post(f"/expectations/{id}", data=changed | {"revision": "2", "name": "Mine"})
    words = text_of(as_rosa.post(address, follow_redirects=True))
    assert "This expectation was changed in the meantime, so nothing was undone." in words
    assert the_expectation(id).name == "Mine"
    as_rosa.post(f"/expectations/{id}/removal")
    words = text_of(as_rosa.post(address, follow_redirects=True))
    assert "This expectation is no longer there, so nothing was undone." in words
    assert db.session.query(Expectation).count() == 0
