"""The queries that find records by their numbers and their customers, said once; each answers with ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa

from automations.models.db.column_types import Id
from automations.models.db.fast_select import Lookup, fixed, in_list
from automations.models.db.text_search import is_between
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.search_word import SearchProgress

MODELS: Mapping[str, Any] = {"order": Order, "event": Event, "customer": Customer}


def _numbered(model: Any, dialect: str) -> sa.Select[Any]:
    of_store = model.store_id == sa.bindparam("store_id", type_=Id)
    return _some(model).where(of_store, is_between(model.number, dialect))


def _of_people(model: Any, dialect: str) -> sa.Select[Any]:
    # The customers are the store's, so their records are.
    return _some(model).where(in_list(model.customer_id, "people", dialect))


def _of_people_from(model: Any, dialect: str) -> sa.Select[Any]:
    return _of_people(model, dialect).where(model.id >= sa.bindparam("start", type_=Id))


def _progress(dialect: str) -> sa.SelectBase:
    return sa.select(SearchProgress.occurrence_id, SearchProgress.customer_id)


def _new_customers(dialect: str) -> sa.Select[Any]:
    of_store = Occurrence.store_id == sa.bindparam("store_id", type_=Id)
    after = Occurrence.id > sa.bindparam("taken", type_=Id)
    query = sa.select(Occurrence.record_id).where(of_store, Occurrence.subject == fixed("customer"), after)
    return query.order_by(Occurrence.id.desc()).limit(sa.bindparam("limit", type_=sa.Integer()))


def _some(model: Any) -> sa.Select[Any]:
    """Select some records below an id, in no order."""
    below = model.id < sa.bindparam("before", type_=Id)
    return sa.select(model.id).where(below).limit(sa.bindparam("limit", type_=sa.Integer()))


def _each(make: Callable[[Any, str], sa.Select[Any]], *subjects: str) -> Mapping[str, Lookup]:
    return {subject: Lookup(partial(make, MODELS[subject])) for subject in subjects}


#: Records whose number begins with one spelling of a text.
NUMBERED = _each(_numbered, *MODELS)
#: Records of some customers.
OF_PEOPLE = _each(_of_people, "order", "event")
#: The same from an id on.
OF_PEOPLE_FROM = _each(_of_people_from, "order", "event")
#: How far the words of changed records, and of older customers, are kept.
PROGRESS = Lookup(_progress)
#: The customers of the newest changes whose words may not be kept yet.
NEW_CUSTOMERS = Lookup(_new_customers)
