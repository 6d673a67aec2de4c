#!/bin/bash
# python-liquid 2.3.6: about twenty words of the language cannot stand after a dot, so a field that a shop calls
# For, With, Limit, Not, Blank or Offset cannot be written `{{ order.for }}`: that is a syntax error. In brackets,
# `{{ order['for'] }}`, every one of them is read.
#
# Source: run here, with https://pypi.org/project/python-liquid/2.3.6/
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q python-liquid==2.3.6
"$folder/venv/bin/python" - <<'PYTHON'
from liquid import Environment
from liquid.exceptions import LiquidSyntaxError

refused = "and as blank cols contains continue else empty false for if in limit nil not null offset or reversed true with"
taken = "id name first last size key value note date"


def rendered(template, word):
    return Environment().from_string(template.replace("WORD", word)).render(order={word: "here"})


for word in refused.split():
    try:
        print("read after a dot now:", word, rendered("{{ order.WORD }}", word))
        raise SystemExit(1)
    except LiquidSyntaxError as error:
        print(f"{word:10} after a dot: {str(error).splitlines()[0]}")
    assert rendered("{{ order['WORD'] }}", word) == "here"
for word in taken.split():
    rendered("{{ order.WORD }}", word)
PYTHON
