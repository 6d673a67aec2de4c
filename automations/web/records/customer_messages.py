"""The messages of a customer: what is coming, what became of each, and what stands in the way of the next."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, request

from automations.features.audience.campaigns_ahead import campaigns_ahead
from automations.features.history import caps_left, customer_ahead, customer_timeline
from automations.features.history.customer_ahead import PlannedMessage
from automations.features.history.customer_timeline import EVALUATION, RUN, TimelineEntry, TimelinePlace
from automations.features.privacy.erasure import is_erased
from automations.models.accounts import merged_customers
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.pipeline.evaluation.quiet_hours import after_quiet_hours, span_of
from automations.web.kit import paging, template_filters
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.scope import LARGEST_ID
from automations.web.records.contact_marks import bad_email, bad_phone
from automations.web.records.kind_pages import KINDS, record_or_404, store_words, url_of

bp = Blueprint("customer_messages", __name__)

#: Messages on the customer's own page, and what is coming there.
FIRST, COMING = 8, 10
_SOURCES = {"r": RUN, "e": EVALUATION}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@bp.get("/customers/<number>/messages")
def index(number: str) -> Response:
    """Show every message, or for htmx only the list."""
    customer = record_or_404(KINDS["customers"], number)
    shown = context(cast(Customer, customer), _asked_for(), customer_timeline.LENGTH)
    page = {"kind": KINDS["customers"], "record": customer, **shown}
    return render_part_or_page("timeline/_messages.html", "timeline/index.html", **page)


def context(customer: Customer, below: TimelinePlace | None = None, limit: int = FIRST) -> dict[str, Any]:
    """Return what the templates of the timeline show; an erased customer has none."""
    session, now, ids = db.session(), dt.datetime.now(dt.UTC), shown_ids(customer)
    if not ids:
        return {"timeline": None}
    page = customer_timeline.timeline(session, store_words(), ids, now, below, limit)
    days = groupby(page.entries, lambda entry: entry.place.at.astimezone(template_filters.zone()).date())
    url = KINDS["customers"].url(customer)
    return {
        "timeline": [(day, list(entries)) for day, entries in days],
        "messages_url": f"{url}/messages",
        "older_messages": f"{url}/messages?before={_text(page.next)}" if page.next else "",
        "newest_messages": paging.newest_url() if below else "",
        "url_of": url_of,
        "coming": [] if below else coming(customer, ids, now),
        **_reach(customer, ids, now),
    }


def shown_ids(customer: Customer) -> list[int]:
    """Return the ids under which the customer's messages stand; none once they are erased."""
    return [] if is_erased(customer) else merged_customers.ids_of(db.session(), customer.id)


def coming(customer: Customer, ids: list[int], now: dt.datetime) -> list[TimelineEntry | PlannedMessage]:
    """Return what waits and what is planned, soonest first."""
    session = db.session()
    messages: list[TimelineEntry | PlannedMessage] = []
    messages += customer_timeline.waiting(session, store_words(), ids, now, COMING)
    messages += customer_ahead.planned(session, g.store, customer.id, now, COMING)
    return sorted(messages, key=lambda message: message.at)[:COMING]


def _reach(customer: Customer, ids: list[int], now: dt.datetime) -> dict[str, Any]:
    """Return what stands between the customer and the next message."""
    session, zone = db.session(), ZoneInfo(g.store.timezone)
    span, ends = span_of(g.store.quiet_hours), after_quiet_hours(now, zone, g.store.quiet_hours)
    caps = caps_left.caps_used(session, g.store, ids, now)
    return {
        "caps": caps,
        "caps_left": caps_left.limited(session, g.store) - len({cap.automation_id for cap in caps}),
        "marketing": caps_left.marketing_lately(session, ids, now),
        "campaigns": campaigns_ahead(session, g.store, customer, now),
        "quiet_span": span,
        "quiet_until": ends if ends > now else None,
        "no_email": not customer.email or bad_email(customer.email),
        "no_phone": not customer.phone or bad_phone(customer.phone),
        "words": store_words(),
    }


def _asked_for() -> TimelinePlace | None:
    """Return the place that the address continues below; None if it names none."""
    source, _, rest = request.args.get("before", "")[:60].partition("-")
    at, _, id = rest.partition("-")
    numbers = all(text.isascii() and text.isdigit() and len(text) < 19 for text in (at, id))
    if source not in _SOURCES or not numbers or int(at) > 250_000_000_000_000_000:
        return None
    return TimelinePlace(_EPOCH + int(at) * _MICROSECOND, _SOURCES[source], min(int(id), LARGEST_ID))


def _text(place: TimelinePlace) -> str:
    return f"{place.source[0]}-{(place.at - _EPOCH) // _MICROSECOND}-{place.id}"
