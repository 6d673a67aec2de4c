#!/bin/bash
# python-liquid 2.3.6: a loop with `limit: 0` goes through the whole list, as if no limit were given, while LiquidJS 10.30.1
# goes through nothing. The same with a limit that comes from a field and happens to be 0, and with `tablerow`. A message
# that shows "at most as many lines as this field says" shows all of them when the field says none.
#
# Source: run here, with https://pypi.org/project/python-liquid/2.3.6/ (liquid/builtin/expressions/loop.py)
# and https://www.npmjs.com/package/liquidjs/v/10.30.1
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q python-liquid==2.3.6
"$folder/venv/bin/python" - <<'PYTHON'
from liquid import Environment

for limit, output in {"limit: 0": "123", "limit: most": "123", "limit: 1": "1"}.items():
    seen = Environment().from_string("{% for x in list " + limit + " %}{{ x }}{% endfor %}").render(list=[1, 2, 3], most=0)
    print("python-liquid", limit, "->", repr(seen))
    assert seen == output, (limit, seen)
PYTHON
cd "$folder"
npm install --silent --no-audit --no-fund liquidjs@10.30.1
node - <<'NODE'
const assert = require("node:assert");
const { Liquid } = require("liquidjs");
for (const [limit, output] of Object.entries({ "limit: 0": "", "limit: most": "", "limit: 1": "1" })) {
  const template = "{% for x in list " + limit + " %}{{ x }}{% endfor %}";
  const seen = new Liquid().parseAndRenderSync(template, { list: [1, 2, 3], most: 0 });
  console.log("LiquidJS", limit, "->", JSON.stringify(seen));
  assert.strictEqual(seen, output);
}
NODE
