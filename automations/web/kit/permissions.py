"""The table of permissions, endpoint -> permission. An endpoint without a row is refused."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g

from automations.web.kit.audience_permissions import AUDIENCE
from automations.web.kit.builder_permissions import BUILDER
from automations.web.kit.export_permissions import EXPORTS
from automations.web.kit.list_permissions import LISTS
from automations.web.kit.shop_permissions import SHOPS

#: public: anybody. view, edit, admin: people, by role. api:read, api:write, api:deliveries: keys, by scope.
#: operator: a monitoring program that sends METRICS_TOKEN.
PERMISSIONS: Mapping[str, str] = {
    "static": "public",
    "assets.show": "public",
    "sign_ins.new": "public",
    "sign_ins.create": "public",
    "sign_ins.destroy": "public",
    "single_sign_on.new": "public",
    "single_sign_on.create": "public",
    "lost_passwords.new": "public",
    "lost_passwords.create": "public",
    "password_links.show": "public",
    "password_links.update": "public",
    "theme.update": "public",
    "home.show": "view",
    "current_store.update": "view",
    # Whose change it was; what it needs beyond that, each kind of change says itself: web/undo/undo_kinds.
    "undo.create": "view",
    "undo.show": "edit",
    "sessions.index": "view",
    "sessions.destroy": "view",
    "passwords.edit": "view",
    "passwords.update": "view",
    **AUDIENCE,
    **LISTS,
    **EXPORTS,
    # Settings
    "settings.index": "edit",
    "rule_files.index": "edit",
    "rule_files.archive": "edit",
    "rule_files.plan": "edit",
    "rule_files.create": "edit",
    "store_settings.edit": "admin",
    "store_settings.update": "admin",
    "stores.index": "admin",
    "stores.new": "admin",
    "stores.create": "admin",
    "working_hours.edit": "admin",
    "working_hours.update": "admin",
    "team.index": "admin",
    "team.new": "admin",
    "team.create": "admin",
    "team_invitations.create": "admin",
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
    "custom_fields.index": "edit",
    "custom_fields.create": "edit",
    "custom_fields.update": "edit",
    "custom_fields.destroy": "edit",
    "inbound_hooks.index": "admin",
    "inbound_hooks.create": "admin",
    "inbound_hooks.rotate": "admin",
    "inbound_hooks.destroy": "admin",
    **SHOPS,
    "keys.index": "admin",
    "keys.create": "admin",
    "keys.destroy": "admin",
    "email_settings.edit": "admin",
    "email_settings.update": "admin",
    "email_tests.create": "admin",
    "retention.edit": "admin",
    "retention.update": "admin",
    "audit.index": "admin",
    "connections.index": "admin",
    "email_look_settings.edit": "admin",
    "email_look_settings.update": "admin",
    **dict.fromkeys((f"email_files.{name}" for name in ("index", "create", "show", "destroy")), "edit"),
    "sms_settings.edit": "admin",
    "sms_settings.update": "admin",
    "sms_settings.destroy": "admin",
    "sms_settings.test": "admin",
    "chat_settings.edit": "admin",
    "chat_settings.update": "admin",
    "chat_settings.destroy": "admin",
    "chat_settings.test": "admin",
    "secret_settings.index": "admin",
    "secret_settings.create": "admin",
    "secret_settings.destroy": "admin",
    "secret_settings.test": "admin",
    "call_limit_settings.edit": "admin",
    "call_limit_settings.update": "admin",
    "easypost_settings.edit": "admin",
    "easypost_settings.update": "admin",
    "easypost_settings.destroy": "admin",
    # Automations
    "automations.index": "view",
    **BUILDER,
    "automations.show": "view",
    "automation_pasts.show": "view",
    "shadows.show": "view",
    "shadows.would": "view",
    "shadows.create": "edit",
    "shadows.extend": "edit",
    "shadows.publish": "edit",
    "shadows.end": "edit",
    "surges.show": "view",
    "surges.release": "edit",
    "surges.drop": "edit",
    "surges.measure": "edit",
    "automation_activations.create": "edit",
    "automation_activations.destroy": "edit",
    "endpoints.reopen": "edit",
    "automation_copies.create": "edit",
    "automation_owners.update": "edit",
    "automation_test_fires.create": "edit",
    "request_trials.create": "edit",
    "request_trials.insert": "edit",
    "email_previews.create": "edit",
    "automation_overviews.show": "view",
    "automation_runs.index": "view",
    "automation_versions.index": "view",
    "automation_versions.restore": "edit",
    "backtests.index": "view",
    "backtests.show": "view",
    "backtests.export": "view",
    "backtests.create": "edit",
    "backtests.stop": "edit",
    "examples.index": "view",
    "examples.create": "edit",
    "examples.update": "edit",
    "examples.destroy": "edit",
    "expectations.index": "view",
    "expectations.show": "view",
    "expectations.new": "edit",
    "expectations.create": "edit",
    "expectations.edit": "edit",
    "expectations.update": "edit",
    "expectations.see": "edit",
    "expectations.destroy": "edit",
    "expectation_drafts.create": "edit",
    "expectation_drafts.look": "edit",
    "examples.restore": "edit",
    "archive.index": "view",
    "archive.new": "edit",
    "archive.create": "edit",
    "archive.destroy": "edit",
    "arrange.index": "edit",
    "arrange.move": "edit",
    "arrange.put": "edit",
    "upcoming.index": "view",
    "upcoming.skip": "edit",
    "upcoming.skip_run": "edit",
    "upcoming.send_now": "edit",
    "upcoming.send_ahead": "edit",
    # Records and the log
    **dict.fromkeys((f"imports.{name}" for name in ("index", "create", "show", "check")), "edit"),
    **dict.fromkeys((f"imports.{name}" for name in ("start", "stop", "destroy")), "edit"),
    **dict.fromkeys(("import_files.template", "import_files.export"), "edit"),
    "record_exports.export": "view",
    "record_exports.export_accounts": "view",
    "task_exports.export": "view",
    "message_exports.export": "view",
    "audit_exports.export": "admin",
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
    "personal_data.show": "admin",
    "personal_data.export": "admin",
    "personal_data.create": "admin",
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
    "replays.show": "view",
    "answers.show": "view",
    "activity.index": "view",
    "activity.export": "view",
    "tasks.index": "view",
    "tasks.show": "view",
    "tasks.tick": "view",
    "tasks.finish": "view",
    "tasks.reopen": "view",
    "notifications.index": "view",
    "notifications.read": "view",
    "notifications.read_all": "view",
    **dict.fromkeys(("mailbox.index", "mailbox.show", "mailbox.attachment"), "view"),
    "runs.index": "view",
    "runs.retry": "edit",
    "runs.settle": "edit",
    "runs.hurry": "edit",
    "holds.show": "admin",
    "holds.release": "admin",
    "holds.arrived": "admin",
    "holds.all_arrived": "admin",
    "holds.end": "admin",
    "search.show": "view",
    # API
    "api.openapi": "public",
    "api.index": "api:read",
    "api.show": "api:read",
    "api.create": "api:write",
    "api.create_many": "api:write",
    "api.update": "api:write",
    "api.deliveries_index": "api:deliveries",
    "api.deliveries_show": "api:deliveries",
    "api.deliveries_retry": "api:deliveries",
    "api.deliveries_arrived": "api:deliveries",
    "api.deliveries_send_again": "api:deliveries",
    "api.pasts_show": "api:automations",
    "api.backtests_create": "api:automations",
    "api.backtests_show": "api:automations",
    "api.backtests_rows": "api:automations",
    "api.examples_index": "api:automations",
    "api.examples_create": "api:examples",
    "api.examples_update": "api:examples",
    "api.examples_destroy": "api:examples",
    "health.show": "public",
    "well_known.security": "public",
    # Only for a holder of METRICS_TOKEN; nobody while none is set
    "metrics.show": "operator",
    # Called by other services, which sign their requests
    "hooks.easypost": "public",
    "hooks.records": "public",
    "shop_deliveries.create": "public",
}

#: The permissions of each role. A higher role includes those of the lower ones.
ROLES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset({"public", "view"}),
    "manager": frozenset({"public", "view", "edit"}),
    "admin": frozenset({"public", "view", "edit", "admin"}),
}

#: The kinds of record of the API, as its addresses spell them.
API_KINDS = ("orders", "events", "customers")
DELIVERIES = "deliveries"
AUTOMATIONS = "automations"
#: The (permission, kind of record) pairs of each scope. A key may have several scopes.
SCOPES: Mapping[str, frozenset[tuple[str, str]]] = {
    "read": frozenset(("api:read", kind) for kind in API_KINDS),
    "write": frozenset((permission, kind) for permission in ("api:read", "api:write") for kind in API_KINDS),
    **{f"{kind}:write": frozenset({("api:read", kind), ("api:write", kind)}) for kind in API_KINDS},
    # Sending again reaches customers, so no other scope includes it, however much it may read and write.
    "deliveries:write": frozenset({("api:deliveries", DELIVERIES)}),
    # What a draft would have done names customers and writes their messages, though it sends none.
    "automations:read": frozenset({("api:automations", AUTOMATIONS)}),
    # An example can hold the publishing of an automation back.
    "examples:write": frozenset({("api:automations", AUTOMATIONS), ("api:examples", AUTOMATIONS)}),
}


def key_may(scopes: str, permission: str, kind: str) -> bool:
    """Return whether a key with these space-separated scopes has `permission` for a kind of record."""
    return any((permission, kind) in SCOPES.get(scope, ()) for scope in scopes.split())


def permission_of(endpoint: str) -> str | None:
    """Return the permission that an endpoint needs, or None if the table has no row for it."""
    return PERMISSIONS.get(endpoint)


def can(permission: str) -> bool:
    """Return whether the signed-in person has `permission` ("view", "edit" or "admin")."""
    membership = g.get("membership")
    return membership is not None and permission in ROLES[membership.role]


def may(endpoint: str) -> bool:
    """Return whether the signed-in person may use an endpoint; pages leave out links that they may not."""
    permission = permission_of(endpoint)
    return permission == "public" or (permission is not None and can(permission))
