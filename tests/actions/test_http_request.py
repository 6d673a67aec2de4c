from __future__ import annotations

import json
from urllib.parse import parse_qsl

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
        ({"url": ""}, "url", "Enter the URL"),
        ({"url": "http://10.0.0.1/"}, "url", "is not a public address"),
        ({"url": "http://{{ order.note }}/"}, "url", "Enter the beginning of the URL in full"),
        (
            {"url": "https://api.courier.example{{ order.note }}"},
            "url",
            "Enter the beginning of the URL in full",
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
        ({"body": "{{ secrets.courier }} = x"}, "body", "can only be used in a header"),
        ({"body": "x"}, "body", "is not a field"),
        ({"body": ""}, "body", "Write at least one field"),
        ({"body_kind": "raw", "body": '{"a": }'}, "body", "is not JSON: line 1, column 7"),
        ({"body_kind": "raw", "body": '{"a": NaN}'}, "body", "is not JSON"),
        ({"body_kind": "raw", "body": '{"a": "{{ order.numbr }}"}'}, "body", "There is no field"),
        ({"body_kind": "xml"}, "body_kind", "Choose what is sent along"),
        ({"status": "ok"}, "status", "Enter a status"),
        ({"answer_value": "yes"}, "answer_path", "Enter where in the answer"),
        ({"signed_with": "a b"}, "signed_with", "Enter the name of a secret"),
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


def sent(body: str, kind: str = "raw", **order: object) -> object:
    """Return what a request with this body sends; the body has no problem."""
    settings = SETTINGS | {"body_kind": kind, "body": body}
    assert HTTP.check(settings, SUBJECTS["order"]) == []
    (prepared,) = HTTP.prepare(settings, situation(**order))
    return dict(parse_qsl(prepared.body)) if kind == "form" else json.loads(prepared.body)


LINES = [
    {"name": "Roses", "sku": "R1", "category": "Flowers", "quantity": 2, "unit_price": 40.0},
    {"name": "Vase", "sku": "V1", "category": "Ware", "quantity": 1, "unit_price": 6.5},
]
SHORT = [{"sku": "R1", "quantity": 2}, {"sku": "V1", "quantity": 1}]
LOOP = """{
  "items": [
    {% for line in order.lines %}
    {"sku": "{{ line.sku }}", "quantity": {{ line.quantity }}}{% unless forloop.last %},{% endunless %}
    {% endfor %}
  ]
}"""


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("raw", '{"items": {{ order.lines }}}', {"items": LINES}),
        ("raw", '{"items": {{ order.lines | only: "sku", "quantity" }}}', {"items": SHORT}),
        ("raw", "{{ order.lines | only: 'sku', 'quantity' }}", SHORT),
        ("raw", LOOP, {"items": SHORT}),
        ("raw", LOOP.replace("{% unless forloop.last %},{% endunless %}", ""), {"items": SHORT}),
        ("raw", LOOP.replace("{%", "{%-").replace("%}", "-%}"), {"items": SHORT}),
        ("json", "items = {{ order.lines }}", {"items": LINES}),
        (
            "json",
            "n = {{ order.number }}\nitems = {{ order.lines | only: 'sku', 'quantity' }}",
            {"n": "1042", "items": SHORT},
        ),
    ],
)
def test_lines_are_sent_as_an_array(kind: str, body: str, expected: object) -> None:
    assert sent(body, kind) == expected


def test_no_lines_are_an_empty_array() -> None:
    assert sent('{"items": {{ order.lines }}}', lines=[]) == {"items": []}
    assert sent("items = {{ order.lines }}", "json", lines=[]) == {"items": []}


BLOCKS = [
    (
        '{"a": 1 {% if order.note %}, "note": "{{ order.note }}"{% endif %}}',
        {"a": 1, "note": "Ring"},
        {"a": 1},
    ),
    ('{"a": {% if order.note %}"{{ order.note }}"{% else %}null{% endif %}}', {"a": "Ring"}, {"a": None}),
    ('{% if order.note %}{"a": 1}{% else %}[]{% endif %}', {"a": 1}, []),
    ('{"a": [1{% if order.note %}, 2{% endif %}, 3]}', {"a": [1, 2, 3]}, {"a": [1, 3]}),
    ("[1 {%- if order.note -%} 2 {%- endif -%} 3]", [1, 2, 3], [1, 3]),
    (
        '{"a": {% case order.note %}{% when "Ring" %}true{% else %}{{ order.item_count }}{% endcase %}}',
        {"a": True},
        {"a": 3},
    ),
    (
        '{"a": "{% if order.note == "Ring" %}x{% endif %}", {% if order.note %}"b": 1{% endif %}}',
        {"a": "x", "b": 1},
        {"a": ""},
    ),
    (
        '{% unless order.note %}{"none": true}{% else %}{"note": "\\u00e9 {{ order.note }}"}{% endunless %}',
        {"note": "é Ring"},
        {"none": True},
    ),
]


