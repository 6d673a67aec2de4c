"""What is older than the connection it comes by: taken in quietly, because its beginning is no news.

A shop resends an order at every edit, also one of last year that was never sent here. Were it taken for a new
one, a welcome would go out for it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from automations.pipeline.sources.outcome import Taking

#: The option that says after how many days it is quiet, 0 for never, and what it is if nobody has chosen.
OPTION, USUAL = "quiet_after", 7
CHOICES = (1, 3, 7, 14, 30, 0)
#: A refund that was made is another matter.
_MADE = re.compile(r"(?:^|[./])(?:order|event|customer)s?[./]created?(?:[./]v\d+)?$")
_RESTORED = re.compile(r"(?:^|[./])orders?[./]restored$")
#: Goes behind the sentence about such a record.
WHY = "It is from before this shop was connected, so it was added quietly: nothing fired for it."


def quietly(taking: Taking, made_at: object, told_at: dt.datetime | None) -> Taking:
    """Return how a record is taken that the shop made at `made_at` and that is seen for the first time.

    It is quiet only if it was made before the connection, and long before what is said of it now, and the
    message is not the one that tells of its making. An order that was asked for is news of today.
    """
    days = int(taking.connection.options.get(OPTION, USUAL))
    if not days or taking.says_new or not isinstance(made_at, dt.datetime):
        return taking
    news = taking.now if taking.is_found or told_at is None else min(told_at, taking.now)
    if made_at >= taking.connection.created_at or news - made_at <= dt.timedelta(days=days):
        return taking
    return replace(taking, cause=replace(taking.cause, quiet=True))


def says_back(topic: str) -> bool:
    """Return whether the topic of a message is that what was deleted is there again: order.restored."""
    return bool(_RESTORED.search(topic.lower()))


def says_new(topic: str) -> bool:
    """Return whether the topic of a message is that something was made: orders/create, order.created."""
    return bool(_MADE.search(topic.lower()))
