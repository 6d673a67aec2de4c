"""A form that was open while the same thing was saved elsewhere takes back nothing of that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.access import action_rate_limit
from automations.models.db.base import db
from automations.models.settings import email_server
from automations.models.tables.people import User
from automations.models.tables.segment import Segment
from automations.models.tables.store import Store
from automations.web.kit.open_twice import combined
from tests.kit.pages.forms import PostForm, post_forms
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.kit.pages.request_examples import EXAMPLES
from tests.web.pages import sign_in, text_of

#: What a form tells of itself, not of what is stored.
OF_THE_FORM = {"csrf_token", "seen", "revision", "sitting", "save-number", "next", "after", "expectation"}
#: Forms that say one thing, with several fields: whoever sends them means just this.
ONE_THING = {"surges.measure"}
#: Forms that show nothing of what is stored, or what they decide is gone once they are sent.
NOTHING_STORED = {"imports.check", "passwords.update", "shop_conflicts.update"}
#: Forms that send the revision they were opened at; their examples change nothing that they show.
WITH_REVISION = {"automations.update", "statuses.update"}
OTHER_EXAMPLES = {"saved_filters.update": {"name": "Put aside"}}


def stored_values(form: PostForm) -> dict[str, str]:
    return {name: value for name, value in form.values.items() if name not in OF_THE_FORM}


def form_at(client: FlaskClient, page: str, address: str) -> PostForm:
    answer = client.get(page)
    assert answer.status_code == 200, page
    return next(form for form in post_forms(answer.text) if address in form.addresses)


def edit_forms(app: Flask, client: FlaskClient, ids: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return endpoint -> (page, address) of every form that changes several values of what there is."""
    found: dict[str, tuple[str, str]] = {}
    urls = app.url_map.bind("localhost")
    for page in page_addresses(app, ids):
        answer = client.get(page)
        for form in post_forms(answer.text) if answer.mimetype == "text/html" else ():
            for address in filter(None, form.addresses):
                endpoint = urls.match(address.partition("?")[0], "POST")[0]
                is_edit = EXAMPLES.get(endpoint) and not endpoint.endswith(".create")
                if is_edit and ("seen" in form.values or len(stored_values(form)) > 1):
                    found.setdefault(endpoint, (page, address))
    return {endpoint: place for endpoint, place in found.items() if endpoint not in ONE_THING}


