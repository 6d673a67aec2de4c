"""Addresses that change something without a row in the audit, and why."""

from __future__ import annotations

#: Endpoint -> why it needs no row in the audit: the log names what was changed, and by whom.
IN_THE_LOG = {
    "api.create": "a key, by its name",
    "api.create_many": "a key, by its name",
    "api.update": "a key, by its name",
    "hooks.records": "a webhook, by its name",
    "hooks.easypost": "the carrier",
    "shop_deliveries.create": "the shop, by its name",
    "unsubscribe.update": "the customer, by their link",
}
#: Endpoint -> why it needs no row at all.
PRIVATE = {
    "notifications.read": "the person's own notification, seen by nobody else",
    "notifications.read_all": "the person's own notifications, seen by nobody else",
    "theme.update": "a cookie of the person",
    "keyboard.update": "a cookie of the person",
    "bulk_changes.create": "writes down what is to be done; nothing is done",
    "bulk_changes.undo": "the same; the person says yes on the next page",
    "manual_runs.select": "shows the list again, or whom it is for; nothing is stored",
    "column_choices.update": "the person's own columns of a list",
    "current_store.update": "which of their stores a person looks at",
    "automation_drafts.create": "renders the form again; nothing is stored",
    "automation_pasts.create": "renders the figures of a draft; nothing is stored",
    "automation_past_checks.create": "renders the checks of a draft; nothing is stored",
    "email_previews.create": "shows an email of a draft; nothing is stored or sent",
    "request_trials.insert": "renders the form again; nothing is stored",
    "segment_drafts.create": "renders the form again; nothing is stored",
    "expectation_drafts.create": "renders the form again; nothing is stored",
    "expectation_drafts.look": "renders what the past says; nothing is stored",
    "rule_files.plan": "shows what files would change; nothing is stored",
}
