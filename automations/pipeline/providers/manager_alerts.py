"""Alerts managers to what the program did by itself: as a notification, by email and in the chat."""

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
#: The first position of an alert's run: behind those of all actions of the version.
BEHIND = 1000


@dataclass(frozen=True, slots=True)
class Alert:
    """What the managers are told, and the evaluation that led to it, whose log shows it as another run."""

    evaluation_id: int
    title: str
    body: str
    #: The page that the notification leads to instead of the record.
    path: str | None = None


def alert_managers(session: Session, alert: Alert, now: dt.datetime) -> None:
    """Notify everyone in ROLES, inside write(); the email and chat messages leave as one run."""
    evaluation = session.get_one(Evaluation, alert.evaluation_id)
    occurrence = session.get_one(Occurrence, evaluation.occurrence_id)
    people = people_of(session, evaluation.store_id)
    for user in people:
        notification = Notification(store_id=evaluation.store_id, user_id=user.id, created_at=now)
        notification.title, notification.body = alert.title, alert.body
        notification.path = alert.path
        if not alert.path:
            notification.subject, notification.record_id = occurrence.subject, occurrence.record_id
        session.add(notification)
    messages = _messages(session, session.get_one(Store, evaluation.store_id), people, alert)
    if messages:
        run = Run(store_id=evaluation.store_id, evaluation_id=evaluation.id, kind=KIND, state=WAITING)
        run.position, run.due_at = _place(session, evaluation.id), now
        run.prepared = [notification.to_data() for notification in messages]
        session.add(run)
        relay_signal.on_commit(session)
    session.flush()


def people_of(session: Session, store_id: int) -> list[User]:
    """Return the people of a store who are told: everyone in ROLES who is not disabled."""
    users = sa.select(User).join(Membership, Membership.user_id == User.id)
    managers = users.where(Membership.store_id == store_id, Membership.role.in_(ROLES))
    return list(session.scalars(managers.where(User.disabled_at.is_(None)).order_by(User.id)))


def _messages(session: Session, store: Store, people: list[User], alert: Alert) -> list[Prepared]:
    """Return the messages to send: an email to each if a mail server is set, one to the chat if it is set."""
    settings, messages = providers.by_kind(session, store.id), []
    mail, chat = settings.get(email_server.KIND), settings.get(providers.CHAT)
    sender = sender_of(store)
    for user in people if mail and mail.settings.get("host") else ():
        try:
            to = EmailContact.parse(user.email, user.name)
        except InvalidContact:
            continue
        words = (to.address, to.name, alert.title, alert.body, sender.address, sender.name, EMAIL)
        messages.append(Prepared(KIND, *words))
    if chat and chat.secret:
        messages.append(Prepared(KIND, "the chat", "", alert.title, alert.body, channel=CHAT))
    return messages


def _place(session: Session, evaluation_id: int) -> int:
    last = sa.select(sa.func.max(Run.position)).where(Run.evaluation_id == evaluation_id)
    return max(BEHIND, (session.scalar(last) or 0) + 1)
