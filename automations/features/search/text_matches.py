"""Conditions that a record matches a text: by its number, by how names begin, and by its words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search import finding
from automations.features.search.finding import LAST, FoundIds
from automations.features.search.record_queries import (
    MODELS,
    NEW_CUSTOMERS,
    NUMBERED,
    OF_PEOPLE,
    OF_PEOPLE_FROM,
    PROGRESS,
)
from automations.models.db.newest_first import LONGER, newest_of_many, newest_of_store
from automations.models.db.text_search import begins, near, starts_as, starts_between
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store

#: The most customers of the same name whose orders are searched for a list.
NAMESAKES = 200
#: So many matches of each way to find some are read for a page of a list.
LISTED = 500
#: Of two words that many records have, but few of them both, so many pieces of the newest are looked through.
LOOKS = 4
#: Those of people are looked for among so many of the newest records first.
STEP = 2_000
#: Of very many matches that an index finds, so many are sorted where they are not among the newest records.
SORTED = 20_000
#: The newest changes of customers whose words may not be kept yet.
NEW = 2_000
LONGEST = 100
#: Of so many words of a text one may be the number, and the others the name of the customer.
MIXED = 4
#: What was found in one way, and whether it is all there is.
_Part = tuple[Sequence[int], bool]


class SoughtText:
    """What a text asks for in a store, looked up once for records of all kinds."""

    def __init__(self, session: Session, store: Store, text: str) -> None:
        self.session, self.store, self.text = session, store, text.strip()[:LONGEST]

    @cached_property
    def ways(self) -> finding.Ways:
        """The words of the store that it may mean."""
        return finding.ways(self.session, self.store, self.text)

    @cached_property
    def people(self) -> list[int]:
        """The ids of customers found by the words or by how a name begins, about NAMESAKES at most.

        New customers are found by how their names begin at once, by their words a moment later.
        """
        by_words = finding.find(self.session, "customer", self.ways, most=NAMESAKES)
        named = _finished(
            self.session, self.store, _just_named(self.session, self.store, self.text), Customer, None
        )
        return [*by_words.ids, *named.ids[:NAMESAKES]]


def every_match(store: Store, subject: str, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a record matches, for reading every match; lists use `newest`."""
    model, text = MODELS[subject], text.strip()[:LONGEST]
    by_words = finding.condition(store, subject, model.id, text)
    person = sa.or_(_named(text), finding.condition(store, "customer", Customer.id, text))
    if model is Customer:
        return sa.or_(starts_with(model.number, text), person, by_words)
    of_them = sa.select(Customer.id).where(Customer.store_id == store.id, person)
    both = [_numbered_and_named(store, model, *pair) for pair in _numbers_and_names(text)]
    return sa.or_(starts_with(model.number, text), model.customer_id.in_(of_them), by_words, *both)


def _numbered_and_named(store: Store, model: Any, word: str, others: str) -> sa.ColumnElement[bool]:
    person = sa.or_(_named(others), finding.condition(store, "customer", Customer.id, others))
    of_them = sa.select(Customer.id).where(Customer.store_id == store.id, person)
    return sa.and_(starts_with(model.number, word), model.customer_id.in_(of_them))


def newest(
    sought: SoughtText, subject: str, before: int | None, most: int | None = None
) -> tuple[sa.ColumnElement[bool], int | None]:
    """Return the condition for the newest matches below the id `before`, found by indexes only.

    With it comes the id below which there may be more matches; None if these are all. `most` is how many
    are needed by who wants a few of each subject, and no id to go on from; it is LISTED for a list.
    """
    session, store, model, text = sought.session, sought.store, MODELS[subject], sought.text
    if model is Customer and most:
        # They were found by the words and by how their names begin.
        numbered = _numbered(session, store, subject, text, before)
        theirs = FoundIds(sorted(sought.people, reverse=True), complete=True)
        return model.id.in_(finding.together([numbered, theirs], 3 * most).ids), None
    most = most or LISTED
    if model is Customer:
        others = _just_named(session, store, text)
    else:
        others = _numbered_of_people(session, store, model, text)
    found: list[int] = []
    looks, down_to = 0, before
    while looks < LOOKS and len(found) < min(most, finding.ENOUGH):
        parts = [
            _numbered(session, store, subject, text, down_to),
            finding.find(session, subject, sought.ways, down_to, most),
            _finished(session, store, others, model, down_to),
        ]
        if model is not Customer:
            parts.append(_newest([_of_people(session, store, subject, sought.people, down_to)]))
        some = finding.together(parts, 3 * most)
        found, looks, down_to = [*found, *some.ids], looks + 1, some.down_to
        if down_to is None:
            break
    return model.id.in_(found), down_to


def _just_named(session: Session, store: Store, text: str) -> list[sa.ColumnElement[bool]]:
    """Return the condition that a customer whose words are not kept yet is found by how a name begins.

    Without such customers, there is none.
    """
    progress = PROGRESS.first(session)
    if progress is None or progress["customer_id"]:
        return [sa.and_(Customer.store_id == store.id, _named(text))]
    some = {"store_id": store.id, "taken": progress["occurrence_id"], "limit": NEW}
    ids = NEW_CUSTOMERS.ids(session, **some)
    of_them = sa.and_(Customer.id.in_(sorted({*ids})), Customer.store_id == store.id)
    return [sa.and_(of_them, _named(text))] if ids else []


