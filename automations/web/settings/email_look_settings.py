"""Settings: how all emails of the store look."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, StringField, ValidationError

from automations.emails.colours import WHITE, contrast, ink_on, is_colour
from automations.emails.email_layout import EmailLayout
from automations.emails.email_look import COLOUR, EmailLook, look_from
from automations.models.db.base import db, write
from automations.models.settings import email_looks
from automations.pipeline.providers.store_connectors import sender_of
from automations.pipeline.providers.store_files import files_of
from automations.web.kit.email_view import EmailView, email_view
from automations.web.kit.form_clashes import refusal_of, shown_by
from automations.web.kit.form_helpers import add_error, collapse_spaces
from automations.web.kit.open_twice import combined
from automations.web.kit.short_enough import ShortEnough
from automations.web.kit.undo_links import flash_undo
from automations.web.settings.example_email import example_layout, example_words
from automations.web.settings.logo_pictures import UnusableLogo, logo_from

bp = Blueprint("email_look_settings", __name__, url_prefix="/settings/email-look")


class EmailLookForm(FlaskForm):
    on = BooleanField("Emails have the store’s look")
    colour = StringField("Colour", [ShortEnough(7)], render_kw={"type": "color"}, default=COLOUR)
    address = StringField("Postal address", [ShortEnough(200)], [collapse_spaces])
    phone = StringField("Phone", [ShortEnough(60)], [collapse_spaces])
    logo = FileField("Logo", render_kw={"accept": ".png,.jpg,.jpeg,.gif,.webp"})
    no_logo = BooleanField("Take the logo out")

    def validate_colour(self, field: StringField) -> None:
        field.data = (field.data or "").lower()
        if not is_colour(field.data):
            raise ValidationError("Enter a colour as # and six digits, such as #2f6b57.")


@bp.get("")
def edit() -> str:
    return _page(_stored())


@bp.post("")
def update() -> Response:
    # Without the files: a file sent as a text is nothing typed.
    opened = combined(request.form, shown_by(_stored()))
    form = EmailLookForm(opened.values)
    if status := refusal_of(form, opened):
        return make_response(_page(form), status)
    uploaded = request.files.get("logo")
    try:
        logo = logo_from(uploaded.filename, uploaded.read()) if uploaded and uploaded.filename else None
    except UnusableLogo as error:
        add_error(form.logo, str(error))
        return make_response(_page(form), 422)
    entered = {name: getattr(form, name).data for name in email_looks.NAMES}
    store_id, keeps = g.store.id, not form.no_logo.data
    with write() as session:
        step = email_looks.save(session, store_id, g.user, entered, logo, keeps, dt.datetime.now(dt.UTC))
    saved = "Saved. Emails look like this from now on." if entered["on"] else "Saved. Emails are plain text."
    flash_undo(saved, step.id if step else None)
    return make_response(redirect(url_for("email_look_settings.edit"), 303))


def _stored() -> EmailLookForm:
    return EmailLookForm(formdata=None, data={"colour": COLOUR, **(g.store.email_look or {}), "logo": None})


def _page(form: EmailLookForm) -> str:
    stored = g.store.email_look or {}
    sender = sender_of(g.store)
    look = look_from({**stored, "brand": g.store.name, "email": sender.address})
    subject = f"An example from {g.store.name}"
    context: dict[str, Any] = {"form": form, "is_on": bool(stored.get("on")), "has_logo": bool(look.logo)}
    context |= {"look": look, "sender": f"{sender.name} <{sender.address}>", "subject": subject}
    context |= {"view": _example(look, subject), "readable": _readable(look.colour)}
    return render_template("settings/email_look.html", stored=shown_by(_stored()), **context)


def _example(look: EmailLook, subject: str) -> EmailView | None:
    layout: EmailLayout = example_layout(look, g.store)
    files = files_of(db.session(), g.store.id)
    return email_view(layout.to_data(), example_words(g.store), subject, files)


def _readable(colour: str) -> str:
    """Return how well the words of the button can be read: "a contrast of 6.2 : 1 with white"."""
    ink = ink_on(colour)
    return f"a contrast of {contrast(ink, colour):.1f} : 1 with {'white' if ink == WHITE else 'black'}"
