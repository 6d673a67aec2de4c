"""Settings: the store itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import phonenumbers
from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional

from automations.emails.email_words import speaks
from automations.messages.languages import COUNTRIES
from automations.messages.locale_formats import locale_of
from automations.models.db.base import write
from automations.models.settings import store_edits
from automations.models.settings.store_edits import PAGES, STORE
from automations.web.kit.currency_words import currency_words
from automations.web.kit.form_clashes import refusal_of, shown_by
from automations.web.kit.form_helpers import add_error, collapse_spaces, email_address, options
from automations.web.kit.open_twice import combined
from automations.web.kit.short_enough import ShortEnough
from automations.web.kit.undo_links import flash_undo
from automations.web.setup import time_zones

CURRENCIES = ("GBP", "EUR", "USD", "AUD", "CAD", "CHF", "DKK", "JPY", "KWD", "NOK", "NZD", "PLN", "SEK")
#: Asking for each region's code would load how its numbers are made, 2 MB for all of them.
_CODES = {
    region: code for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() for region in regions
}
REGIONS = [(region, f"{region} (+{_CODES[region]})") for region in sorted(phonenumbers.SUPPORTED_REGIONS)]
TAKEN = "Another store here has this name. Choose another one."
_ENGLISH = "", "; a few words of emails in English"
#: Languages with their countries, by name.
LANGUAGES = sorted(
    ((tag, f"{locale_of(tag).english_name} ({tag}){_ENGLISH[not speaks(tag)]}") for tag in COUNTRIES),
    key=lambda pair: pair[1],
)


def zones() -> list[SelectChoice]:
    """Return the time zones as the choices of a field."""
    return options((zone, zone.replace("_", " ")) for zone in time_zones.offered())


bp = Blueprint("store_settings", __name__, url_prefix="/settings/store")


class NewStoreForm(FlaskForm):
    name = StringField(
        "Name", [DataRequired("Enter the name of the store."), ShortEnough(80)], [collapse_spaces]
    )
    currency = SelectField("Currency", choices=options((code, currency_words(code)) for code in CURRENCIES))
    timezone = SelectField("Time zone", choices=zones)
    region = SelectField("Country of phone numbers", choices=options(REGIONS))


class StoreForm(NewStoreForm):
    sender_email = EmailField("Sender address", [Optional(), email_address], [collapse_spaces])
    language = SelectField("Language and country", choices=options(LANGUAGES))


@bp.get("")
def edit() -> str:
    return _page(_stored())


@bp.post("")
def update() -> Response:
    opened = combined(request.form, shown_by(_stored()))
    form = StoreForm(opened.values)
    if status := refusal_of(form, opened):
        return make_response(_page(form), status)
    if not _save(form):
        return make_response(_page(form), 422)
    return make_response(redirect(url_for("store_settings.edit"), 303))


def _save(form: StoreForm) -> bool:
    entered = {name: getattr(form, name).data or "" for name in PAGES[STORE].columns}
    # What others save at this very moment stays theirs.
    after = {name: value for name, value in entered.items() if value != getattr(g.store, name)}
    store_id, now = g.store.id, dt.datetime.now(dt.UTC)
    with write() as session:
        if store_edits.name_taken(session, entered["name"], but=store_id):
            add_error(form.name, TAKEN)
            return False
        step = store_edits.save(session, STORE, store_id, g.user, after, told, now)
    flash_undo("The store is saved.", step.id if step else None)
    return True


def _stored() -> StoreForm:
    return StoreForm(formdata=None, obj=g.store)


def _page(form: StoreForm) -> str:
    return render_template("settings/store.html", form=form, stored=shown_by(_stored()))


def told(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a store as the audit tells them."""
    return values
