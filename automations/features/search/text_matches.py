"""Conditions that a record matches a text: by its number, by how names begin, and by its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search import finding
from automations.features.search.finding import FoundIds
from automations.models.db.text_search import begins, near, starts_as
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.search_word import SearchProgress
from automations.models.tables.store import Store

#: The most customers of the same name whose orders are searched for a list.
NAMESAKES = 200
#: So many matches of each way to find some are read for a page of a list.
LISTED = 500
#: Of two words that many records have, but few of them both, so many pieces of the newest are looked through.
LOOKS = 4
#: Of very many matches, so many of the newest records are looked through.
WALKED = 20_000
#: The newest changes of customers whose words may not be kept yet.
NEW = 2_000
LONGEST = 100
#: Of so many words of a text one may be the number, and the others the name of the customer.
MIXED = 4
MODELS: Mapping[str, Any] = {"order": Order, "event": Event, "customer": Customer}


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
    session: Session,
    store: Store,
    subject: str,
    text: str,
    before: int | None,
    of_people: Sequence[int] | None = None,
    most: int | None = None,
) -> tuple[sa.ColumnElement[bool], int | None]:
    """Return the condition for the newest matches below the id `before`, found by indexes only.

    With it comes the id below which there may be more matches; None if these are all. `of_people` is what
    `people` answered for the text, for who needs a few of each subject and no id to go on from; `most` is
    how many are needed, LISTED for a list.
    """
    model, text, most = MODELS[subject], text.strip()[:LONGEST], most or LISTED
    if model is Customer and of_people is not None:
        # They were found by the words and by how their names begin.
        numbered = _numbered(session, store, model, text, before)
        theirs = FoundIds(sorted(of_people, reverse=True), complete=True)
        return model.id.in_(finding.together([numbered, theirs], 3 * most).ids), None
    if model is Customer:
        others = _just_named(session, store, text)
    else:
        ids = people(session, store, text) if of_people is None else of_people
        # A sum, or SQLite may walk through the whole store to find those of a few customers.
        others = [sa.and_(model.store_id + 0 == store.id, model.customer_id.in_(ids))]
        others += _numbered_of_people(session, store, model, text)
    found: list[int] = []
    looks, down_to = 0, before
    while looks < LOOKS and len(found) < min(most, finding.ENOUGH):
        parts = [
            _numbered(session, store, model, text, down_to),
            finding.find(session, store, subject, text, down_to, most),
            _finished(session, others, model, down_to),
        ]
        some = finding.together(parts, 3 * most)
        found, looks, down_to = [*found, *some.ids], looks + 1, some.down_to
        if down_to is None:
            break
    return model.id.in_(found), down_to


def people(session: Session, store: Store, text: str) -> list[int]:
    """Return the ids of customers found by the words or by how a name begins, about NAMESAKES at most.

    New customers are found by how their names begin at once, by their words a moment later.
    """
    by_words = finding.find(session, store, "customer", text, most=NAMESAKES)
    named = _finished(session, _just_named(session, store, text), Customer, None)
    return [*by_words.ids, *named.ids[:NAMESAKES]]


def _just_named(session: Session, store: Store, text: str) -> list[sa.ColumnElement[bool]]:
    """Return the condition that a customer whose words are not kept yet is found by how a name begins.

    Without such customers, there is none.
    """
    named = sa.and_(Customer.store_id == store.id, _named(text))
    progress = session.scalars(sa.select(SearchProgress)).one_or_none()
    if progress is None or progress.customer_id:
        return [named]
    of_customers = sa.and_(Occurrence.store_id == store.id, Occurrence.subject == "customer")
    new = sa.select(Occurrence.record_id).where(of_customers, Occurrence.id > progress.occurrence_id)
    ids = session.scalars(new.order_by(Occurrence.id.desc()).limit(NEW)).all()
    return [sa.and_(Customer.id.in_(sorted({*ids})), named)] if ids else []


def _numbered(session: Session, store: Store, model: Any, text: str, before: int | None) -> FoundIds:
    of_store = model.store_id == store.id
    spelled = [sa.and_(of_store, starts_as(model.number, spelling)) for spelling in _spellings(text)]
    return _finished(session, spelled, model, before)


def _numbered_of_people(
    session: Session, store: Store, model: Any, text: str
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a word is the number and the other words are of the customer."""
    found: list[sa.ColumnElement[bool]] = []
    for word, others in _numbers_and_names(text):
        ids = people(session, store, others)
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
    session: Session, conditions: Sequence[sa.ColumnElement[bool]], model: Any, before: int | None
) -> FoundIds:
    """Return the newest records that meet one of the conditions, each of which is read by its own index."""
    ids: set[int] = set()
    complete = True
    for condition in conditions:
        query = sa.select(model.id).where(condition)
        query = query if before is None else query.where(model.id < before)
        few = session.scalars(query.limit(LISTED + 1)).all()
        if len(few) > LISTED:
            complete, few = False, _newest_of_many(session, query, model, before)
        ids.update(few)
    newest = sorted(ids, reverse=True)[:LISTED]
    complete = complete and len(ids) <= LISTED
    return FoundIds(newest, complete, None if complete else newest[-1])


def _newest_of_many(session: Session, query: sa.Select[int], model: Any, before: int | None) -> Sequence[int]:
    """Return the newest of very many matches: mostly they are among the newest records."""
    top = before if before is not None else session.scalar(sa.select(sa.func.max(model.id))) or 0
    near = query.where(model.id >= top - WALKED).order_by(model.id.desc())
    found = session.scalars(near.limit(LISTED)).all()
    if len(found) == LISTED:
        return found
    # A sum keeps the databases from walking through everything.
    return session.scalars(query.order_by((model.id + 0).desc()).limit(LISTED)).all()


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
