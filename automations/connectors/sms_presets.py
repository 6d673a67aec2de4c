"""The gateways to choose from: to support another one, add an entry."""

from __future__ import annotations

from collections.abc import Mapping

from automations.connectors.sms_preset import Preset, PresetSetting

_SENDER = PresetSetting("sender", "Sender", "The number or name the messages come from.")

TWILIO = Preset(
    key="twilio",
    label="Twilio",
    settings=(
        PresetSetting("account", "Account SID", "It starts with AC."),
        PresetSetting("secret", "Auth token", secret=True),
        _SENDER,
    ),
    url="https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json",
    encoding="form",
    login="basic",
    fields={"To": "to", "From": "sender", "Body": "text"},
    success_path="status",
    success=frozenset({"accepted", "scheduled", "queued", "sending", "sent", "delivered"}),
    id_path="sid",
    code_path="code",
    words_path="message",
    # Invalid number, no route, not a mobile, recipient opted out, empty text, too long.
    permanent=frozenset({"21211", "21214", "21408", "21610", "21612", "21614", "21602", "21617"}),
    # Too many requests, queue overflow, rate of the sender exceeded.
    passing=frozenset({"20429", "14107", "21611", "30001", "30022"}),
    login_codes=frozenset({"20003", "20005", "20008", "21606", "21603", "21659"}),
)

VONAGE = Preset(
    key="vonage",
    label="Vonage",
    settings=(
        PresetSetting("account", "API key"),
        PresetSetting("secret", "API secret", secret=True),
        _SENDER,
    ),
    url="https://rest.nexmo.com/sms/json",
    encoding="form",
    login="none",
    fields={
        "api_key": "account",
        "api_secret": "secret",
        "to": "to_digits",
        "from": "sender",
        "text": "text",
        "type": "type",
        "client-ref": "key",
    },
    each="messages",
    success_path="status",
    success=frozenset({"0"}),
    id_path="message-id",
    code_path="status",
    words_path="error-text",
    permanent=frozenset({"2", "3", "6", "7", "15", "22", "29", "33"}),
    # Throttled, internal error, quota used up, too many connections.
    passing=frozenset({"1", "5", "9", "10"}),
    login_codes=frozenset({"4", "8", "14"}),
)

GENERIC = Preset(
    key="generic",
    label="The gateway",
    settings=(
        PresetSetting("url", "URL", "Receives a POST with to, from, text and reference as JSON."),
        PresetSetting("secret", "Token", "Sent as “Authorization: Bearer …”.", secret=True, required=False),
        PresetSetting("sender", "Sender", "The number or name the messages come from.", required=False),
    ),
    url="{url}",
    encoding="json",
    login="bearer",
    fields={"to": "to", "from": "sender", "text": "text", "reference": "key"},
    success_path="status",
    success=frozenset({"ok", "success", "accepted", "queued", "sent", "delivered"}),
    id_path="id",
    code_path="code",
    words_path="error",
)

PRESETS: Mapping[str, Preset] = {preset.key: preset for preset in (TWILIO, VONAGE, GENERIC)}
