"""Who may use which address, written down by hand: what the product does is compared with this.

A new address needs a line here as well as a row in the product's own table of permissions.
"""

from __future__ import annotations

from tests.web.kit import who_may_exports, who_may_people
from tests.web.kit.who_may_keys import KEYS
from tests.web.kit.who_may_shops import ADMINS, ANYBODYS, MANAGERS

ANYBODY, VIEWER, MANAGER, ADMIN, KEY, OPERATOR = "anybody", "viewer", "manager", "admin", "key", "operator"

#: The least that a caller must be -> "METHOD address" of everything they may use from there on up.
_LINES = {
    ANYBODY: """
        GET /.well-known/security.txt
        GET /api/openapi.json
        GET /assets/<name>
        GET /health
        GET /lost-password
        GET /password-links/<token>
        GET /sign-in
        GET /sign-in/provider
        GET /sign-in/provider/callback
        GET /static/<path:filename>
        GET /daily-letter/<token>
        GET /daily-summary/<token>
        GET /unsubscribe/<token>
        POST /lost-password
        POST /password-links/<token>
        POST /sign-in
        POST /sign-out
        POST /theme
        POST /daily-summary/<token>
        POST /unsubscribe/<token>
    """
    + ANYBODYS,
    VIEWER: """
        GET /
        GET /<any(orders, events, customers):plural>/<number>/occurrences/<int:occurrence_id>
        GET /<any(orders, events, customers):plural>/<number>/replays/<int:occurrence_id>/<int:automation_id>
        GET /<any(orders, events, customers):plural>/<number>/why-not
        GET /<any(orders, events, customers):plural>.csv
        GET /accounts
        GET /accounts.csv
        GET /tasks.csv
        GET /mailbox.csv
        GET /accounts/<int:account_id>
        GET /activity
        GET /activity.csv
        GET /activity/filters/<int:saved_filter_id>/edit
        POST /activity/filters
        POST /activity/filters/<int:saved_filter_id>
        POST /activity/filters/<int:saved_filter_id>/removal
        GET /automations
        GET /automations/<int:automation_id>
        GET /automations/<int:automation_id>/backtests
        GET /automations/<int:automation_id>/backtests/<int:backtest_id>
        GET /automations/<int:automation_id>/backtests/<int:backtest_id>.csv
        GET /automations/<int:automation_id>/shadow
        GET /automations/<int:automation_id>/shadow/<int:evaluation_id>
        GET /automations/<int:automation_id>/hold
        GET /automations/<int:automation_id>/examples
        GET /automations/<int:automation_id>/overview
        GET /automations/<int:automation_id>/past
        GET /automations/<int:automation_id>/runs
        GET /automations/<int:automation_id>/upcoming
        GET /automations/<int:automation_id>/versions
        GET /automations/archived
        GET /campaigns
        GET /campaigns/<int:campaign_id>
        GET /customers
        GET /customers/<number>
        GET /customers/<number>/messages
        GET /events
        GET /expectations
        GET /expectations/<int:expectation_id>
        GET /events/<number>
        GET /mailbox
        GET /mailbox/<int:message_id>
        GET /mailbox/<int:message_id>/attachments/<int:place>
        GET /needs-you
        GET /notifications
        GET /orders
        GET /orders/<number>
        GET /password
        GET /runs/<int:run_id>
        GET /search
        GET /search/hits
        GET /keyboard
        GET /help
        GET /help/<page>
        GET /segments
        GET /sessions
        GET /tasks
        GET /tasks/<int:task_id>
        POST /current-store
        POST /keyboard
        POST /notifications/<int:notification_id>/reading
        POST /notifications/readings
        POST /password
        POST /sessions/<int:sign_in_id>/end
        POST /tasks/<int:task_id>/checklist
        POST /tasks/<int:task_id>/completion
        POST /tasks/<int:task_id>/reopening
    """
    + who_may_people.VIEWERS
    + who_may_exports.VIEWERS,
    MANAGER: """
        GET /accounts/<int:account_id>/edit
        GET /accounts/new
        GET /automations/<int:automation_id>/archive
        GET /automations/<int:automation_id>/manual-run
        GET /automations/<int:automation_id>/manual-run/review
        GET /automations/<int:automation_id>/publish
        GET /automations/arrange
        GET /automations/new
        GET /automations/new/<key>
        GET /automations/new/<key>/draft
        GET /campaigns/new
        GET /customers/<number>/edit
        GET /customers/new
        GET /events/<number>/edit
        GET /events/new
        GET /options/accounts
        GET /options/customers
        GET /orders/<number>/edit
        GET /orders/new
        GET /expectations/<int:expectation_id>/edit
        GET /imports
        GET /imports/<int:import_id>
        GET /imports/<int:import_id>/errors.csv
        GET /imports/template.csv
        GET /expectations/new
        GET /segments/<int:segment_id>
        GET /segments/new
        GET /settings
        GET /settings/choices/<int:choice_id>
        GET /settings/email-files
        GET /settings/email-files/<int:file_id>
        GET /settings/fields
        GET /settings/files
        GET /settings/files/automations.zip
        GET /settings/lists
        GET /settings/lists/<list_key>
        POST /<any(orders, events):plural>/<number>/status
        POST /accounts
        POST /accounts/<int:account_id>
        POST /imports
        POST /imports/<int:import_id>/checks
        POST /imports/<int:import_id>/removal
        POST /imports/<int:import_id>/start
        POST /imports/<int:import_id>/stop
        POST /automations/<int:automation_id>
        POST /automations/<int:automation_id>/activation
        POST /automations/<int:automation_id>/archive
        POST /automations/<int:automation_id>/backtests
        POST /automations/<int:automation_id>/backtests/<int:backtest_id>/stop
        POST /automations/<int:automation_id>/copies
        POST /automations/<int:automation_id>/deactivation
        POST /automations/<int:automation_id>/draft-form
        POST /automations/<int:automation_id>/examples
        POST /automations/<int:automation_id>/examples/<int:example_id>
        POST /automations/<int:automation_id>/examples/<int:example_id>/removal
        POST /automations/<int:automation_id>/examples/<int:example_id>/return
        POST /automations/<int:automation_id>/group
        POST /automations/<int:automation_id>/manual-run
        POST /automations/<int:automation_id>/ownership
        POST /automations/<int:automation_id>/past
        POST /automations/<int:automation_id>/past-checks
        POST /automations/<int:automation_id>/place
        POST /automations/<int:automation_id>/publications
        POST /automations/<int:automation_id>/saves
        POST /automations/<int:automation_id>/request-trials
        POST /automations/<int:automation_id>/request-trials/fields
        POST /automations/<int:automation_id>/restoration
        POST /automations/<int:automation_id>/reviews
        POST /automations/<int:automation_id>/hold/cancellations
        POST /automations/<int:automation_id>/hold/measures
        POST /automations/<int:automation_id>/hold/releases
        POST /automations/<int:automation_id>/shadow
        POST /automations/<int:automation_id>/shadow/ending
        POST /automations/<int:automation_id>/shadow/extension
        POST /automations/<int:automation_id>/shadow/publication
        POST /automations/<int:automation_id>/email-previews
        POST /automations/<int:automation_id>/test-fires
        POST /automations/<int:automation_id>/upcoming/runs/<int:run_id>/sending
        POST /automations/<int:automation_id>/upcoming/runs/<int:run_id>/skip
        POST /automations/<int:automation_id>/upcoming/sending
        POST /automations/<int:automation_id>/upcoming/skip
        POST /automations/<int:automation_id>/versions/<int:version_id>/restoration
        POST /campaigns
        POST /campaigns/<int:campaign_id>/sending
        POST /customers
        POST /customers/<number>
        POST /endpoints/<int:endpoint_id>/reopening
        POST /events
        POST /events/<number>
        POST /notifications/daily-summary
        POST /notifications/daily-summary/decision
        POST /orders
        POST /orders/<number>
        POST /automations/<int:automation_id>/manual-run/selection
        POST /runs/<int:run_id>/earlier-tries
        POST /runs/<int:run_id>/resolutions
        POST /runs/<int:run_id>/retries
        POST /expectations
        POST /expectations/<int:expectation_id>
        POST /expectations/<int:expectation_id>/removal
        POST /expectations/<int:expectation_id>/sightings
        POST /expectations/draft-form
        POST /expectations/past
        POST /segments
        POST /segments/<int:segment_id>
        POST /segments/<int:segment_id>/draft-form
        POST /segments/<int:segment_id>/removal
        POST /segments/draft-form
        POST /settings/choices/<int:choice_id>
        POST /settings/choices/<int:choice_id>/place
        POST /settings/choices/<int:choice_id>/removal
        POST /settings/email-files
        POST /settings/email-files/<int:file_id>/removals
        POST /settings/fields
        POST /settings/fields/<int:field_id>
        POST /settings/fields/<int:field_id>/removal
        POST /settings/files/applications
        POST /settings/files/plans
        POST /settings/lists/<list_key>/choices
    """
    + MANAGERS
    + who_may_people.MANAGERS
    + who_may_exports.MANAGERS,
    ADMIN: """
        GET /customers/<number>/personal-data
        GET /customers/<number>/personal-data.json
        GET /hold
        GET /settings/audit
        GET /settings/audit.csv
        GET /settings/connections
        GET /settings/connections/chat
        GET /settings/connections/easypost
        GET /settings/connections/requests
        GET /settings/connections/secrets
        GET /settings/connections/sms
        GET /settings/email
        GET /settings/email-look
        GET /settings/hours
        GET /settings/keys
        GET /settings/retention
        GET /settings/store
        GET /settings/stores
        GET /settings/stores/new
        GET /settings/team
        GET /settings/team/<int:membership_id>/password
        GET /settings/team/new
        GET /settings/webhooks
        POST /customers/<number>/erasure
        POST /hold/arrivals
        POST /hold/end
        POST /hold/runs/<int:run_id>/arrivals
        POST /hold/runs/<int:run_id>/releases
        POST /settings/connections/chat
        POST /settings/connections/chat/removal
        POST /settings/connections/chat/tests
        POST /settings/connections/easypost
        POST /settings/connections/easypost/removal
        POST /settings/connections/requests
        POST /settings/connections/secrets
        POST /settings/connections/secrets/<int:secret_id>/removal
        POST /settings/connections/secrets/<int:secret_id>/tests
        POST /settings/connections/sms
        POST /settings/connections/sms/removal
        POST /settings/connections/sms/tests
        POST /settings/email
        POST /settings/email-look
        POST /settings/email/tests
        POST /settings/hours
        POST /settings/keys
        POST /settings/keys/<int:key_id>/revocation
        POST /settings/retention
        POST /settings/store
        POST /settings/stores
        POST /settings/team
        POST /settings/team/<int:membership_id>/disabling
        POST /settings/team/<int:membership_id>/enabling
        POST /settings/team/<int:membership_id>/invitation
        POST /settings/team/<int:membership_id>/password
        POST /settings/team/<int:membership_id>/role
        POST /settings/webhooks
        POST /settings/webhooks/<int:hook_id>/closing
        POST /settings/webhooks/<int:hook_id>/secret
    """
    + ADMINS
    + who_may_exports.ADMINS,
    KEY: KEYS,
    OPERATOR: "GET /metrics",
}
#: "METHOD address", as Flask spells it -> the least that a caller must be.
WHO_MAY = {line.strip(): who for who, lines in _LINES.items() for line in lines.splitlines() if line.strip()}
#: What a person is -> what they may use; nobody signed in may use what is for keys or for the operator.
MAY_USE = {
    "viewer": {ANYBODY, VIEWER},
    "manager": {ANYBODY, VIEWER, MANAGER},
    "admin": {ANYBODY, VIEWER, MANAGER, ADMIN},
}
