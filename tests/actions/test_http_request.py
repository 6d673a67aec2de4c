from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.actions.http_request import HttpRequest
from automations.actions.shared import json_body
from automations.actions.shared.action_kind import Skipped
from automations.actions.shared.text_templates import answers_used
from automations.engine.fields.subjects import SUBJECTS
from tests.actions.situations import situation, with_customer

HTTP = HttpRequest()
SETTINGS = {
    "method": "POST",
    "url": "https://api.courier.example/jobs/{{ order.number }}",
    "headers": "Authorization: Bearer {{ secrets.courier }}",
    "body_kind": "json",
    "body": "reference = {{ order.number }}",
    "signed_with": "",
    "status": "",
    "answer_path": "",
    "answer_value": "",
}


def test_a_request_is_rendered_with_its_secrets_still_by_name() -> None:
    (prepared,) = HTTP.prepare(SETTINGS, situation())
    assert prepared.subject == "POST https://api.courier.example/jobs/1042"
    assert json.loads(prepared.body) == {"reference": "1042"}
    assert prepared.extra["headers"] == [["Authorization", [["text", "Bearer "], ["secret", "courier"]]]]
    assert json.loads(json.dumps(prepared.to_data())) == prepared.to_data()


@given(st.text(max_size=60))
def test_a_value_cannot_break_out_of_its_place_in_the_body_or_the_url(text: str) -> None:
    body = '{"name": "{{ customer.name }}", "n": {{ order.item_count }}, "list": ["x{{ customer.name }}"]}'
    url = "https://api.courier.example/{{ customer.name }}?q={{ customer.name }}&end"
    (prepared,) = HTTP.prepare(
        SETTINGS | {"body_kind": "raw", "body": body, "url": url}, with_customer(name=text)
    )
    found = json.loads(prepared.body)
    assert set(found) == {"name", "n", "list"}
    assert found["n"] == 3
    assert found["list"] == ["x" + found["name"]]
    sent = prepared.extra["url"]
    assert sent.startswith("https://api.courier.example/")
    assert (sent.count("/"), sent.count("?"), sent.count("&"), sent.count("#")) == (3, 1, 1, 0)


def test_a_form_is_encoded() -> None:
    (prepared,) = HTTP.prepare(
        SETTINGS | {"body_kind": "form", "body": "a = {{ customer.name }}&b"}, situation()
    )
    assert prepared.body == "a=Anna+Lee%26b"
    assert prepared.extra["content_type"] == "application/x-www-form-urlencoded"


def test_a_get_has_no_body() -> None:
    assert HTTP.prepare(SETTINGS | {"method": "GET"}, situation())[0].body == ""


@pytest.mark.parametrize(
    ("alone", "value"),
    [
        ("3", 3),
        ("-1.5", -1.5),
        ("true", True),
        ("", None),
        ("null", None),
        ("007", "007"),
        ("a", "a"),
        ("1e9", "1e9"),
        ("86.50", 86.5),
        ("999999999999.999", 999999999999.999),
        ("1234567890123.123456", "1234567890123.123456"),
    ],
)
def test_a_placeholder_alone_in_a_json_value_takes_the_type_of_its_text(alone: str, value: object) -> None:
    assert json_body.rendered(json_body.parse('{"a": {{ x }}}'), lambda _: alone) == {"a": value}


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"method": "TRACE"}, "method", "Choose a method"),
        ({"url": ""}, "url", "Write the URL"),
        ({"url": "http://10.0.0.1/"}, "url", "is not a public address"),
        ({"url": "http://{{ order.note }}/"}, "url", "Write the beginning of the URL in full"),
        (
            {"url": "https://api.courier.example{{ order.note }}"},
            "url",
            "Write the beginning of the URL in full",
        ),
        ({"url": "https://a.example/{{ secrets.courier }}"}, "url", "Put it in a header"),
        ({"url": "https://a.example/{{ order.numbr }}"}, "url", "There is no field order.numbr"),
        ({"url": "https://a.example/{% if order.note %}x{% endif %}"}, "url", "double braces"),
        ({"headers": "nothing"}, "headers", "is not a header"),
        ({"headers": "Host: a"}, "headers", "is set by the program"),
        ({"headers": "A b: c"}, "headers", "cannot be the name"),
        ({"headers": "A: {{ secrets.x | upcase }}"}, "headers", "alone and without filters"),
        ({"headers": "A: {% if secrets.x %}b{% endif %}"}, "headers", "alone and without filters"),
        ({"headers": "A: {{ order.numbr }}"}, "headers", "There is no field"),
        ({"body": "{{ secrets.courier }} = x"}, "body", "can only stand in a header"),
        ({"body": "x"}, "body", "is not a field"),
        ({"body": ""}, "body", "Write at least one field"),
        ({"body_kind": "raw", "body": '{"a": }'}, "body", "is not JSON: line 1, column 7"),
        ({"body_kind": "raw", "body": '{"a": NaN}'}, "body", "is not JSON"),
        ({"body_kind": "raw", "body": '{"a": "{{ order.numbr }}"}'}, "body", "There is no field"),
        ({"body_kind": "xml"}, "body_kind", "Choose what is sent along"),
        ({"status": "ok"}, "status", "Write a status"),
        ({"answer_value": "yes"}, "answer_path", "Write where in the answer"),
        ({"signed_with": "a b"}, "signed_with", "Write the name of a secret"),
    ],
)
def test_a_problem_names_its_field(settings: dict[str, str], path: str, words: str) -> None:
    problem = HTTP.check(SETTINGS | settings, SUBJECTS["order"])[0]
    assert problem.path == f"settings.{path}"
    assert words in problem.sentence


def test_good_settings_have_no_problem() -> None:
    more = {
        "body": "a = {{ answers.1.id }}",
        "headers": "A: {{ secrets.a }}:{{ order.number }}",
        "status": "201",
    }
    assert HTTP.check(SETTINGS, SUBJECTS["order"]) == HTTP.check(SETTINGS | more, SUBJECTS["order"]) == []


def test_an_invalid_rendered_url_is_skipped_with_its_reason() -> None:
    with pytest.raises(Skipped, match="The request cannot be made"):
        HTTP.prepare(SETTINGS | {"url": "https://a.example/{{ order.number }}" + "x" * 2000}, situation())


def test_the_previous_answers_used_by_settings_are_listed() -> None:
    assert answers_used(
        {"a": "{{ answers.1.id }} answers.9.x", "b": "{% if answers[2].x %}{% endif %}", "c": None}
    ) == {1, 2}


def test_the_summary_names_the_host() -> None:
    assert HTTP.summary(SETTINGS) == "send a request to api.courier.example"
    assert HTTP.summary({"url": "http://["}) == HTTP.summary({}) == "send a request to …"
