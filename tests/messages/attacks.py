"""Templates that reach for the attributes of a value, and small templates that exceed our limits."""

from __future__ import annotations

_ATTRIBUTES = (
    *("__class__", "__class__.__name__", "__init__", "__dict__", "__doc__", "__module__"),
    *("__len__", "__str__", "__eq__", "__hash__", "__repr__"),
)
_OBJECTS = ("order", "order.number", "customer", "order.lines", "''", "order.tags[0]")
#: 66 paths to the attributes of a value.
_REACHING = tuple(f"{{{{ {value}.{name} }}}}" for value in _OBJECTS for name in _ATTRIBUTES)
#: Names, tags, filters and marks that other template languages have.
_OTHERS = (
    *("{{ self }}", "{{ config }}", "{{ request }}", "{{ g }}", "{{ session }}", "{{ url_for }}"),
    *("{{ get_flashed_messages() }}", "{{ cycler.name }}", "{{ lipsum }}", "{{ 1234*4321 }}"),
    *("{{ ''.upper() }}", "{% import os %}", "{{ order['__class__'] }}"),
    *("{{ order[''|append:'__class__'] }}", "{{ order.number | attr: '__class__' }}"),
    *("{% include 'x' %}", "{% render 'x' %}", "{% layout 'x' %}", "{% extends 'x' %}"),
    *("{% assign x = order %}{{ x.__class__ }}", "{% capture x %}{{ order }}{% endcapture %}{{ x }}"),
    *("{% liquid\n echo order.__class__ %}", "{% echo order.__class__ %}", "{% raw %}{{ x }}{% endraw %}"),
    *("${7*7}", "<%= 7*7 %>", "#{7*7}", "*{7*7}", "@(1+1)", "{php}echo 1;{/php}", "[[${7*7}]]", "%{7*7}"),
    *("{{ order.number.upper }}", "{{ order.items }}", "{{ order.keys }}", "{{ order.lines.__len__ }}"),
    *("{{ order | map: '__class__' }}", "{{ order.lines | where: '__class__' }}", "{{ order | json }}"),
    *("{{ order.number | url_encode }}", "{{ 'a' | eval }}", "{{ secrets.courier }}", "{{ _zone }}"),
    *("{{ now }}", "{{ forloop.parentloop }}", "{{ order.store.__class__ }}", "{{ order['lines'].pop }}"),
    *("{% increment n %}", "{% cycle 'a', 'b' %}", "{% comment %}{% endcomment %}", "{% doc %}{% enddoc %}"),
)
#: The marks of other languages are plain text here: they are shown unchanged.
PLAIN = tuple(text for text in _OTHERS if "{{" not in text and "{%" not in text)
ESCAPES = _REACHING + tuple(text for text in _OTHERS if text not in PLAIN)

_LOOP, _END = "{% for l in order.lines %}", "{% endfor %}"
#: Each is refused by `check`, or fails to render within the small limits of `test_attack_table`.
OVER_THE_LIMITS = (
    _LOOP * 2 + "x" + _END * 2,
    _LOOP * 3 + "{{ order.note }}" + _END * 3,
    _LOOP * 2 + "{{ order.note | upcase | downcase | capitalize }}" + _END * 2,
    _LOOP + "{{ order.note }}" * 5 + _END,
    _LOOP + "x" * 20 + _END + "{{ order.note }}" * 3,
    "{{ order.note }}" * 4,
    "{{ order.note" + " | upcase | downcase" * 15 + " }}",
    "{% for i in (1..3) %}x{% endfor %}",
    "{{ (1..3) }}",
    "{{ (1..3) | join: 'x' }}",
    "{% if (1..3) contains 2 %}x{% endif %}",
    _LOOP * 2 + "{% if l.name == order.note %}x{% endif %}" + _END * 2,
    "{% for l in order.note %}x{% endfor %}",
    "{% for l in order.lines offset: '1' %}x{% endfor %}",
    "{% for a in order.tags %}{% for b in order.note %}{{ b }}{% endfor %}{% endfor %}",
    "{{ '1E+15' | times: '1E+15' }}",
    "{{ 9" + " | times: 9999999" * 4 + " }}",
    "{{ '1E+30' | plus: 1 | money }}",
    "{{ '1E-30' | minus: 1 }}",
    "{{ 'NaN' | plus: 1 }}",
    "{{ 'Infinity' | times: 2 }}",
    "{{ '-Infinity' | money }}",
    "{{ order.note | truncate: 'many' }}",
    "{{ order.delivery_date | date: '%9d' }}",
    "{{ order.delivery_date | date: '" + "%A" * 51 + "' }}",
    "{{ '12345' | date: '%Y' }}",
    "{% if " + " and ".join(["order.note contains 'x'"] * 21) + " %}x{% endif %}",
    "{% if " + " or ".join(["order.note contains order.note"] * 15) + " %}x{% endif %}",
    "{% if order.number %}" * 21 + "x" + "{% endif %}" * 21,
    "{{ order[order[order]] }}",
    "{{ order" + ".a" * 5 + " }}",
    "{{ '" + "a" * 501 + "' | upcase }}",
    "{{ a {{ b",
    "{% a {% b",
    "{{ 'a",
)
