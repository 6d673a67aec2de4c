"""The palette's hits: automations, pages and doings, within what a person may see and do."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store
from automations.web.palette.hits import pieces, says
from tests.kit import shop
from tests.kit.rows import all_rows
from tests.web.pages import text_of


@pytest.fixture
def deposit() -> int:
    """The id of a live automation."""
    return shop.publish_automation("Deposit received", "created", actions=[shop.email_to()])


def _hits(client: FlaskClient, text: str) -> str:
    answer = client.get("/search/hits", query_string={"q": text})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    return text_of(answer)


def test_an_automation_is_found_by_its_name_and_by_its_sentence(as_rosa: FlaskClient, deposit: int) -> None:
    for typed in ("deposit", "DEPOSIT REC", "email the customer"):
        words = _hits(as_rosa, typed)
        assert "Automations Deposit received" in words
        assert "On · version 1" in words
    assert f'href="/automations/{deposit}/overview"' in as_rosa.get("/search/hits?q=deposit").text


@pytest.mark.parametrize("typed", ["received deposit", "deposit received", "DEPOS  recei"])
def test_an_automation_is_found_by_its_words_in_any_order(
    as_rosa: FlaskClient, deposit: int, typed: str
) -> None:
    assert "Deposit received" in _hits(as_rosa, typed)
    assert "Switch off “Deposit received”" in _hits(as_rosa, f"switch off {typed}")
    assert "Deposit received" in text_of(as_rosa.get("/automations", query_string={"q": typed}))


def test_what_can_be_done_with_an_automation_follows_its_state(as_rosa: FlaskClient, deposit: int) -> None:
    assert "Switch off “Deposit received”" in _hits(as_rosa, "switch off dep")
    assert "Switch on" not in _hits(as_rosa, "switch dep")
    assert "Run “Deposit received” by hand…" in _hits(as_rosa, "run deposit")
    answer = as_rosa.post(
        f"/automations/{deposit}/deactivation", headers={"Referer": "http://localhost/orders"}
    )
    assert answer.headers["Location"] == "/orders"
    assert db.session.get_one(Automation, deposit).active_version_id is None
    assert "Switch on “Deposit received”" in _hits(as_rosa, "switch on dep")
    assert "Run “" not in _hits(as_rosa, "run deposit")


def test_a_viewer_is_offered_nothing_they_may_not_do(as_finn: FlaskClient, deposit: int) -> None:
    assert "Deposit received" in _hits(as_finn, "deposit")
    for typed in ("switch off deposit", "new order", "archive deposit", "api keys", "settings"):
        words = _hits(as_finn, typed)
        assert "Do " not in words and "Go to" not in words, typed
    assert "New" not in _hits(as_finn, "")
    assert "Team" not in _hits(as_finn, "team")


def test_a_manager_is_offered_no_page_of_admins(as_rosa: FlaskClient, as_ada: FlaskClient) -> None:
    assert "API keys" not in _hits(as_rosa, "api keys")
    assert "API keys" in _hits(as_ada, "api keys")


def test_pages_and_new_things_are_found_by_the_start_of_their_words(as_rosa: FlaskClient) -> None:
    assert "Go to Mailbox" in _hits(as_rosa, "mailb")
    assert "Do New customer" in _hits(as_rosa, "new cust")
    assert "Do New segment" in _hits(as_rosa, "create segm")
    assert "Lists" in _hits(as_rosa, "statuses")


def test_nothing_typed_offers_pages_and_new_things(as_rosa: FlaskClient) -> None:
    words = _hits(as_rosa, "  ")
    assert "Go to Today" in words and "Do New automation" in words
    assert "Type what you are looking for" in words


def test_nothing_found_says_so_and_what_to_try(as_rosa: FlaskClient, bloom: Store) -> None:
    assert _hits(as_rosa, "depto").startswith(f"Nothing called “depto” in {bloom.name}. Try a part of a name")


def test_a_record_with_exactly_this_number_comes_first(as_rosa: FlaskClient) -> None:
    shop.place_order("77")
    shop.publish_automation("77 roses", "created", actions=[shop.email_to()])
    words = _hits(as_rosa, "77")
    assert words.index("Order 77") < words.index("77 roses")


def test_many_matches_are_cut_with_a_way_to_all(as_rosa: FlaskClient) -> None:
    anna = shop.place_customer("C-1")
    for number in range(7):
        shop.place_order(f"S-{number}", customer_id=anna.id)
    answer = as_rosa.get("/search/hits?q=S-")
    assert answer.text.count('href="/orders/S-') == 5
    assert "All orders with “S-”" in text_of(answer)
    assert 'href="/orders?q=S-"' in answer.text


def test_another_store_finds_nothing_of_ours(as_mallory: FlaskClient, deposit: int) -> None:
    shop.place_order("10482")
    for typed in ("deposit", "10482", "grand hotel", "switch off deposit"):
        assert "Nothing called" in _hits(as_mallory, typed)


def test_what_is_typed_is_shown_as_text(as_rosa: FlaskClient) -> None:
    for path in ("/search/hits", "/search"):
        answer = as_rosa.get(path, query_string={"q": '<img src=x onerror="a">'})
        assert "<img" not in answer.text


def test_the_page_offers_the_same_with_plain_buttons(as_rosa: FlaskClient, deposit: int) -> None:
    page = as_rosa.get("/search?q=switch+off+deposit")
    assert "Switch off “Deposit received”" in text_of(page)
    button = re.search(r'<button class="hit" form="search-act" formaction="([^"]+)"', page.text)
    assert button and as_rosa.post(button[1]).status_code == 303
    assert db.session.get_one(Automation, deposit).active_version_id is None
    assert 'href="/search"' in as_rosa.get("/").text


def test_single_keys_can_be_switched_off_and_on(as_finn: FlaskClient) -> None:
    assert "data-single-keys" not in as_finn.get("/").text
    before = all_rows()
    answer = as_finn.post("/keyboard", data={"single": "off", "next": "/orders"})
    assert answer.headers["Location"] == "/orders"
    page = as_finn.get("/keyboard")
    assert 'data-single-keys="off"' in page.text
    assert "Single-key shortcuts are off in this browser." in text_of(page)
    as_finn.post("/keyboard", data={"single": "on"})
    assert "data-single-keys" not in as_finn.get("/").text
    assert all_rows() == before


@pytest.mark.parametrize(
    ("text", "label", "marked"),
    [
        ("depot", "Parcel is at the depot", ["depot"]),
        ("PARCEL the", "Parcel is at the depot", ["Parcel"]),
        ("hotel", "Hôtel Étoile", ["Hôtel"]),
        ("at the", "Parcel is at the depot", ["at the"]),
        ("strasse", "Große Straße", []),
        ("", "Mailbox", []),
    ],
)
def test_what_matched_is_marked(text: str, label: str, marked: list[str]) -> None:
    found = list(pieces(label, text))
    assert "".join(part for part, _ in found) == label
    assert [part for part, is_match in found if is_match] == marked


def test_each_word_has_to_begin_a_word() -> None:
    assert says("new aut", "New automation")
    assert says("cafe", "Café orders")
    assert not says("tomation", "New automation")
    assert not says("new order", "New automation")
