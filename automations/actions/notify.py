"""Notify the store's people in the app, and optionally by email and in the chat."""

from __future__ import annotations

import sqlalchemy as sa
import wtforms
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import internal_recipients, skip_reasons
from automations.actions.shared.action_kind import (
    CHAT,
    EMAIL,
    INSIDE,
    ActionForm,
    Prepared,
    Settings,
    Situation,
    Skipped,
    text_of,
)
from automations.actions.shared.inside_action import (
    EffectContext,
    EffectRefused,
    InsideAction,
    Preview,
    recipient_words,
)
from automations.actions.shared.outgoing_email import send_prepared
from automations.actions.shared.recipients import ROLES, email_contacts, is_person
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.chat import OutgoingNotice
from automations.connectors.connector_set import Connectors
from automations.connectors.plain_text import one_line, plain
from automations.connectors.receipts import Receipt
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem
from automations.engine.wording.formats import Formats
from automations.models.tables.notification import Notification
from automations.models.tables.people import Membership, User

ALSO = {
    "": "Only in the app",
    "email": "By email too",
    "chat": "In the chat too",
    "both": "By email and in the chat",
}
LONGEST_TITLE = 200


class NotifyForm(ActionForm):
    """The recipients and the message."""

    template_fields = ("title", "message")

    to = wtforms.SelectField(
        "Tell", choices=[SelectChoice(*choice) for choice in internal_recipients.CHOICES], default="manager"
    )
    title = wtforms.StringField("Title")
    message = wtforms.TextAreaField("Message", render_kw={"rows": 3})
    also = wtforms.SelectField(
        "Where", choices=[SelectChoice(*choice) for choice in ALSO.items()], default=""
    )


class Notify(InsideAction):
    """One notification per person, and one message per additional channel."""

    key = "notify"
    label = "Notify the team"
    icon = "bell"
    rank = 3
    Form = NotifyForm

    def contacts_customer(self, settings: Settings) -> bool:
        return False

    def summary(self, settings: Settings) -> str:
        return f"notify {internal_recipients.phrase(text_of(settings, 'to'))}"

    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        found = (
            []
            if internal_recipients.is_known(text_of(settings, "to"))
            else [_choose("to", "Choose who is told.")]
        )
        found += problems_of(settings, "title", subject, "Write a title.")
        found += problems_of(settings, "message", subject)
        if text_of(settings, "also") not in ALSO:
            found.append(_choose("also", "Choose where it is told."))
        return found

    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        who = text_of(settings, "to")
        names = internal_recipients.names(who, situation)
        if not names:
            raise Skipped(skip_reasons.nobody_to_tell(internal_recipients.phrase(who)))
        title = one_line(rendered(settings, "title", situation), LONGEST_TITLE)
        if not title:
            raise Skipped(skip_reasons.TITLE_IS_EMPTY)
        body = plain(rendered(settings, "message", situation)).strip()
        first = Prepared(
            kind=self.key,
            to=internal_recipients.phrase(who),
            to_name=names,
            subject=title,
            body=body,
            channel=INSIDE,
            extra={"who": who},
        )
        return [first, *_copies(settings, situation, title, body)]

    def apply(self, session: Session, context: EffectContext, prepared: Prepared) -> str:
        people = _people(session, context.store.id, str(prepared.extra.get("who") or ""))
        if not people:
            raise EffectRefused(f"There is nobody to tell among {prepared.to}.")
        for user_id in people:
            session.add(_notification(context, prepared, user_id))
        session.flush()
        return f"Told {', '.join(people.values())}"

    def preview(self, prepared: Prepared, formats: Formats) -> Preview:
        return Preview(f"A notification for {recipient_words(prepared)}", prepared.subject, prepared.body)

    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        if prepared.channel == CHAT:
            return connectors.chat.send(OutgoingNotice(prepared.subject, prepared.body, key))
        return send_prepared(prepared, connectors, key)


def _choose(name: str, sentence: str) -> Problem:
    return Problem(f"settings.{name}", sentence)


def _copies(settings: Settings, situation: Situation, title: str, body: str) -> list[Prepared]:
    also, found = text_of(settings, "also"), []
    sender = situation.sender
    if also in ("email", "both"):
        found += [
            Prepared(
                Notify.key, one.address, one.name, title, body or title, sender.address, sender.name, EMAIL
            )
            for one in email_contacts(settings, situation).contacts
        ]
    if also in ("chat", "both"):
        found.append(Prepared(Notify.key, "the chat", "", title, body or title, channel=CHAT))
    return found


def _people(session: Session, store_id: int, who: str) -> dict[int, str]:
    members = sa.select(User.id, User.name).join(Membership, Membership.user_id == User.id)
    present = members.where(Membership.store_id == store_id, User.disabled_at.is_(None))
    chosen = User.id == int(who[5:][:18]) if is_person(who) else Membership.role.in_(_roles(who))
    return dict(session.execute(present.where(chosen).order_by(User.id)).all())


def _roles(who: str) -> tuple[str, ...]:
    return ROLES[who].roles if who in ROLES else ()


def _notification(context: EffectContext, prepared: Prepared, user_id: int) -> Notification:
    return Notification(
        store_id=context.store.id,
        user_id=user_id,
        run_id=context.run_id,
        subject=context.subject,
        record_id=context.record_id,
        title=prepared.subject,
        body=prepared.body,
        created_at=context.now,
    )
