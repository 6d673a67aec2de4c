"""The lists of the settings as CSV files. No secret is in any of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask import Blueprint, Response, abort, g, url_for

from automations.connectors.file_types import size_words
from automations.engine.fields.subjects import SUBJECTS
from automations.features.authoring import choice_lists, custom_field_edits
from automations.features.authoring.choice_uses import Uses, uses_of_list
from automations.features.authoring.file_uses import live_uses
from automations.models.access import api_keys, browser_sessions, memberships, password_tokens
from automations.models.db.base import db
from automations.models.settings import attached_files, store_creation, webhook_endpoints
from automations.models.settings.choices import LIST_LABELS
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.custom_field import CustomField
from automations.models.tables.people import ApiKey, Membership, SignIn
from automations.models.tables.store import Choice
from automations.web.exports.csv_response import csv_response, local
from automations.web.kit import template_filters
from automations.web.kit.site_address import site_address
from automations.web.settings import api_key_settings, secret_settings

bp = Blueprint("settings_exports", __name__)

TEAM = ("Name", "Email", "Role", "State")
STORE = ("Store", "Role", "Currency", "Time zone", "You are here")
FIELD = ("Field", "Of", "It holds", "Entries", "In the API")
CHOICE = ("Entry", "Automations", "Records", "Was called")
KEY = ("Name", "Begins with", "It may", "Created", "Expires", "Last used", "Revoked")
HOOK = ("Name", "Address", "Created", "Secret from", "Closed")
SECRET = ("Name", "Only for the host", "Changed")
FILE = ("File", "Size", "Attached by")
SESSION = ("Browser", "From", "Signed in", "Last seen", "This one")


@bp.get("/settings/team.csv")
def team() -> Response:
    invited = password_tokens.pending_invitations(db.session(), g.store.id)
    members = memberships.members(db.session(), g.store.id)
    return csv_response("team", TEAM, [_member(one, one.user_id in invited) for one in members], "the team")


@bp.get("/settings/stores.csv")
def stores() -> Response:
    """Return the stores to which the person belongs."""
    own = store_creation.memberships(db.session(), g.user.id)
    return csv_response("stores", STORE, map(_store, own), "their stores")


@bp.get("/settings/fields.csv")
def fields() -> Response:
    rows = map(_field, custom_field_edits.entries(db.session(), g.store.id))
    return csv_response("fields", FIELD, rows, "the fields")


@bp.get("/settings/lists/<list_key>.csv")
def choices(list_key: str) -> Response:
    """Return the entries of one list in their order, with how much uses each."""
    if list_key not in LIST_LABELS:
        abort(404)
    uses = uses_of_list(db.session(), g.store.id, list_key)
    found = choice_lists.entries(db.session(), g.store.id, list_key)
    rows = [_choice(one, uses.of(one.key)) for one in found]
    return csv_response(list_key, CHOICE, rows, f"the list “{LIST_LABELS[list_key]}”")


@bp.get("/settings/keys.csv")
def keys() -> Response:
    return csv_response("keys", KEY, map(_key, api_keys.of_store(db.session(), g.store)), "the API keys")


@bp.get("/settings/webhooks.csv")
def hooks() -> Response:
    rows = map(_hook, webhook_endpoints.of_store(db.session(), g.store.id))
    return csv_response("webhooks", HOOK, rows, "the webhooks")


@bp.get("/settings/connections/secrets.csv")
def secrets() -> Response:
    """Return the names of the HTTP secrets; a value is never shown."""
    rows = [(row.name, row.host, local(row.changed_at)) for row in secret_settings.of_store()]
    return csv_response("secrets", SECRET, rows, "the names of HTTP secrets")


@bp.get("/settings/email-files.csv")
def files() -> Response:
    uses = live_uses(db.session(), g.store.id)
    found = attached_files.files(db.session(), g.store.id)
    rows = [(file.name, size_words(file.size), ", ".join(uses.get(file.name, ()))) for file in found]
    return csv_response("attachments", FILE, rows, "the attachments")


@bp.get("/sessions.csv")
def sessions() -> Response:
    """Return where the person is signed in."""
    live = browser_sessions.active_sign_ins(db.session(), g.user.id, dt.datetime.now(dt.UTC))
    return csv_response("sessions", SESSION, map(_session, live), "their sessions")


def _member(one: Membership, is_invited: bool) -> Sequence[str]:
    state = "Cannot sign in" if one.user.disabled_at else "Invited" if is_invited else "Active"
    return one.user.name, one.user.email, one.role.capitalize(), state


def _store(one: Membership) -> Sequence[str]:
    store, here = one.store, "yes" if one.store_id == g.store.id else ""
    return store.name, one.role.capitalize(), store.currency, store.timezone, here


def _field(row: CustomField) -> Sequence[str]:
    holds, entries = custom_field_edits.TYPE_LABELS[row.type], ", ".join((row.labels or {}).values())
    return row.label, SUBJECTS[row.subject].label, holds, entries, f"custom.{row.key}"


def _choice(one: Choice, used: Uses) -> Sequence[str]:
    by = ", ".join(automation.name for automation in used.automations)
    return one.label, by, str(sum(used.records.values())), ", ".join(one.former_labels)


def _key(key: ApiKey) -> Sequence[str]:
    may = ", ".join(api_key_settings.WORDS.get(scope, scope) for scope in key.scope.split())
    times = (key.created_at, key.expires_at, key.last_used_at, key.revoked_at)
    return key.name, f"{key.prefix}…", may, *map(local, times)


def _hook(hook: InboundHook) -> Sequence[str]:
    address = "" if hook.revoked_at else site_address() + url_for("hooks.records", token=hook.token)
    return hook.name, address, *map(local, (hook.created_at, hook.changed_at, hook.revoked_at))


def _session(one: SignIn) -> Sequence[str]:
    times, this = (local(one.created_at), local(one.seen_at)), "yes" if one.id == g.sign_in.id else ""
    return template_filters.browser(one.browser), one.address or "", *times, this
