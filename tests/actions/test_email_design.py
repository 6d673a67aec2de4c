"""How the email of an action looks: by the store's look and the action's own settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from automations.actions.send_email import EmailForm, SendEmail
from automations.actions.send_marketing import CONTEXT, SendMarketing
from automations.actions.shared.action_kind import Prepared, Skipped
from automations.actions.shared.order_table import MOST_LINES
from automations.actions.shared.outgoing_email import outgoing
from automations.connectors.connector_set import NoFiles
from automations.connectors.stored_file import StoredFile
from automations.emails.email_look import EmailLook
from automations.engine.fields.subjects import SUBJECTS
from tests.actions.situations import SETTINGS, situation

EMAIL, MARKETING = SendEmail(), SendMarketing()
LOOK = EmailLook("Bloom & Wild St", "#7a2048", "1 Wild St", "", "hello@bloom.example")
LINK = "https://shop.example/o/{{ order.number }}"
BUTTON = {"button": "See order {{ order.number }}", "button_link": LINK}
LINES = [
    {"name": "Red roses", "quantity": "2", "unit_price": "30.00"},
    {"name": "Vase", "quantity": "1", "unit_price": "26.50"},
]


def prepared(look: EmailLook | None = LOOK, order: dict[str, Any] | None = None, **settings: str) -> Prepared:
    moment = replace(situation(**(order or {"lines": LINES})), look=look)
    (message,) = EMAIL.prepare({**SETTINGS, **settings}, moment)
    return message


def layout(**settings: Any) -> Any:
    return prepared(**settings).extra["layout"]


def test_a_store_without_a_look_sends_the_words_alone() -> None:
    assert prepared(look=None).extra == {}


def test_an_action_can_send_a_plain_email_in_a_store_with_a_look() -> None:
    assert prepared().extra
    (plain,) = EMAIL.prepare({**SETTINGS, "look": "plain"}, replace(situation(), look=LOOK))
    assert plain.extra == {}


def test_the_button_of_a_plain_email_is_a_line_of_text() -> None:
    message = prepared(look=None, **BUTTON)
    assert message.body.endswith("\n\nSee order 1042:\nhttps://shop.example/o/1042")


def test_the_order_stands_below_the_text_with_its_total() -> None:
    table = layout(order={"lines": LINES, "payment_status": "unpaid"})["table"]
    assert list(map(tuple, table["lines"])) == [("2 × Red roses", "£60.00"), ("1 × Vase", "£26.50")]
    assert table["total"] == ("Total", "£86.50")


def test_what_is_added_stands_above_the_total_and_what_is_in_it_below() -> None:
    amounts = {"shipping": "4.95", "discount": "5.00", "tax": "14.41", "amount_refunded": "10.00"}
    order = {"lines": LINES, "payment_status": "unpaid", "balance_due": "76.50", **amounts}
    table = layout(order=order)["table"]
    assert list(map(tuple, table["sums"])) == [("Delivery", "£4.95"), ("Discount", "−£5.00")]
    assert list(map(tuple, table["below"])) == [
        ("Tax included", "£14.41"),
        ("Refunded", "−£10.00"),
        ("Still to pay", "£76.50"),
    ]


def test_a_paid_order_says_so() -> None:
    paid = {"lines": LINES, "payment_status": "paid"}
    assert layout(order=paid)["table"]["total"][0] == "Total, paid"


@pytest.mark.parametrize(
    "settings",
    [{"lines": "none"}, {"message": "{% for line in order.lines %}{{ line.name }} {% endfor %}"}],
)
def test_the_order_is_not_shown_twice_nor_where_it_is_not_wanted(settings: dict[str, str]) -> None:
    assert "table" not in layout(**settings)


def test_a_long_order_says_how_many_lines_are_left_out() -> None:
    lines = layout(order={"lines": LINES[:1] * (MOST_LINES + 5)})["table"]["lines"]
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == ("+ 5", "")


def test_only_the_customer_is_told_why_they_get_it() -> None:
    assert layout()["why"] == "You get this because you ordered from us."
    (message, *_) = EMAIL.prepare({**SETTINGS, "to": "manager"}, replace(situation(), look=LOOK))
    assert "why" not in message.extra["layout"]


def test_a_button_that_leads_nowhere_is_a_skip_with_its_reason() -> None:
    with pytest.raises(Skipped, match=r"The button “Pay” leads to “n/a”, which is not a web address\."):
        prepared(button="Pay", button_link="{{ 'n/a' }}")
    with pytest.raises(Skipped, match=r"The button “Pay” leads nowhere for this record\."):
        prepared(button="Pay", button_link="{{ order.note }}")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "https://a b"]
)
def test_a_button_leads_only_to_the_web(link: str) -> None:
    with pytest.raises(Skipped):
        prepared(button="Pay", button_link="{{ '" + link + "' }}")


@pytest.mark.parametrize(
    ("settings", "path", "sentence"),
    [
        ({"button": "Pay"}, "settings.button_link", "Enter the web address the button leads to."),
        ({"button_link": "https://a.example"}, "settings.button", "Enter what the button says."),
        (
            {"button": "Pay", "button_link": "shop.example"},
            "settings.button_link",
            "Enter a whole web address, such as https://shop.example/orders.",
        ),
        ({"look": "pink"}, "settings.look", "Choose the store’s look or plain text."),
        ({"lines": "some"}, "settings.lines", "Choose whether the items of the order are shown."),
        (
            {"button": "{{ order.nmber }}", "button_link": LINK},
            "settings.button",
            "Line 1, column 4: “order.nmber” is not a field of an order. Did you mean “order.number”?",
        ),
    ],
)
def test_what_is_wrong_is_said_when_it_is_saved(settings: dict[str, str], path: str, sentence: str) -> None:
    (problem,) = EMAIL.check({**SETTINGS, **settings}, SUBJECTS["order"])
    assert problem.path == path
    assert problem.sentence.split(":")[0] == sentence.split(":", maxsplit=1)[0]


def test_settings_leave_out_what_has_its_default() -> None:
    form = EmailForm(data=SETTINGS)
    assert form.to_settings() == SETTINGS
    assert EmailForm(data={**SETTINGS, "look": "plain"}).to_settings() == {**SETTINGS, "look": "plain"}


def test_marketing_says_why_and_how_to_end_it() -> None:
    url = "https://bloom.example/unsubscribe/x"
    moment = replace(situation(), look=LOOK)
    moment = replace(moment, context={**moment.context, CONTEXT: {"consent": True, "unsubscribe_url": url}})
    settings = {"channel": "email", "subject": "News", "message": "Hello", **BUTTON}
    (message,) = MARKETING.prepare(settings, moment)
    assert message.body == "Hello"
    email = outgoing(message, NoFiles(), "run-1")
    assert email.unsubscribe_url == url
    assert f"Unsubscribe:\n{url}" in email.text
    assert f'href="{url}"' in email.html
    assert "You get this because you agreed to hear from us." in email.html
    assert "table" not in message.extra["layout"]


class Shelf:
    def read(self, id: int) -> StoredFile | None:
        return StoredFile("logo.png", "image/png", b"png") if id == 7 else None


def test_the_logo_is_a_picture_of_the_email_and_its_name_where_it_is_gone() -> None:
    look = replace(LOOK, logo=7, width=10, height=10)
    email = outgoing(prepared(look=look), Shelf(), "run-1")
    assert [(one.name, one.content) for one in email.pictures] == [("logo", b"png")]
    assert 'src="cid:logo"' in email.html
    gone = outgoing(prepared(look=replace(look, logo=8)), Shelf(), "run-1")
    assert gone.pictures == ()
    assert "<img" not in gone.html
