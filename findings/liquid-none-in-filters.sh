#!/bin/bash
# python-liquid 2.3.6: a value that is None prints as nothing, but appended or joined it becomes the word "None".
# A value that is not there at all appends as nothing. So whether a customer reads "None" depends on whether the
# program passes an empty field as None or leaves it out.
#
# Source: run here, with https://pypi.org/project/python-liquid/2.3.6/
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q python-liquid==2.3.6
"$folder/venv/bin/python" - <<'PYTHON'
from liquid import Environment

expected = {
    "Hello {{ name }}!": "Hello !",
    "{{ 'Hello ' | append: name }}": "Hello None",
    "{{ 'Hello ' | prepend: name }}": "NoneHello ",
    "{{ 'Hello ' | append: missing }}": "Hello ",
    "{{ parts | join: ', ' }}": "12 Mill Lane, None, Leeds",
}
for template, output in expected.items():
    parts = ["12 Mill Lane", None, "Leeds"]
    seen = Environment().from_string(template).render(name=None, parts=parts)
    print(f"{template:40} {seen!r}")
    assert seen == output, (template, seen)
PYTHON
