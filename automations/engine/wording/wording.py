"""The public functions that put rules, values and verdicts into words."""

from __future__ import annotations

from automations.engine.wording.formats import date_words, datetime_words, joined, money_words, number_words
from automations.engine.wording.sentence import Part, sentence, text_of, trigger_words
from automations.engine.wording.value_phrases import Words, needed_words, stored_words, value_words
from automations.engine.wording.verdict_sentences import condition_words, verdict_words, why_not

__all__ = [
    "Part",
    "Words",
    "condition_words",
    "date_words",
    "datetime_words",
    "joined",
    "money_words",
    "needed_words",
    "number_words",
    "sentence",
    "stored_words",
    "text_of",
    "trigger_words",
    "value_words",
    "verdict_words",
    "why_not",
]
