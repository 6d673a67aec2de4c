"""Forms of records sent by htmx."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.web.pages import text_of

HTMX = {"HX-Request": "true"}


def form_of(**values: str) -> dict[str, str]:
    return {"status": "unconfirmed", "payment_status": "unpaid"} | values


def test_a_form_sent_by_htmx_is_refused_in_place_and_redirects_once_saved(as_rosa: FlaskClient) -> None:
    refused = as_rosa.post("/orders", data=form_of(total="x", note="Ring twice"), headers=HTMX)
    assert refused.status_code == 422 and "<html" not in refused.text
    assert 'id="record-form"' in refused.text and "Ring twice" in refused.text
    kept = as_rosa.post("/orders", data=form_of(number="77"), headers=HTMX)
    assert (kept.status_code, kept.headers["HX-Redirect"]) == (204, "/orders/77")


@pytest.mark.parametrize("address", ["/orders", "/events", "/customers"])
def test_a_form_sent_after_the_session_ended_leaves_the_page_as_it_is(
    client: FlaskClient, address: str
) -> None:
    answer = client.post(address, data=form_of(note="Ring twice"), headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (401, "#notices")
    assert "What you typed is still here" in text_of(answer)


def test_a_conflict_in_a_custom_field_is_shown_too(as_rosa: FlaskClient) -> None:
    own_field("Ribbon")
    own_field("Paper", "choice", choices="Kraft\nSilk")
    own_field("Gift", "bool")
    shop.place_order()
    paper = re.search(r'<option value="([^"]+)">Silk', as_rosa.get("/orders/10482/edit").text)
    assert paper
    own = {"own_ribbon": "red", "own_paper": paper[1], "own_gift": "yes"}
    assert as_rosa.post("/orders/10482", data=form_of(revision="1", **own)).status_code == 303
    answer = as_rosa.post(
        "/orders/10482", data=form_of(revision="1", own_ribbon="blue", own_paper="", own_gift="")
    )
    assert answer.status_code == 409
    for now in ("red", "Silk", "Yes"):
        assert f"It is now “{now}”." in text_of(answer), now
    assert 'value="blue"' in answer.text


def test_parts_of_a_log_that_say_the_same_are_no_landmarks_of_one_name(as_rosa: FlaskClient) -> None:
    for note in ("Ring", "Ring twice", "Ring"):
        shop.place_order("10482", note=note)
    page = as_rosa.get("/orders/10482").text
    assert page.count('class="entry"') == 3
    names = re.findall(r'<section\b[^>]*aria-label="([^"]*)"', page)
    assert len(names) == len(set(names))
