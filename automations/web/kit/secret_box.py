"""The box that opens and closes a store's secrets, keyed by the settings of this installation."""

from __future__ import annotations

from flask import current_app

from automations.connectors.secret_encryption import SecretBox


def secret_box() -> SecretBox:
    """Return a box that encrypts with SECRET_KEY and also reads what one of its predecessors encrypted."""
    return SecretBox([current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"]])
