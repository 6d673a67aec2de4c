"""Tells the managers what the program did of its own accord: under the bell, by email and in the chat."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import CHAT, EMAIL, Prepared
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.models.settings import email_server, providers
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.people import Membership, User
from automations.models.tables.run import WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.providers.store_connectors import sender_of
from automations.pipeline.runs import relay_signal

ROLES = ("admin", "manager")
KIND = "notify"
#: The first place of a message that no action of the version asks for: behind all of those.
BEHIND = 1000


@dataclass(frozen=True, slots=True)
class News:
    """What is told, and the evaluation it came of: its log shows the email as one more run."""

    evaluation_id: int
    title: str
    body: str


def managers(session: Session, news: News, now: dt.datetime) -> None:
    """Tell everybody who may do something about it, inside write(); what goes outside is a run."""
    evaluation = session.get_one(Evaluation, news.evaluation_id)
    occurrence = session.get_one(Occurrence, evaluation.occurrence_id)
    people = _people(session, evaluation.store_id)
    for user in people:
        one = Notification(store_id=evaluation.store_id, user_id=user.id, created_at=now)
        one.title, one.body = news.title, news.body
        one.subject, one.record_id = occurrence.subject, occurrence.record_id
        session.add(one)
    messages = _messages(session, session.get_one(Store, evaluation.store_id), people, news)
    if messages:
        run = Run(store_id=evaluation.store_id, evaluation_id=evaluation.id, kind=KIND, state=WAITING)
        run.position, run.due_at = _place(session, evaluation.id), now
        run.prepared = [one.to_data() for one in messages]
        session.add(run)
        relay_signal.on_commit(session)
    session.flush()


def _people(session: Session, store_id: int) -> list[User]:
    mine = sa.select(User).join(Membership, Membership.user_id == User.id)
    able = mine.where(Membership.store_id == store_id, Membership.role.in_(ROLES))
    return list(session.scalars(able.where(User.disabled_at.is_(None)).order_by(User.id)))


def _messages(session: Session, store: Store, people: list[User], news: News) -> list[Prepared]:
    """What leaves the shop: an email to each where a mail server is set, a notice where a chat is."""
    known, found = providers.by_kind(session, store.id), []
    mail, chat = known.get(email_server.KIND), known.get(providers.CHAT)
    sender = sender_of(store)
    for user in people if mail and mail.settings.get("host") else ():
        try:
            to = EmailContact.parse(user.email, user.name)
        except InvalidContact:
            continue
        words = (to.address, to.name, news.title, news.body, sender.address, sender.name, EMAIL)
        found.append(Prepared(KIND, *words))
    if chat and chat.secret:
        found.append(Prepared(KIND, "the chat", "", news.title, news.body, channel=CHAT))
    return found


def _place(session: Session, evaluation_id: int) -> int:
    last = sa.select(sa.func.max(Run.position)).where(Run.evaluation_id == evaluation_id)
    return max(BEHIND, (session.scalar(last) or 0) + 1)