@pytest.mark.parametrize(("body", "with_note", "without"), BLOCKS)
def test_conditions_stand_around_parts_of_a_body(body: str, with_note: object, without: object) -> None:
    assert sent(body, note="Ring") == with_note
    assert sent(body, note="") == without


@pytest.mark.parametrize("kind", ["json", "form"])
def test_conditions_stand_around_lines_of_a_body(kind: str) -> None:
    body = """a = {{ order.number }}
{% if order.note == 'a = "b"' %}
note = say "{{ order.note }}"
{% endif %}
z = 1"""
    assert sent(body, kind, note='a = "b"') == {"a": "1042", "note": 'say "a = "b""', "z": "1"}
    assert sent(body, kind, note="other") == {"a": "1042", "z": "1"}


def test_a_body_may_begin_with_a_condition() -> None:
    body = "{% if order.note %}\nnote = {{ order.note }}\n{% endif %}"
    assert (sent(body, "json", note="Ring"), sent(body, "json", note="")) == ({"note": "Ring"}, {})


@given(st.text(max_size=60))
def test_a_value_cannot_break_out_of_a_body_with_conditions(text: str) -> None:
    body = """{"name": "{{ customer.name }}", "alone": {{ customer.name }},
    {% if customer.name %}"again": ["x{{ customer.name }}"],{% endif %}
    {% for line in order.lines %}"n": {{ line.quantity }}{% endfor %}}"""
    settings = SETTINGS | {"body_kind": "raw", "body": body}
    (prepared,) = HTTP.prepare(settings, with_customer(name=text))
    found = json.loads(prepared.body)
    assert set(found) - {"again"} == {"name", "alone", "n"}
    assert found.get("again", ["x"]) == ["x" + found["name"]]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"a": {% if order.note %}1{% endif %}}', "Line 1: the parts between {% if … %} and {% endif %}"),
        ('{"a": 1}\n{% if order.note %}, {% endif %}', "The body is not JSON: line 2"),
        ('{% if order.note %}{ {% endif %} "a": 1}', "the parts between {% if … %}"),
        ('[{% for line in order.lines %}"{{ line.sku }}{% endfor %}]', "the parts between {% for … %}"),
        ('{"a": {% if order.note %}"x{% else %}y"{% endif %}}', "The body is not JSON: line 1"),
        ('{ {% if order.note %}"{{ order.note }}": 1{% endif %}}', "A name in the body is fixed"),
        ('{"{{ order.note }}": 1}', "A name in the body is fixed"),
        ("{ {% if order.note %}{{ order.note }}: 1{% endif %}}", "The body is not JSON: line 1"),
        ('{ {% if order.note %}"a": tru{% endif %}}', "The body is not JSON: line 1"),
        (
            '{ {% if order.note %}\n"a": "{{ order.numbr }}"{% endif %}}',
            "Line 2: There is no field order.numbr",
        ),
        ('{ {% if order.note %}"a": 1', "This if is not closed"),
        ('{{% if order.note %}"a": 1{% endif %}}', "Put a space between { and {%"),
        ('{"a": "{{ order.lines }}"}', "write the field without quotation marks"),
        ('{"a": {{ order.lines | only: "skus" }}}', "names of fields in quotation marks. Did you mean sku?"),
        ('{"a": {{ order.note | only: "sku" }}}', "The filter “only” takes a list, not a text."),
    ],
)
def test_a_body_that_is_not_json_for_every_record_is_refused(body: str, words: str) -> None:
    problem = HTTP.check(SETTINGS | {"body_kind": "raw", "body": body}, SUBJECTS["order"])[0]
    assert problem.path == "settings.body"
    assert words in problem.sentence
    assert "_json" not in problem.sentence


@pytest.mark.parametrize("text", ["{{ answers.tracking_number }}", "{{ answers }}", "{{ answers.21.id }}"])
def test_an_answer_is_named_by_the_number_of_its_action(text: str) -> None:
    assert HTTP.check(SETTINGS | {"body": f"a = {text}"}, SUBJECTS["order"])