@pytest.mark.slow
def test_no_form_takes_back_what_was_saved_while_it_was_open(
    app: Flask, bloom: Store, rosa: User, as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(action_rate_limit, "MOST", dict.fromkeys(action_rate_limit.MOST, 10**6))
    sign_in(app.test_client(), "rosa")
    ids = one_of_each(bloom, rosa)
    taken_back, untried, tried = {}, set(), 0
    for endpoint, (page, address) in edit_forms(app, as_ada, ids).items():
        opened = form_at(as_ada, page, address)
        as_ada.post(address, data=opened.values | (OTHER_EXAMPLES.get(endpoint) or EXAMPLES[endpoint]))
        forms = [form for form in post_forms(as_ada.get(page).text) if address in form.addresses]
        if not forms or stored_values(forms[0]) == stored_values(opened):
            untried.add(endpoint)
            continue
        assert as_ada.post(address, data=opened.values).status_code < 500, endpoint
        after, wanted = stored_values(form_at(as_ada, page, address)), stored_values(forms[0])
        taken_back[endpoint] = {name: after.get(name) for name in wanted if after.get(name) != wanted[name]}
        tried += 1
    assert {endpoint: values for endpoint, values in taken_back.items() if values} == {}
    assert untried == NOTHING_STORED | WITH_REVISION
    assert tried > 15


#: Page -> a field that one tab changes, and one that another tab changes, which was open all the time.
PAGES = {
    "/settings/store": ({"name": "Bloom & Co"}, {"sender_email": "hello@bloom.example"}),
    "/settings/hours": ({"opens-0": "07:00", "closes-0": "12:00"}, {"opens-6": "10:00", "closes-6": "11:00"}),
    "/settings/retention": ({"sent": "3650"}, {"unsent": "730"}),
    "/settings/email-look": ({"address": "2 Wild St"}, {"colour": "#7a2048"}),
    "/settings/email": ({"host": "mail.bloom.example"}, {"port": "2525"}),
    "/settings/connections/requests": ({"at_once": "7"}, {"hosts": "a.example 1\r\nb.example 2"}),
}


def edit_form(client: FlaskClient, page: str) -> PostForm:
    return form_at(client, page, page)


@pytest.mark.parametrize("page", PAGES)
def test_two_tabs_change_different_fields(page: str, bloom: Store, as_ada: FlaskClient) -> None:
    first, second = PAGES[page]
    opened = edit_form(as_ada, page).values
    assert as_ada.post(page, data=opened | first).status_code == 303
    assert as_ada.post(page, data=opened | second).status_code == 303
    now = edit_form(as_ada, page).values
    assert {name: now[name].replace("\n", "\r\n") for name in first | second} == first | second


@pytest.mark.parametrize("page", PAGES)
def test_two_tabs_change_the_same_field(page: str, bloom: Store, as_ada: FlaskClient) -> None:
    theirs, _ = PAGES[page]
    name = next(iter(theirs))
    mine = {"at_once": "9", "sent": "0"}.get(name, "06:00" if name.startswith("opens") else "mine.example")
    opened = edit_form(as_ada, page).values
    assert as_ada.post(page, data=opened | theirs).status_code == 303
    refused = as_ada.post(page, data=opened | theirs | {name: mine})
    assert refused.status_code == 409
    assert "after you opened this page. Save again to replace that with yours." in text_of(refused)
    kept = next(form for form in post_forms(refused.text) if page in form.addresses).values
    assert kept[name] == mine and edit_form(as_ada, page).values[name] == theirs[name]
    assert as_ada.post(page, data=kept).status_code == 303
    assert edit_form(as_ada, page).values[name] == mine


def test_a_password_is_never_sent_to_a_server_it_was_not_typed_for(bloom: Store, as_ada: FlaskClient) -> None:
    page = "/settings/email"
    opened = edit_form(as_ada, page).values | {"host": "mail.bloom.example", "username": "bloom"}
    assert as_ada.post(page, data=opened | {"password": "petals"}).status_code == 303
    opened = edit_form(as_ada, page).values
    as_ada.post(page, data=opened | {"host": "mail.elsewhere.example"})
    refused = as_ada.post(page, data=opened | {"password": "thorns"})
    assert refused.status_code == 409 and "mail.elsewhere.example" in text_of(refused)
    stored = email_server.find(db.session(), bloom.id)
    assert stored and stored.settings["host"] == "mail.elsewhere.example" and not stored.secret


def test_a_gateway_chosen_elsewhere_is_not_replaced_unasked(bloom: Store, as_ada: FlaskClient) -> None:
    page = "/settings/connections/sms"
    twilio = edit_form(as_ada, page).values | {"account": "AC1", "secret": "petals", "sender": "Bloom"}
    assert as_ada.post(page, data=twilio).status_code == 303
    opened = edit_form(as_ada, page).values
    other = form_at(as_ada, f"{page}?preset=generic", page).values
    url = {"url": "https://sms.example/send", "secret": "thorns"}
    assert as_ada.post(page, data=other | url).status_code == 303
    refused = as_ada.post(page, data=opened | {"sender": "Wild St", "secret": "petals"})
    assert refused.status_code == 409 and "Another gateway was chosen" in text_of(refused)
    assert form_at(as_ada, page, page).values["preset"] == "generic"


def test_a_segment_keeps_the_conditions_that_another_tab_gave_it(bloom: Store, as_rosa: FlaskClient) -> None:
    condition = {
        "conditions-0-field": "tags",
        "conditions-0-shown": "tags",
        "conditions-0-operator": "contains",
        "conditions-0-value": "vip",
    }
    as_rosa.post("/segments", data={"name": "Regulars"} | condition)
    id = db.session.query(Segment.id).filter_by(name="Regulars").scalar()
    page = f"/segments/{id}"
    opened = edit_form(as_rosa, page).values
    # A choice in the builder draws the form anew, and it still knows what it showed at first.
    redrawn = as_rosa.post(f"{page}/draft-form", data=opened)
    opened |= next(form for form in post_forms(redrawn.text) if page in form.addresses).values
    as_rosa.post(page, data=opened | {"conditions-0-value": "gold"})
    assert as_rosa.post(page, data=opened | {"name": "Dearest"}).status_code == 303
    db.session.rollback()
    segment = db.session.get_one(Segment, id)
    assert segment.name == "Dearest" and segment.conditions[0]["value"] == "gold"
    refused = as_rosa.post(page, data=opened | {"conditions-0-value": "silver"})
    assert refused.status_code == 409 and "was changed after you opened this page" in text_of(refused)
    again = next(form for form in post_forms(refused.text) if page in form.addresses).values
    assert again["conditions-0-value"] == "silver"
    assert as_rosa.post(page, data=again).status_code == 303


@pytest.mark.parametrize("seen", ["", "null", "[1]", '{"name": 5}', "{", '{"else": "x"}'])
def test_a_form_that_does_not_tell_what_it_showed_is_saved_as_sent(seen: str) -> None:
    opened = combined({"name": "Bloom", "seen": seen}, {"name": "Thorn"})
    assert opened.values["name"] == "Bloom" and not opened.clashes


def test_a_box_that_was_unticked_elsewhere_stays_unticked() -> None:
    seen = json.dumps({"on": "y", "name": "a"})
    opened = combined({"on": "y", "name": "b", "seen": seen}, {"on": "", "name": "a"})
    assert "on" not in opened.values and opened.values["name"] == "b" and not opened.clashes
