#!/bin/bash
# python-liquid 2.3.6: `truncate` to fewer characters than the three dots take makes a text longer than it was. It cuts at
# the length less the dots, which is below zero and so counts from the end: 'abcdef' to two characters is 'abcde...'.
# LiquidJS 10.30.1 answers with the dots alone. For a text message of which every character is paid, 0, 1 and 2 are the
# values that a computed "what is left" takes.
#
# Source: run here, with https://pypi.org/project/python-liquid/2.3.6/ (liquid/builtin/filters/string.py)
# and https://www.npmjs.com/package/liquidjs/v/10.30.1
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q python-liquid==2.3.6
"$folder/venv/bin/python" - <<'PYTHON'
from liquid import Environment

for length, output in {0: "abc...", 1: "abcd...", 2: "abcde...", 3: "...", 4: "a..."}.items():
    seen = Environment().from_string("{{ 'abcdef' | truncate: length }}").render(length=length)
    print("python-liquid", length, "->", seen)
    assert seen == output, (length, seen)
PYTHON
cd "$folder"
npm install --silent --no-audit --no-fund liquidjs@10.30.1
node - <<'NODE'
const assert = require("node:assert");
const { Liquid } = require("liquidjs");
for (const [length, output] of Object.entries({ 0: "...", 1: "...", 2: "...", 3: "...", 4: "a..." })) {
  const seen = new Liquid().parseAndRenderSync("{{ 'abcdef' | truncate: length }}", { length: Number(length) });
  console.log("LiquidJS", length, "->", seen);
  assert.strictEqual(seen, output);
}
NODE
