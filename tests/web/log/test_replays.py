"""The page of a log entry judged again, with its links, its choice of versions and its buttons."""

from __future__ import annotations

from decimal import Decimal

from flask.testing import FlaskClient

from tests.kit import shop
from tests.kit.doing import perform_all
from tests.web.pages import text_of
from tests.world import NOW

ANNA = 1
OVER_40 = shop.condition("total", "greater_than", "40.00")


def entry() -> str:
    """Fire version 1 on a small order, publish one that asks for more; return the page of the replay."""
    automation = shop.publish_automation("Confirm", "created", now=NOW)
    shop.place_order("0912", customer_id=ANNA, total=Decimal("32.50"))
    perform_all()
    shop.publish_again(automation, "created", OVER_40)
    return f"/orders/0912/replays/{shop.occurrences()[-1].id}/{automation}"


def test_the_log_links_to_it_and_it_shows_both_verdicts(as_rosa: FlaskClient, as_finn: FlaskClient) -> None:
    page = entry()
    assert f'href="{page}"' in as_finn.get("/orders/0912").text
    seen = as_finn.get(page)
    said = text_of(seen)
    assert "Viewing this sends nothing." in said and "makes the difference" in said
    assert "By version 1 of that time" in said and "By today’s version 2" in said
    assert "Version 2 would not fire : total £32.50, needs over £40.00." in said
    assert "Read it" in said and "Must fire" not in said, "who only looks pins nothing"
    assert "Must fire" in text_of(as_rosa.get(page))


def test_other_versions_and_todays_values_are_chosen_by_the_address(as_rosa: FlaskClient) -> None:
    page = entry()
    shop.place_order("0912", total=Decimal("99.00"))
    today = text_of(as_rosa.get(f"{page}?values=today&right=v2&left=v1"))
    assert "0912 today" in today and "Both fire." in today and "Read what it would be" in today
    assert "There is no version 7 of this automation." in text_of(as_rosa.get(f"{page}?left=v7"))
    assert "Total: £32.50 → £99.00" in text_of(as_rosa.get(page))


def test_what_is_of_others_does_not_exist(as_rosa: FlaskClient, as_mallory: FlaskClient) -> None:
    page = entry()
    assert as_mallory.get(page).status_code == 404
    theirs = shop.draft_automation("Theirs", store="Thorn & Co")
    assert as_rosa.get(f"{page.rpartition('/')[0]}/{theirs}").status_code == 404
    shop.place_order("1")
    assert as_rosa.get(page.replace("0912", "1")).status_code == 404
