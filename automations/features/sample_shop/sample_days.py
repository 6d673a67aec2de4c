"""The daily life of the sample shop: dates reached, tasks done, a campaign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from automations.features.audience import campaign_edits, campaign_sending, segment_edits
from automations.features.sample_shop.sample_history import DAY, HOUR, MINUTE, HistoryStep, Shop
from automations.features.scheduling import scan
from automations.models.inbox import task_changes
from automations.models.tables.notification import Notification
from automations.models.tables.segment import Segment
from automations.models.tables.task import DONE, OPEN, Task

READERS = "Newsletter readers"
_AGREED: list[dict[str, Any]] = [
    {"field": "tags", "operator": "is_one_of", "value": ["newsletter", "VIP"]},
    {"field": "marketing_consent", "operator": "equals", "value": "yes"},
]
MONDAY = 0
_HELLO = "Hello {{ customer.first_name | default: customer.name }},\n\n"
_BYE = "\n\nKind regards\n{{ store.name }}"


@dataclass(frozen=True, slots=True)
class Morning:
    """The dates are scanned; on Mondays the manager reads the notifications and finishes the open tasks."""

    at: dt.datetime

    def take(self, shop: Shop) -> None:
        shop.fired = scan.scan_here(shop.session, shop.store.id, self.at) > 0 or shop.fired
        if self.at.weekday() == MONDAY:
            self._tidy(shop)

    def _tidy(self, shop: Shop) -> None:
        old = self.at - DAY
        read = sa.update(Notification).where(
            Notification.store_id == shop.store.id, Notification.created_at < old
        )
        shop.session.execute(read.where(Notification.read_at.is_(None)).values(read_at=self.at))
        open_tasks = sa.select(Task).where(Task.store_id == shop.store.id, Task.state == OPEN)
        for task in shop.session.scalars(open_tasks.where(Task.created_at < old)).all():
            for place in range(len(task.checklist)):
                task_changes.tick(shop.session, task.id, place, True)
            task_changes.set_state(shop.session, task.id, DONE, shop.manager.id, self.at)


@dataclass(frozen=True, slots=True)
class NewSegment:
    """The manager creates a segment of the customers with consent."""

    at: dt.datetime

    def take(self, shop: Shop) -> None:
        segment_edits.save(shop.session, shop.store, shop.manager, None, READERS, _AGREED, self.at)


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign to the segment: sent at once, or still to be reviewed."""

    at: dt.datetime
    name: str
    subject: str
    message: str
    sent: bool = True

    def take(self, shop: Shop) -> None:
        session, store = shop.session, shop.store
        segment = session.query(Segment).filter_by(store_id=store.id, name=READERS).one()
        settings = {"channel": "email", "subject": self.subject, "message": _HELLO + self.message + _BYE}
        made = campaign_edits.create(session, store, shop.manager, segment, self.name, settings, 14, self.at)
        if self.sent:
            campaign_edits.start(session, made, shop.manager, self.at)
            more = True
            while more:
                _, more = campaign_sending.send_chunk(session, made.id, self.at)


def stories(start: dt.datetime, days: int) -> Iterator[HistoryStep]:
    """Return the step of every morning, and the campaigns near the end."""
    for n in range(1, days + 1):
        yield Morning(start + n * DAY + 9 * HOUR + MINUTE)
    news = start + (days - 6) * DAY + 10 * HOUR
    yield NewSegment(news)
    yield NewCampaign(
        news + 20 * MINUTE,
        "Winter wreaths",
        "Winter wreaths are here",
        "our first wreaths are in the window. Come and see them, or order one for the weekend.",
    )
    yield NewCampaign(
        news + 5 * DAY,
        "Workshop in January",
        "Make your own table wreath",
        "on the second Saturday of January we show how it is done. Ten places, flowers included.",
        sent=False,
    )
