"""Ways out of a template and ways to exhaust it, all refused or harmless."""

from __future__ import annotations

import pytest

from automations.messages.check import check
from automations.messages.problem import TemplateFailed
from automations.messages.render import render
from tests.messages.samples import order_context

REFUSED = [
    "{{ order.__class__ }}",
    "{{ order.number.__class__.__mro__ }}",
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
    "{% for i in (1..999999999) %}x{% endfor %}",
    "{{ (1..999999999) }}",
    "{% if (1..999999999) contains 5 %}{% endif %}",
    "{{ order.number | append: order.number }}",
    "{{ order.number | split: '' }}",
    "{{ order.tags | map: '__class__' }}",
    "{{ order.number | base64_decode }}",
    "{{ order.delivery_date | date: '%99999999d' }}",
    "{{ order.number | safe }}",
    "{{ order.number | upcase: allow: true }}",
    "{% if order.number %}" * 21 + "{% endif %}" * 21,
    "{{ order.number if order.total else order.note }}",
    "{% for line in order.lines offset: continue %}{% endfor %}",
    "{{ order[order[order]] }}",
]

HARMLESS = [
    "{% for a in order.lines %}" * 10 + "{{ order.note }}" + "{% endfor %}" * 10,
    "{{ '{{ order.number' }}",
    "{{ 9" + "9" * 400 + " | times: 9" + "9" * 50 + " }}",
    "{{ order.total" + " | times: 999999999" * 20 + " }}",
    "{{ order.total | round: 999999999 }}",
    "{{ order.total | plus: '1E+999999' | money }}",
    "{{ 'NaN' | plus: 1 }}{{ 'Infinity' | money }}",
    "{{ order.number | truncate: 999999999999, order.number }}",
    "{{ 'now' | date: '%Y' }}",
    "{{ order.lines[99].name }}{{ order.lines[-99].name }}",
    "{% if order.number > 5 %}x{% endif %}",
    "{{ order.note" + " | upcase | downcase" * 20 + " }}",
    "{% for line in order.lines limit: 99999999999 offset: -5 %}{{ line.name }}{% endfor %}",
    "{{ customer.name | date: '%Y' }}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_it_is_refused_at_save(text: str) -> None:
    assert check(text, "order")


@pytest.mark.parametrize("text", HARMLESS)
def test_it_is_harmless(text: str) -> None:
    check(text, "order")
    try:
        assert len(render(text, order_context(note="x" * 20_000))) < 200_000
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
