"""A starter can be sent as it is: it reads well for every record, whatever that record lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.actions import ACTIONS
from automations.actions.http_request import HttpRequest
from automations.actions.shared import empty_fields
from automations.engine.fields.subjects import SUBJECTS
from automations.features.starters.gallery import STARTERS
from automations.features.trial import trial_records
from automations.features.trial.trial_records import SAMPLES
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.providers.action_context import situation_for

#: What a sentence with a hole in it looks like.
HOLE = re.compile(
    r"\b(?:on|of|for|to|Tell|Ask) ?[.,:;)]|\(\)| [.,:;]|, ?[.,]|^[.,:]|\b(?:on|for|of)$|  ", re.M
)
#: What every record has, and where the customer is written to.
KEPT = {"number", "status", "payment_status", "currency", "store", "id", "email", "phone"}
NOTHING: Mapping[str, Any] = {"money": "0.00", "text": "", "tags": [], "lines": []}


def lacking(subject: str, snapshot: Mapping[str, Any], missing: set[str]) -> dict[str, Any]:
    """Return the record without the named fields, its own and its customer's."""
    types = {key: field.type for key, field in SUBJECTS[subject].stored.items()}
    return {
        key: lacking("customer", value, missing)
        if key == "customer" and value
        else NOTHING.get(types.get(key, ""))
        if key in missing and key not in KEPT
        else value
        for key, value in snapshot.items()
    }


def texts_of(store: Store, key: str, snapshot: Mapping[str, Any]) -> list[str]:
    """Return what the starter would send about the record, after checking that no field it shows is empty."""
    data = STARTERS[key].data
    situation = situation_for(db.session(), store, StoreWords(db.session(), store), data["subject"], snapshot)
    texts = []
    for action in data["actions"]:
        kind = ACTIONS[action["kind"]]
        if isinstance(kind, HttpRequest):
            continue  # Its body is data for another program, not a sentence.
        if kind.marketing:
            situation = _with_consent(situation)
        prepared, empty = empty_fields.prepare(kind, action["settings"], situation, skip=False)
        assert empty == ()
        texts += [
            text for one in prepared for text in (one.subject, one.body, *one.extra.get("checklist", ()))
        ]
    return texts


def _with_consent(situation: Any) -> Any:
    marketing = {"consent": True, "unsubscribe_url": "https://shop.example/u/1"}
    context = {**situation.context, "_marketing": marketing}
    return situation.__class__(**{**_fields(situation), "context": context})


def _fields(situation: Any) -> dict[str, Any]:
    return {name: getattr(situation, name) for name in situation.__dataclass_fields__}


@pytest.mark.parametrize("key", STARTERS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(data=st.data())
def test_a_starter_reads_well_with_anything_missing(
    app: Flask, bloom: Store, key: str, data: st.DataObject
) -> None:
    subject = STARTERS[key].data["subject"]
    sample = trial_records.sample_snapshot(bloom, subject, SAMPLES[subject][0].key)
    assert sample
    names = sorted({*sample, *(sample.get("customer") or {}), "customer.name"} - KEPT - {"customer"})
    missing = data.draw(st.sets(st.sampled_from(names)) | st.just(set(names)))
    for text in texts_of(bloom, key, lacking(subject, sample, missing)):
        assert not HOLE.search(text), (missing, text)
