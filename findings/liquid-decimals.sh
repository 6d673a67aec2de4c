#!/bin/bash
# python-liquid 2.3.6: a Decimal prints and compares, but every arithmetic filter takes it for zero.
#
# - `{{ total | plus: 1 }}` with Decimal("19.90") is 1, `times: 2` is 0, `round` is 0, `sum` of a list is 0.
# - A number written in the template is a binary float. A Decimal is compared with that float exactly, so
#   `total == 19.90` is false for Decimal("19.90"), `total >= 20.10` is false at 20.10, and `total > 49.90` is true
#   at 49.90. Amounts that a float holds exactly, such as 0.5, compare as expected.
# So a program whose money is Decimal has to bring its own filters and its own comparison.
#
# Source: run here; the filters accept int, float and text only: liquid/filter.py, decorator `math_filter`,
# of https://pypi.org/project/python-liquid/2.3.6/
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q python-liquid==2.3.6
"$folder/venv/bin/python" - <<'PYTHON'
from decimal import Decimal

from liquid import Environment

environment = Environment()


def rendered(template, **values):
    return environment.from_string(template).render(**values)


def holds(amount, operator, literal):
    return rendered("{% if a " + operator + " " + literal + " %}yes{% endif %}", a=Decimal(amount)) == "yes"


price = Decimal("19.90")
expected = {
    "{{ a }}": "19.90",
    "{{ a | plus: 1 }}": "1",
    "{{ a | minus: 1 }}": "-1",
    "{{ a | times: 2 }}": "0",
    "{{ a | divided_by: 2 }}": "0",
    "{{ a | round }}": "0",
    "{{ a | abs }}": "0",
    "{{ many | sum }}": "0",
    "{% case a %}{% when 19.90 %}equal{% else %}other{% endcase %}": "other",
}
for template, output in expected.items():
    seen = rendered(template, a=price, many=[price, price])
    print(f"{template:64} {seen}")
    assert seen == output, (template, seen)

for amount, operator, seen in [
    ("19.90", "==", False),
    ("20.10", ">=", False),
    ("49.90", ">", True),
    ("0.5", "==", True),
]:
    print(f"Decimal({amount!r}) {operator} {amount}: {holds(amount, operator, amount)}")
    assert holds(amount, operator, amount) is seen
PYTHON
