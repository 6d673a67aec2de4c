"""Tell what was done, with a button that takes it back."""

from __future__ import annotations

from flask import flash, url_for


def flash_undo(sentence: str, step_id: int | None) -> None:
    """Flash what was done; with an Undo if there is a step that takes it back."""
    flash(sentence, f"undo {url_for('undo.create', step_id=step_id)}" if step_id else "message")