def _numbered(session: Session, store: Store, subject: str, text: str, before: int | None) -> FoundIds:
    parts: list[_Part] = []
    for spelling in _spellings(text):
        some = {"store_id": store.id, "before": before or LAST, **starts_between(spelling)}
        ids: Sequence[int] = NUMBERED[subject].ids(session, limit=LISTED + 1, **some)
        if complete := len(ids) <= LISTED:
            parts.append((ids, complete))
            continue
        model = MODELS[subject]
        query = sa.select(model.id).where(model.store_id == store.id, starts_as(model.number, spelling))
        parts.append((_newest_of_many(session, store, query, model, before), complete))
    return _newest(parts)


def _of_people(
    session: Session, store: Store, subject: str, people: Sequence[int], before: int | None
) -> _Part:
    """Return records of these customers, and whether they are all below `before`; the newest if not."""
    some = {"people": people, "before": before or LAST}
    ids = OF_PEOPLE[subject].ids(session, limit=LISTED + 1, **some) if people else []
    if len(ids) <= LISTED:
        return ids, True
    # Never all of them: each customer may have very many.
    below = newest_of_store(session, MODELS[subject], store.id) + 1 if before is None else before
    found: list[int] = []
    step = STEP
    while len(found) < LISTED and below > 0:
        start = max(below - step, 0)
        some = {"people": people, "before": below, "start": start}
        found += OF_PEOPLE_FROM[subject].ids(session, limit=below - start, **some)
        below, step = start, step * LONGER
    return found, False


def _numbered_of_people(
    session: Session, store: Store, model: Any, text: str
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a word is the number and the other words are of the customer."""
    found: list[sa.ColumnElement[bool]] = []
    for word, others in _numbers_and_names(text):
        ids = SoughtText(session, store, others).people
        # A sum, as above: those of a few customers are fewer than those of many numbers.
        theirs = sa.and_(model.store_id + 0 == store.id, model.customer_id.in_(ids))
        found += [sa.and_(theirs, starts_with(model.number, word))] if ids else []
    return found


def _numbers_and_names(text: str) -> list[tuple[str, str]]:
    """Return the words with a digit that may be a number, each with the rest of the text, which is a name."""
    words = text.split()
    if len(words) < 2:
        return []
    pairs = [(word, " ".join([*words[:place], *words[place + 1 :]])) for place, word in enumerate(words)]
    return [(word, others) for word, others in pairs[:MIXED] if any(map(str.isdigit, word))]


def _finished(
    session: Session,
    store: Store,
    conditions: Sequence[sa.ColumnElement[bool]],
    model: Any,
    before: int | None,
) -> FoundIds:
    """Return the newest records that meet one of the conditions, each of which is read by its own index."""
    parts: list[_Part] = []
    for condition in conditions:
        query = sa.select(model.id).where(condition)
        query = query if before is None else query.where(model.id < before)
        few = session.scalars(query.limit(LISTED + 1)).all()
        complete = len(few) <= LISTED
        parts.append((few if complete else _newest_of_many(session, store, query, model, before), complete))
    return _newest(parts)


def _newest(parts: Sequence[_Part]) -> FoundIds:
    """Return the newest of what was found in several ways; with each comes whether it is all there is."""
    ids = {id for some, _ in parts for id in some}
    newest = sorted(ids, reverse=True)[:LISTED]
    is_all = all(complete for _, complete in parts) and len(ids) <= LISTED
    return FoundIds(newest, is_all, None if is_all else newest[-1])


def _newest_of_many(
    session: Session, store: Store, query: sa.Select[int], model: Any, before: int | None
) -> Sequence[int]:
    return newest_of_many(session, query, model, store.id, before, LISTED, sortable=SORTED)


def starts_with(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a number begins with `text`, in capitals, in small letters or like Web-1.

    Unlike `begins` it uses the index of the column: a store has more orders than names.
    """
    return sa.or_(*(starts_as(column, spelling) for spelling in _spellings(text)))


def _spellings(text: str) -> list[str]:
    # A shop writes “#1042”, “# 1042” or “#0001042” in its emails, and the number is 1042.
    bare = text.removeprefix("#").lstrip()
    texts = (text, bare or text, bare.lstrip("0") if text.startswith("#") and bare.lstrip("0") else text)
    spelled = ((one, one.upper(), one.lower(), one.title(), one.capitalize()) for one in texts)
    return list(dict.fromkeys(spelling for one in spelled for spelling in one))


def _named(text: str) -> sa.ColumnElement[bool]:
    whole = Customer.first_name + " " + Customer.last_name
    # The whole name has no index, but begins with the first name.
    by_first_name = sa.and_(near(Customer.first_name, text.split(" ", maxsplit=1)[0]), begins(whole, text))
    columns = (Customer.email, Customer.last_name)
    begun = (sa.and_(near(column, text), begins(column, text)) for column in columns)
    return sa.or_(by_first_name, *begun)
