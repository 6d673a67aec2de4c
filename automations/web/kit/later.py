"""Parts of a page that have to read much: the page is shown without them and loads them after.

With JavaScript the part takes its place by itself; without, a link opens the page with it.
"""

from __future__ import annotations

import sqlalchemy as sa
from flask import g, request

from automations.models.db.base import db
from automations.models.db.newest_first import of_store
from automations.models.tables.occurrence import Occurrence
from automations.web.kit.paging import with_arguments

#: The argument of an address that asks for the whole page.
WHOLE = "whole"
#: With more occurrences than this, reading a store's past takes longer than a page may.
SHORT_PAST = 5_000


def address_of_whole(reads_much: bool) -> str:
    """Return where the part is loaded from; "" if it reads little, or is asked for now."""
    return with_arguments(**{WHOLE: "1"}) if reads_much and not request.args.get(WHOLE) else ""


def past_is_long() -> bool:
    """Return whether more happened in the store than can be read while a page is made."""
    newest = of_store(sa.select(Occurrence.id), Occurrence, g.store.id)
    return db.session.scalar(newest.offset(SHORT_PAST).limit(1)) is not None
