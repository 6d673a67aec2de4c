"""Templates that reach outside or ask for too much: each is refused or has no effect."""

from __future__ import annotations

import pytest

from automations.messages.render import render
from automations.messages.template_check import check
from automations.messages.template_problem import TemplateFailed
from tests.messages.samples import order_context

REFUSED = [
    "{{ order.__class__ }}",
    "{{ order.number.__class__.__name__ }}",
    "{{ ''.__class__ }}",
    "{{ order['__class__'] }}",
    "{{ order.number.upper }}",
    "{{ order.items }}",
    "{{ order.lines.__len__ }}",
    "{{ self }}",
    "{{ config }}",
    "{{ now }}",
    "{{ today }}",
    "{{ _zone }}",
    "{{ forloop.parentloop }}",
    "{% include 'secrets' %}",
    "{% render 'secrets' %}",
    "{% raw %}{{ order.number }}{% endraw %}",
    "{% comment %}{% endcomment %}",
    "{% capture x %}a{% endcapture %}",
    "{% increment n %}",
    "{% cycle 'a', 'b' %}",
    "{% tablerow a in order.lines %}{% endtablerow %}",
    "{% liquid\n echo order.number %}",
    "{% echo order.number %}",
    "{% for i in (1..3) %}x{% endfor %}",
    "{{ (1..3) }}",
    "{% if (1..3) contains 2 %}{% endif %}",
    "{{ order.number | append: order.number }}",
    "{{ order.number | split: '' }}",
    "{{ order.tags | map: '__class__' }}",
    "{{ order.number | url_encode }}",
    "{{ order.delivery_date | date: '%9d' }}",
    "{{ order.number | safe }}",
    "{{ order.number | upcase: allow: true }}",
    "{% if order.number %}" * 21 + "{% endif %}" * 21,
    "{{ order.number if order.total else order.note }}",
    "{% for line in order.lines offset: continue %}{% endfor %}",
    "{{ order[order[order]] }}",
]

HARMLESS = [
    "{% for a in order.lines %}" * 2 + "{{ order.note }}" + "{% endfor %}" * 2,
    "{{ '{{ order.number' }}",
    "{{ '1E+15' | times: '1E+15' }}",
    "{{ order.total" + " | times: 9999999" * 4 + " }}",
    "{{ order.total | round: 9 }}",
    "{{ order.total | plus: '1E+30' | money }}",
    "{{ 'NaN' | plus: 1 }}{{ 'Infinity' | money }}",
    "{{ order.number | truncate: 600, order.number }}",
    "{{ 'now' | date: '%Y' }}",
    "{{ order.lines[99].name }}{{ order.lines[-99].name }}",
    "{% if order.number > 5 %}x{% endif %}",
    "{{ order.note" + " | upcase | downcase" * 3 + " }}",
    "{% for line in order.lines limit: 9 offset: -5 %}{{ line.name }}{% endfor %}",
    "{{ customer.name | date: '%Y' }}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_it_is_refused_at_save(text: str) -> None:
    assert check(text, "order")


@pytest.mark.parametrize("text", HARMLESS)
def test_it_renders_briefly_or_fails_with_a_reason(text: str) -> None:
    check(text, "order")
    try:
        assert len(render(text, order_context(note="x" * 600))) < 6_000
    except TemplateFailed as failure:
        assert str(failure)


class _Leaky:
    secret = "s3cret"

    def __str__(self) -> str:
        return "s3cret"

    def __getitem__(self, key: str) -> str:
        return "s3cret"


@pytest.mark.parametrize("value", [_Leaky(), {"a": _Leaky()}, [_Leaky()], len, object, b"s3cret"])
def test_an_object_in_the_context_is_never_shown(value: object) -> None:
    text = "{{ order }}{{ order.secret }}{{ order.a }}{{ order.a.secret }}{{ order[0] }}{{ order.__class__ }}"
    assert "s3cret" not in render(text, {"order": value})
