"""The settings in groups: their page, and the links beside each of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, render_template

from automations.web.kit.navigation import NavigationItem, navigation

#: Group -> its pages: label, endpoint, and what a person finds there.
GROUPS = {
    "Store": (
        (
            "Store",
            "store_settings.edit",
            "Its name, currency, language, time zone and the address it writes from.",
        ),
        ("Working hours", "working_hours.edit", "When the store is open, for messages that wait until then."),
        ("Stores", "stores.index", "Every store you look after, and adding another one."),
        ("Lists", "lists.index", "Your statuses, types, tags and delivery methods."),
        ("Fields", "custom_fields.index", "Fields of your own on orders, events and customers."),
    ),
    "People": (
        ("Team", "team.index", "Who may see, build and switch on."),
        ("Audit", "audit.index", "Who changed what, and when."),
    ),
    "Messages": (
        ("Email", "email_settings.edit", "The mail server that sends your emails."),
        ("Look of emails", "email_look_settings.edit", "Logo, colour and the lines at the bottom."),
        ("Attachments", "email_files.index", "Files to attach to emails."),
    ),
    "Other programs": (
        ("Shops", "shops.index", "Web shops and tills whose orders come in."),
        ("Connections", "connections.index", "Services that actions call, and their secrets."),
        ("Webhooks", "inbound_hooks.index", "Addresses to which other programs report."),
        ("API keys", "keys.index", "Keys for programs that send orders or ask for them."),
    ),
    "Data": (
        ("Files", "rule_files.index", "Automations as files, to keep or to copy to another store."),
        ("Retention", "retention.edit", "How long the log is kept."),
    ),
}

bp = Blueprint("settings", __name__, url_prefix="/settings")


@dataclass(frozen=True)
class SettingsGroup:
    """Some settings under one heading, each with what a person finds there."""

    label: str
    pages: tuple[tuple[NavigationItem, str], ...]


@bp.get("")
def index() -> str:
    return render_template("settings/index.html")


def groups() -> list[SettingsGroup]:
    """Return the settings this person may use; a group without any is left out."""
    found = [SettingsGroup(label, _pages(entries)) for label, entries in GROUPS.items()]
    return [group for group in found if group.pages]


def _pages(entries: tuple[tuple[str, str, str], ...]) -> tuple[tuple[NavigationItem, str], ...]:
    about = {label: words for label, _, words in entries}
    usable = navigation(tuple((label, endpoint) for label, endpoint, _ in entries))
    return tuple((item, about[item.label]) for item in usable)


def register(app: Flask) -> None:
    """Make the groups available to templates."""
    app.jinja_env.globals.update(settings_groups=groups)
