"""A request is tried from the builder, and a click on a path of its answer puts the field into a message."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_httpserver import HTTPServer

from tests.kit import shop
from tests.kit.outside.outside import allowing

pytestmark = pytest.mark.slow

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


def test_a_request_is_tried_and_its_answer_used(
    live: str, page: Page, enter: Enter, axe: Axe, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/jobs").respond_with_json({"job": {"id": "J-1"}, "state": "booked"})
    actions = [shop.request_to(httpserver.url_for("/jobs")), shop.email_to("manager", message="Booked as")]
    automation = shop.draft_automation("Book", "created", actions=actions)
    enter(page, "rosa")
    with allowing("localhost", "127.0.0.1"):
        page.goto(f"{live}/automations/{automation}")
        button = page.get_by_role("button", name="Try this request")
        button.focus()
        page.keyboard.press("Enter")
        answer = page.get_by_role("group", name="Answer to action 1")
        expect(answer.get_by_role("alert")).to_contain_text("Sent once: localhost answered 200.")
    assert axe(page) == []
    answer.get_by_label("Put a value from the answer into").select_option(label="Action 2: Message")
    answer.get_by_role("button", name="Put in job.id").press("Enter")
    expect(page.get_by_label("Message", exact=True)).to_have_value("Booked as {{ answers.1.job.id }}")
    answer.get_by_role("button", name="Put in state").click()
    message = "Booked as {{ answers.1.job.id }} {{ answers.1.state }}"
    expect(page.get_by_label("Message", exact=True)).to_have_value(message)
    assert len(httpserver.log) == 1
