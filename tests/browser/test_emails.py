"""An email with the store's look, as a person sees it in the builder and in the mailbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from automations.emails.email_html import html_part
from automations.emails.email_layout import EmailLayout
from automations.models.db.base import db, write
from automations.models.settings.email_looks import NEW
from automations.models.tables.run import Message
from automations.models.tables.store import Store
from tests.emails.designs import HOSTILE, LAYOUT, WORDS
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.slow

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


@pytest.mark.of_pages
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [800, 360])
def test_a_mail_program_shows_it_whole_and_readable(
    browser: Browser, axe: Axe, width: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html_part(LAYOUT, f"{WORDS}\n\n{' '.join(HOSTILE)}", "Thank you"))
    button = page.get_by_role("link", name="See your order")
    expect(button).to_have_attribute("href", "https://shop.example/o/1?a=1&b=2")
    expect(page.get_by_role("cell", name="2 × Vase <small>")).to_be_visible()
    expect(page.get_by_text("<script>alert(1)</script>").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ground = page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
    assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(35, 40, 39)")
    assert axe(page) == []
    assert asked == []
    page.close()


def test_an_email_is_seen_from_the_builder_before_anybody_gets_it(
    live: str, page: Page, enter: Enter, bloom: Store
) -> None:
    with write() as session:
        session.get_one(Store, bloom.id).email_look = {**NEW, "address": "1 Wild St"}
    action = shop.email_to(message="Hello {{ customer.first_name }}")
    action["settings"] |= {"button": "See it", "button_link": "https://shop.example/{{ order.number }}"}
    automation = shop.draft_automation("Thanks", "created", actions=[action])
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation}")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="See it as an email").click()
    seen = opened.value
    choices = seen.get_by_role("region", name="As it will be seen")
    light = seen.frame_locator("iframe[title='The email in light colours']")
    expect(light.get_by_role("link", name="See it")).to_be_visible()
    choices.get_by_text("Dark", exact=True).click()
    dark = seen.frame_locator("iframe[title='The email in dark colours']")
    expect(dark.get_by_role("link", name="See it")).to_be_visible()
    assert (
        dark.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(22, 26, 25)"
    )
    choices.get_by_text("Phone", exact=True).click()
    frame = seen.locator("iframe[title='The email in dark colours']")
    expect(frame).to_have_css("width", "390px")
    assert db.session.query(Message).count() == 0


@pytest.mark.of_pages
def test_the_mailbox_frames_an_email_without_scripts_and_files_from_elsewhere(
    live: str, page: Page, enter: Enter, axe: Axe, bloom: Store
) -> None:
    words = "\n\n".join(HOSTILE)
    with write() as session:
        message = Message(store_id=bloom.id, channel="email", connector="mailbox", at=NOW, to="a@b.example")
        message.subject, message.body, message.layout = "Thank you", words, LAYOUT.to_data()
        session.add(message)
        session.flush()
        id = message.id
    enter(page, "rosa")
    errors: list[str] = []
    asked: list[str] = []
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live}/mailbox/{id}")
    frame = page.locator("iframe").first
    assert frame.get_attribute("sandbox") == ""
    button = page.frame_locator("iframe").first.get_by_role("link", name="See your order")
    expect(button).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    expect(button).to_have_css("color", "rgb(255, 255, 255)")
    assert [url for url in asked if not url.startswith(live)] == []
    assert errors == []
    assert axe(page) == []


@pytest.mark.of_pages
@pytest.mark.parametrize("words", ["Hello", "Hello Ann,\n\nwe have it.\n\nKind regards\nBloom"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_frame_of_a_short_email_is_no_higher_than_it_needs(
    live: str, page: Page, enter: Enter, bloom: Store, width: int, words: str
) -> None:
    layout = EmailLayout(LAYOUT.look)
    with write() as session:
        message = Message(store_id=bloom.id, channel="email", connector="mailbox", at=NOW, to="a@b.example")
        message.subject, message.body, message.layout = "Thank you", words, layout.to_data()
        session.add(message)
        session.flush()
        id = message.id
    page.set_viewport_size({"width": width, "height": 900})
    enter(page, "rosa")
    page.goto(f"{live}/mailbox/{id}")
    inside = page.frame_locator("iframe").first.locator("html")
    expect(inside.get_by_text("Hello").last).to_be_visible()
    needed = inside.evaluate(
        """() => Math.ceil(Math.max(
            ...[...document.body.querySelectorAll('*')].map(one => one.getBoundingClientRect().bottom)))"""
    )
    frame = page.locator("iframe").first.evaluate("one => one.clientHeight")
    assert needed <= frame <= needed + 150


def test_a_text_in_another_language_is_added_and_tried_without_a_mouse(
    live: str, page: Page, enter: Enter, axe: Axe, bloom: Store
) -> None:
    automation = shop.draft_automation("Thanks", "created", actions=[shop.email_to()])
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation}")
    page.locator("summary", has_text="Write it in another language").press("Enter")
    page.get_by_label("Language to add to action 1").select_option(label="German")
    page.get_by_role("button", name="Add a text in this language").press("Enter")
    german = page.get_by_role("group", name="In German")
    expect(german.get_by_label("Subject")).to_be_focused()
    page.keyboard.type("Danke")
    german.get_by_label("Message", exact=True).fill("Schön, {{ customer.first_name }}")
    tried = page.get_by_label("Record to try it on")
    tried.select_option(label="A sample delivery order, paid, customer reads German")
    expect(page.get_by_text("Schön, Sam")).to_be_visible()
    expect(page.get_by_text("Written in German, the customer’s language.")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Remove the texts in German").press("Enter")
    expect(german).to_have_count(0)
