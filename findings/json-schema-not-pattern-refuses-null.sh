#!/bin/bash
# JSON Schema: {"type": ["string", "null"], "not": {"pattern": "..."}} refuses null, whatever the pattern. A pattern says
# nothing about what is no text, so null satisfies it, and `not` turns that into a refusal. A field described
# as "optional, and not only digits" can then not be emptied. Three validators agree: jsonschema-rs 0.61.2, jsonschema 4.25.1
# and Ajv 8.20.0. `{"not": {"type": "string", "pattern": "..."}}` says what was meant.
#
# Source: run here; https://json-schema.org/draft/2020-12/json-schema-validation#section-6.3.3
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q jsonschema-rs==0.61.2 jsonschema==4.25.1
cat > "$folder/schemas.json" <<'JSON'
[
  [{"type": ["string", "null"], "not": {"pattern": "^[0-9]+$"}}, false],
  [{"type": ["string", "null"], "not": {"type": "string", "pattern": "^[0-9]+$"}}, true]
]
JSON
cd "$folder"
venv/bin/python - <<'PYTHON'
import json

import jsonschema
import jsonschema_rs

for schema, takes_null in json.load(open("schemas.json")):
    rust, python = jsonschema_rs.validator_for(schema), jsonschema.Draft202012Validator(schema)
    print(json.dumps(schema["not"]), "null is taken:", rust.is_valid(None), python.is_valid(None))
    assert rust.is_valid(None) == python.is_valid(None) == takes_null
    assert rust.is_valid("Rose") and python.is_valid("Rose") and not rust.is_valid("42") and not python.is_valid("42")
PYTHON
npm install --silent --no-audit --no-fund ajv@8.20.0
node - <<'NODE'
const assert = require("node:assert");
const Ajv = require("ajv/dist/2020");
for (const [schema, takesNull] of require("./schemas.json")) {
  const seen = new Ajv({ allowUnionTypes: true }).validate(schema, null);
  console.log(JSON.stringify(schema.not), "Ajv takes null:", seen);
  assert.strictEqual(seen, takesNull);
}
NODE
