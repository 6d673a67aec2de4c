"""What a PDF of an order says, from the values of its message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from automations.actions.shared.action_kind import Situation
from automations.actions.shared.order_table import order_table
from automations.emails.email_layout import Row
from automations.emails.email_look import EmailLook
from automations.emails.email_words import email_words
from automations.emails.order_document import OrderDocument
from automations.engine.fields.order_delivery import ADDRESS
from automations.messages.date_formats import formatted, moment
from automations.messages.template_values import text

MOST_LINES = 500


def order_paper(situation: Situation) -> OrderDocument:
    """Return the document of the order that a message is about."""
    words, context = email_words(situation.language), situation.context
    order = context.get("order")
    values: Mapping[str, object] = order if isinstance(order, Mapping) else {}
    return OrderDocument(
        look=situation.look or EmailLook(situation.sender.name, email=situation.sender.address),
        title=f"{words['order_title']} {text(values.get('number'))}",
        language=situation.language,
        facts=[row for row in _facts(values, situation, words) if row[1]],
        table=order_table(context, situation.language, MOST_LINES, with_empty=True),
    )


def _facts(order: Mapping[str, object], situation: Situation, words: Mapping[str, str]) -> Iterator[Row]:
    yield words["placed"], _day(order.get("placed_at"), situation)
    customer = situation.context.get("customer")
    yield words["customer"], text(customer.get("name")) if isinstance(customer, Mapping) else ""
    yield words["delivery_day"], _day(order.get("delivery_date"), situation)
    address = order.get("delivery_address")
    parts = (
        [text(address.get(key)) for key in ADDRESS if key != "phone"] if isinstance(address, Mapping) else []
    )
    yield words["delivered_to"], "\n".join(filter(None, (text(order.get("recipient")), *parts)))


def _day(value: object, situation: Situation) -> str:
    when = moment(text(value), situation.zone) if value is not None else None
    return formatted(when, "long", situation.language) if when else ""
