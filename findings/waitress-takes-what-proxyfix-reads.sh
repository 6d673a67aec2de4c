#!/bin/bash
# waitress 3.0.2 and Werkzeug 3.1.9: behind waitress, Werkzeug's ProxyFix, set to trust one proxy, finds nothing to trust. Since
# version 2, waitress removes X-Forwarded-For, -Proto and -Host before the application sees them, unless it is told its trusted_proxy, or
# clear_untrusted_proxy_headers=False. So each client has the proxy's address, each request is http, and whatever counts tries by address
# counts everybody together. Nothing is logged, and a test with Werkzeug's client, which has no server, shows what ProxyFix alone does.
#
# Source: run here, with https://pypi.org/project/waitress/3.0.2/ and https://pypi.org/project/Werkzeug/3.1.9/; the default:
# https://docs.pylonsproject.org/projects/waitress/en/stable/arguments.html
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q waitress==3.0.2 werkzeug==3.1.9
"$folder/venv/bin/python" - <<'PYTHON'
import http.client
import threading

import waitress
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response


@Request.application
def who(request):
    return Response(f"{request.remote_addr} {request.scheme} {request.host}")


application = ProxyFix(who, x_for=1, x_proto=1, x_host=1)
FORWARDED = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "bloom.example"}


def served(**options):
    server = waitress.create_server(application, host="127.0.0.1", port=0, **options)
    threading.Thread(target=server.run, daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", int(server.effective_port))
    connection.request("GET", "/", headers={"Host": "here.example", **FORWARDED})
    return connection.getresponse().read().decode()


found = {
    "no server": Client(application).get("/", headers=FORWARDED, base_url="http://here.example").text,
    "waitress": served(),
    "waitress, told to leave them": served(clear_untrusted_proxy_headers=False),
}
for name, text in found.items():
    print(f"{name}: {text}")
assert list(found.values()) == [
    "192.0.2.7 https bloom.example",
    "127.0.0.1 http here.example",
    "192.0.2.7 https bloom.example",
]
PYTHON
