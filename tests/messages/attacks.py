"""Templates that want out of the template, and templates that want all of the machine."""

from __future__ import annotations

_DUNDERS = (
    *("__class__", "__class__.__mro__", "__class__.__mro__[1].__subclasses__", "__init__.__globals__"),
    *(
        "__dict__",
        "__doc__",
        "__module__",
        "__reduce__",
        "__getattribute__",
        "__subclasses__",
        "__builtins__",
    ),
)
_OBJECTS = ("order", "order.number", "customer", "order.lines", "''", "order.tags[0]")
#: 66 ways of reaching for what lies behind a value …
_REACHING = tuple(f"{{{{ {one}.{name} }}}}" for one in _OBJECTS for name in _DUNDERS)
#: … and for what other template languages or a careless one have.
_OTHERS = (
    *(
        "{{ self }}",
        "{{ config }}",
        "{{ request }}",
        "{{ g }}",
        "{{ session }}",
        "{{ get_flashed_messages() }}",
    ),
    *(
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__ }}",
        "{{ 1234*4321 }}",
    ),
    *("{{ ''.__class__.mro()[2].__subclasses__() }}", "{% import os %}", "{{ url_for.__globals__ }}"),
    *(
        "{{ order['__class__'] }}",
        "{{ order[''|append:'__class__'] }}",
        "{{ order.number | attr: '__class__' }}",
    ),
    *("{% include '/etc/passwd' %}", "{% render 'x' %}", "{% layout 'x' %}", "{% extends 'x' %}"),
    *("{% assign x = order %}{{ x.__class__ }}", "{% capture x %}{{ order }}{% endcapture %}{{ x }}"),
    *("{% liquid\n echo order.__class__ %}", "{% echo order.__class__ %}", "{% raw %}{{ x }}{% endraw %}"),
    *("${7*7}", "<%= 7*7 %>", "#{7*7}", "*{7*7}", "@(1+1)", "{php}echo 1;{/php}", "[[${7*7}]]", "%{7*7}"),
    *("{{ order.number.upper }}", "{{ order.items }}", "{{ order.keys }}", "{{ order.lines.__len__ }}"),
    *("{{ order | map: '__class__' }}", "{{ order.lines | where: '__class__' }}", "{{ order | json }}"),
    *("{{ order.number | base64_decode }}", "{{ 'a' | eval }}", "{{ secrets.courier }}", "{{ _zone }}"),
    *("{{ now }}", "{{ forloop.parentloop }}", "{{ order.store.__class__ }}", "{{ order['lines'].pop }}"),
    *("{% increment n %}", "{% cycle 'a', 'b' %}", "{% comment %}{% endcomment %}", "{% doc %}{% enddoc %}"),
)
#: Other languages' marks are plain text here: they are shown as they stand.
PLAIN = tuple(one for one in _OTHERS if "{{" not in one and "{%" not in one)
ESCAPES = _REACHING + tuple(one for one in _OTHERS if one not in PLAIN)

_LOOP, _END = "{% for l in order.lines %}", "{% endfor %}"
_BIG = "9" * 400
BOMBS = (
    _LOOP * 10 + "x" + _END * 10,
    _LOOP * 20 + "{{ order.note }}" + _END * 20,
    _LOOP * 3 + "{{ order.note | upcase | downcase | capitalize }}" * 20 + _END * 3,
    _LOOP + "{{ order.note }}" * 500 + _END,
    "{{ order.note }}" * 1200,
    "{{ order.note" + " | upcase | downcase" * 400 + " }}",
    "{% for i in (1..999999999) %}x{% endfor %}",
    "{{ (1..999999999) }}",
    "{{ (1..999999999) | join: 'x' }}",
    "{% if (1..999999999) contains 5 %}x{% endif %}",
    "{% for l in order.lines limit: 99999999999 %}x{% endfor %}",
    "{% for l in order.lines offset: -99999999999 %}x{% endfor %}",
    "{{ " + _BIG + " | times: " + _BIG + " }}",
    "{{ 9" + " | times: 999999999999" * 500 + " }}",
    "{{ '1E+999999' | plus: 1 | money }}",
    "{{ '1E+999999999' | times: '1E+999999999' }}",
    "{{ 'NaN' | plus: 1 }}{{ 'Infinity' | times: 2 }}{{ '-Infinity' | money }}",
    "{{ 1 | round: 999999999 }}{{ 1 | round: -999999999 }}",
    "{{ order.note | truncate: 99999999999999, order.note }}",
    "{{ order.note | truncate: -99999999999999, order.note }}",
    "{{ order.delivery_date | date: '%9999999d' }}",
    "{{ order.delivery_date | date: '" + "%A" * 5000 + "' }}",
    "{{ '" + "9" * 10_000 + "' | date: '%Y' }}",
    "{% if " + " and ".join(["order.note contains 'x'"] * 500) + " %}x{% endif %}",
    "{% if " + " or ".join(["order.note contains order.note"] * 200) + " %}x{% endif %}",
    "{% case order.number %}" + "{% when 'a' %}x" * 1200 + "{% endcase %}",
    "{% if order.number %}" * 800 + "x" + "{% endif %}" * 800,
    "{{ order" + "[order" * 500 + "]" * 500 + " }}",
    "{{ order" + ".a" * 9000 + " }}",
    "{{ '" + "a" * 19_000 + "' | upcase }}",
    "{{" * 9000,
    "{%" * 9000,
    "{{ '" * 5000,
    "{% for a in order.tags %}{% for b in order.note %}{{ b }}{% endfor %}{% endfor %}",
    _LOOP + "{% if l.name == order.note %}x{% elsif l.name == order.number %}y{% endif %}" * 100 + _END,
)
