"""What has to read a long past is loaded after the page: by itself with JavaScript, by a link without."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient

from automations.features.audience import campaign_sending
from automations.web.kit import later
from tests.kit import shop
from tests.kit.expecting import confirming, expect_one, pay
from tests.kit.shadows import start_shadow
from tests.kit.statements import recorded_statements
from tests.web.audience.test_campaign_page import written
from tests.web.audience.test_marketing import agreed
from tests.web.pages import text_of

NOW = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)


def _expectation(_client: FlaskClient) -> str:
    confirming("Confirm", now=NOW)
    pay("1", NOW + dt.timedelta(minutes=1))
    return f"/expectations/{expect_one(now=NOW)}"


def _publish(_client: FlaskClient) -> str:
    shop.place_order("1", now=NOW)
    return f"/automations/{shop.draft_automation('Thanks', 'created')}/publish"


def _shadow(_client: FlaskClient) -> str:
    id = shop.draft_automation("Thanks", "created")
    start_shadow(id, now=NOW)
    shop.place_order("1", now=NOW)
    return f"/automations/{id}/shadow"


def _campaign(client: FlaskClient) -> str:
    agreed()
    return written(client)


PAGES: dict[str, tuple[Callable[[FlaskClient], str], str]] = {
    "expectation": (_expectation, "broke it"),
    "publish": (_publish, "Who would have got it"),
    "shadow": (_shadow, "It would have run"),
    "campaign": (_campaign, "Send to 1 customer"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_long_past_is_read_after_the_page_is_shown(
    as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make, shown_whole = PAGES[name]
    address = make(as_rosa)
    whole = as_rosa.get(address)
    assert shown_whole in text_of(whole) and 'hx-trigger="load"' not in whole.text
    monkeypatch.setattr(later, "SHORT_PAST", 0)
    monkeypatch.setattr(campaign_sending, "CHUNK", 0 if name == "campaign" else 500)
    with recorded_statements() as asked:
        first = as_rosa.get(address)
    assert first.status_code == 200 and shown_whole not in text_of(first)
    assert len(asked) < 25
    [loaded] = re.findall(r'hx-get="([^"]*)" hx-trigger="load" hx-target="#(\w+)"', first.text)
    # The part is found in the answer under the name by which it is put into this page.
    assert first.text.count(f'id="{loaded[1]}"') == 1
    monkeypatch.setattr(campaign_sending, "CHUNK", 500)
    then = as_rosa.get(unescape(loaded[0]))
    assert shown_whole in text_of(then) and then.text.count(f'id="{loaded[1]}"') == 1
    assert f'<a class="text-decoration-underline" href="{loaded[0]}">Open the whole page</a>' in first.text


def test_a_refused_choice_is_answered_whole(as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    address = _publish(as_rosa)
    monkeypatch.setattr(later, "SHORT_PAST", 0)
    answer = as_rosa.post(address.replace("/publish", "/shadow"), data={"days": "many", "reviewed": "1"})
    assert answer.status_code == 422 and "Who would have got it" in text_of(answer)
