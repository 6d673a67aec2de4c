#!/bin/bash
# python-liquid 2.3.6: `case` is not a switch. Every `when` that matches is rendered, not only the first, and one
# `when` with a list of values renders its block once for each value that matches. A list with the same value twice, or with 1
# and 1.0, writes its block twice, so a message can greet a customer twice. `else` is rendered only if nothing matches.
#
# Source: run here, with https://pypi.org/project/python-liquid/2.3.6/ (liquid/builtin/tags/case_tag.py)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q python-liquid==2.3.6
"$folder/venv/bin/python" - <<'PYTHON'
from liquid import Environment

expected = {
    "{% case status %}{% when 'paid' %}Thank you. {% when 'paid' %}Thanks. {% else %}Hello. {% endcase %}": "Thank you. Thanks. ",
    "{% case status %}{% when 'paid', 'paid' %}Thank you. {% endcase %}": "Thank you. Thank you. ",
    "{% case count %}{% when 1 or 1.0 %}One. {% endcase %}": "One. One. ",
    "{% case status %}{% when 'open' %}Open. {% else %}Hello. {% endcase %}": "Hello. ",
}
for template, output in expected.items():
    seen = Environment().from_string(template).render(status="paid", count=1)
    print(f"{template}\n    {seen!r}")
    assert seen == output, (template, seen)
PYTHON
