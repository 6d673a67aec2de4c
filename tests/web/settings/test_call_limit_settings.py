"""Settings: how many requests a host gets at the same time."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from automations.models.db.base import db
from automations.models.settings import call_limits
from automations.models.settings.call_limits import MOST, CallLimits
from automations.models.tables.people import Audit
from automations.models.tables.store import Store
from automations.web.settings.call_limit_form import parse_hosts
from tests.web.pages import text_of

PAGE = "/settings/connections/requests"


def kept(store: Store) -> CallLimits:
    db.session.rollback()
    return call_limits.of_store(db.session(), store.id)


def test_ten_are_usual_until_somebody_sets_another_number(as_ada: FlaskClient, bloom: Store) -> None:
    assert "At most 10 at the same time to each host." in text_of(as_ada.get("/settings/connections"))
    assert 'value="10"' in as_ada.get(PAGE).text
    data = {"at_once": "1", "hosts": "API.Courier.example 4\n\ntill.shop.example:8080 = 2"}
    assert as_ada.post(PAGE, data=data).status_code == 303
    assert kept(bloom) == CallLimits(1, {"api.courier.example": 4, "till.shop.example:8080": 2})
    page = as_ada.get(PAGE).text
    assert "api.courier.example 4\ntill.shop.example:8080 2" in page
    words = text_of(as_ada.get("/settings/connections"))
    assert "One after the other to each host. Hosts with their own limit: 2." in words
    row = db.session.query(Audit).order_by(Audit.id.desc()).first()
    assert row and row.about == call_limits.ABOUT


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"at_once": "0"}, f"Enter a number from 1 to {MOST}."),
        ({"at_once": "many"}, f"Enter a number from 1 to {MOST}."),
        ({"at_once": "5", "hosts": "https://a.example 1"}, "is not a host and a number"),
        ({"at_once": "5", "hosts": "a.example 0"}, f"a.example has 0. Enter a number from 1 to {MOST}."),
        ({"at_once": "5", "hosts": "a.example 1\nA.example 2"}, "a.example is there twice."),
        (
            {"at_once": "5", "hosts": "\n".join(f"h{n}.example 1" for n in range(101))},
            "The limit is 100 hosts",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    as_ada: FlaskClient, bloom: Store, data: dict[str, str], sentence: str
) -> None:
    answer = as_ada.post(PAGE, data=data)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert data.get("hosts", "")[:9] in answer.text
    assert kept(bloom) == CallLimits()


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,9}\.example(:[1-9]{1,4})?", fullmatch=True), st.integers(1, MOST))
)
def test_what_the_page_shows_can_be_saved_again(hosts: dict[str, int]) -> None:
    assert parse_hosts("\n".join(f"{host} {limit}" for host, limit in hosts.items())) == hosts
