"""Filters of the log that people name."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from automations.features.history import saved_filters
from automations.models.db.base import db
from automations.models.tables.people import Audit
from automations.models.tables.saved_filter import SavedFilter
from tests.web.pages import text_of


def _save(client: FlaskClient, name: str = "Left out", **sent: str) -> None:
    answer = client.post("/activity/filters", data={"name": name, "outcome": "skipped", **sent})
    assert answer.status_code == 303, text_of(answer)


def _chips(client: FlaskClient, address: str = "/activity") -> list[str]:
    bar = re.search(r'<nav class="saved-chips".*?</nav>', client.get(address).text, re.DOTALL)
    return re.findall(r'<a href="(/activity\?[^"]*)"', bar[0]) if bar else []


def test_a_filter_is_saved_under_a_name_and_leads_back_to_itself(as_rosa: FlaskClient) -> None:
    assert "Save this filter…" not in text_of(as_rosa.get("/activity"))
    assert "Save this filter…" in text_of(as_rosa.get("/activity?outcome=skipped&from=2026-11-01"))
    _save(as_rosa, **{"from": "2026-11-01", "subject": ""})
    (address,) = _chips(as_rosa)
    assert sorted(address.partition("?")[2].split("&amp;")) == ["from=2026-11-01", "outcome=skipped"]
    page = as_rosa.get(address.replace("&amp;", "&"))
    assert 'aria-current="true">Left out' in page.text and "Save this filter…" not in text_of(page)


def test_only_its_owner_sees_it_until_it_is_shared(as_rosa: FlaskClient, as_finn: FlaskClient) -> None:
    _save(as_rosa)
    assert _chips(as_finn) == []
    id = db.session.query(SavedFilter).one().id
    as_rosa.post(f"/activity/filters/{id}", data={"name": "Skipped ones", "shared": "1"})
    assert len(_chips(as_finn)) == 1 and "Skipped ones" in text_of(as_finn.get("/activity"))
    for address in (f"/activity/filters/{id}", f"/activity/filters/{id}/removal"):
        assert as_finn.post(address, data={"name": "Mine"}).status_code == 404
    assert as_finn.get(f"/activity/filters/{id}/edit").status_code == 404


def test_a_viewer_keeps_filters_to_themselves(as_finn: FlaskClient) -> None:
    assert "Everyone in the store sees it" not in text_of(as_finn.get("/activity?outcome=skipped"))
    _save(as_finn, shared="1")
    assert [row.shared for row in db.session.query(SavedFilter)] == [False]


def test_removing_asks_on_a_page_of_its_own_and_an_admin_may_remove_a_shared_one(
    as_rosa: FlaskClient, as_ada: FlaskClient
) -> None:
    _save(as_rosa, shared="1")
    id = db.session.query(SavedFilter).one().id
    assert "It disappears for everyone in the store." in text_of(as_ada.get(f"/activity/filters/{id}/edit"))
    answer = as_ada.post(f"/activity/filters/{id}/removal", follow_redirects=True)
    assert "The filter “Left out” is removed." in text_of(answer) and _chips(as_rosa) == []
    assert [row.action for row in db.session.query(Audit).order_by(Audit.id)][-2:] == ["saved", "removed"]


@pytest.mark.parametrize(
    "sent, problem",
    [
        ({"name": " "}, "Give the filter a name."),
        ({"name": "x" * 61}, "Shorten the name to 60 characters; it has 61."),
        ({"name": "LEFT  out"}, "You have a filter called “LEFT out” already."),
        (
            {"name": "Other", "outcome": "nonsense", "number": ""},
            "There is nothing to save: no filter is set.",
        ),
    ],
)
def test_what_cannot_be_saved_is_said_and_keeps_what_was_typed(
    as_rosa: FlaskClient, sent: dict[str, str], problem: str
) -> None:
    _save(as_rosa)
    answer = as_rosa.post("/activity/filters", data={"outcome": "failing", "number": "77", **sent})
    assert answer.status_code == 422 and problem in text_of(answer)
    assert 'name="number" value="77"' in answer.text or not sent.get("number", "77")
    assert db.session.query(SavedFilter).count() == 1


def test_renaming_to_a_taken_name_is_refused_and_to_its_own_is_not(as_rosa: FlaskClient) -> None:
    _save(as_rosa)
    _save(as_rosa, "Other", number="7")
    first, second = db.session.query(SavedFilter).order_by(SavedFilter.id)
    ids = first.id, second.id
    assert as_rosa.post(f"/activity/filters/{ids[1]}", data={"name": "left out"}).status_code == 422
    assert as_rosa.post(f"/activity/filters/{ids[0]}", data={"name": "Left OUT"}).status_code == 303


def test_there_is_a_limit(as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_filters, "MOST", 1)
    _save(as_rosa)
    answer = as_rosa.post("/activity/filters", data={"name": "Other", "outcome": "failing"})
    assert answer.status_code == 422 and "filters already. Remove one first." in text_of(answer)
