#!/bin/bash
# python-bidi 0.6.12 has two functions of one name that put a line in the order in which it is seen. bidi.get_display(), in Rust,
# turns the order of the letters but leaves brackets as they are, so that in a Hebrew line "(Rose)" comes out as ")Rose(".
# bidi.algorithm.get_display(), in Python, mirrors them, but does not look for pairs (rule N0 of the algorithm): in an English line
# with a Hebrew name in brackets it moves what follows the name into the brackets. Neither can be used for both: whoever draws
# text, into a PDF for example, has to mirror the brackets of right-to-left runs after the first one.
#
# Source: run here, with https://pypi.org/project/python-bidi/0.6.12/; the rules: https://www.unicode.org/reports/tr9/ (N0, L4)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q python-bidi==0.6.12
"$folder/venv/bin/python" - <<'PYTHON'
import bidi
from bidi import algorithm

HEBREW, ENGLISH = "אב (Rose) ג", "Leave (שרה) 5, please"
seen = {text: (bidi.get_display(text), algorithm.get_display(text)) for text in (HEBREW, ENGLISH)}
for text, (rust, python) in seen.items():
    print(ascii(text), "-> Rust", ascii(rust), "-> Python", ascii(python))
assert seen[HEBREW] == ("ג )Rose( בא", "ג (Rose) בא")
assert seen[ENGLISH] == ("Leave (הרש) 5, please", "Leave (5 (הרש, please")
PYTHON
