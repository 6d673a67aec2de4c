"""Who may do what: one table, endpoint -> permission. An endpoint without a row is refused."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g

#: public: anybody. view, edit, admin: people, by role. api:read, api:write: keys, by scope.
PERMISSIONS: Mapping[str, str] = {
    "static": "public",
    "assets.show": "public",
    "sign_ins.new": "public",
    "sign_ins.create": "public",
    "sign_ins.destroy": "public",
    "theme.update": "public",
    "home.show": "view",
    "current_store.update": "view",
    "sessions.index": "view",
    "sessions.destroy": "view",
    "passwords.edit": "view",
    "passwords.update": "view",
    # Settings
    "settings.index": "edit",
    "store_settings.edit": "admin",
    "store_settings.update": "admin",
    "stores.index": "admin",
    "stores.new": "admin",
    "stores.create": "admin",
    "team.index": "admin",
    "team.new": "admin",
    "team.create": "admin",
    "team_roles.update": "admin",
    "team_passwords.new": "admin",
    "team_passwords.create": "admin",
    "team_accounts.disable": "admin",
    "team_accounts.enable": "admin",
    "lists.index": "edit",
    "choices.create": "edit",
    "choices.edit": "edit",
    "choices.update": "edit",
    "choices.move": "edit",
    "choices.destroy": "edit",
    "keys.index": "admin",
    "keys.create": "admin",
    "keys.destroy": "admin",
    "email_settings.edit": "admin",
    "email_settings.update": "admin",
    "email_tests.create": "admin",
    "audit.index": "admin",
    # Automations
    "automations.index": "view",
    "automations.new": "edit",
    "automations.create": "edit",
    "automations.show": "view",
    "automations.update": "edit",
    "automation_drafts.create": "edit",
    "automation_publications.create": "edit",
    "automation_activations.create": "edit",
    "automation_activations.destroy": "edit",
    "automation_copies.create": "edit",
    "automation_test_fires.create": "edit",
    "automation_versions.index": "view",
    "automation_versions.restore": "edit",
    # Records and the log
    "orders.index": "view",
    "orders.new": "edit",
    "orders.create": "edit",
    "orders.show": "view",
    "orders.edit": "edit",
    "orders.update": "edit",
    "events.index": "view",
    "events.new": "edit",
    "events.create": "edit",
    "events.show": "view",
    "events.edit": "edit",
    "events.update": "edit",
    "customers.index": "view",
    "customers.new": "edit",
    "customers.create": "edit",
    "customers.show": "view",
    "customers.edit": "edit",
    "customers.update": "edit",
    "accounts.index": "view",
    "accounts.new": "edit",
    "accounts.create": "edit",
    "accounts.show": "view",
    "accounts.edit": "edit",
    "accounts.update": "edit",
    "statuses.update": "edit",
    "options.customers": "edit",
    "options.accounts": "edit",
    "occurrences.show": "view",
    "answers.show": "view",
    "activity.index": "view",
    "activity.export": "view",
    "mailbox.index": "view",
    "mailbox.show": "view",
    "runs.index": "view",
    "runs.retry": "edit",
    "runs.settle": "edit",
    "runs.hurry": "edit",
    "search.show": "view",
    # API
    "api.openapi": "public",
    "api.index": "api:read",
    "api.show": "api:read",
    "api.create": "api:write",
    "api.create_many": "api:write",
    "api.update": "api:write",
    "health.show": "public",
}

#: What each role may do; a higher role may do everything a lower one may.
ROLES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset({"public", "view"}),
    "manager": frozenset({"public", "view", "edit"}),
    "admin": frozenset({"public", "view", "edit", "admin"}),
}

#: What a key of each scope may do.
SCOPES: Mapping[str, frozenset[str]] = {
    "read": frozenset({"api:read"}),
    "write": frozenset({"api:read", "api:write"}),
}


def needed(endpoint: str) -> str | None:
    """The permission of an endpoint; None when the table has no row for it."""
    return PERMISSIONS.get(endpoint)


def can(permission: str) -> bool:
    """Whether the signed-in person has a permission ("view", "edit", "admin"). For handlers and templates."""
    membership = g.get("membership")
    return membership is not None and permission in ROLES[membership.role]


def may(endpoint: str) -> bool:
    """Whether the signed-in person may use an endpoint, to leave out what she could not use."""
    permission = needed(endpoint)
    return permission == "public" or (permission is not None and can(permission))
