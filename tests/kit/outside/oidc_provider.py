"""A small OpenID Connect provider: code flow with PKCE over real HTTP; tests can make it lie."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from tests.kit.live import serving

CLIENT_ID, CLIENT_SECRET = "store-automations", "a secret of both"


@dataclass
class Issuer:
    """Who is signed in at the provider, and the claims it gives instead of the true ones."""

    url: str = ""
    email: str = "rosa@bloom.example"
    verified: Any = True
    lies: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    #: The parameters of each authorization request, and the codes not yet exchanged.
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: RSAKey | OctKey | None = None

    def app(self) -> Flask:
        app = Flask(__name__)
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.metadata)
        app.add_url_rule(
            "/keys", view_func=lambda: jsonify(KeySet([self.key]).as_dict(private=False)), endpoint="keys"
        )
        app.add_url_rule("/authorize", view_func=self.authorize)
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        return app

    def metadata(self) -> Response:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        urls = {name: f"{self.url}/{path}" for name, path in paths.items()}
        return jsonify(urls | {"issuer": self.lies.get("issuer", self.url)})

    def authorize(self) -> Any:
        parameters = request.args.to_dict()
        if (
            parameters["client_id"] != CLIENT_ID
            or parameters["response_type"] != "code"
            or "openid" not in parameters["scope"]
        ):
            abort(400)
        if (
            parameters["code_challenge_method"] != "S256"
            or not parameters["nonce"]
            or not parameters["state"]
        ):
            abort(400)
        self.asked.append(parameters)
        code = secrets.token_urlsafe(16)
        self.codes[code] = parameters
        back = urlencode({"code": code, "state": parameters["state"], "iss": self.url})
        return redirect(f"{parameters['redirect_uri']}?{back}", 302)

    def token(self) -> Response:
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        parameters = self.codes.pop(request.form["code"], None)
        if request.headers.get("Authorization") != f"Basic {basic}" or parameters is None:
            abort(400)
        proof = create_s256_code_challenge(request.form["code_verifier"])
        if (
            proof != parameters["code_challenge"]
            or request.form["redirect_uri"] != parameters["redirect_uri"]
        ):
            abort(400)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": "7", "iat": now, "exp": now + 300}
        claims |= {"nonce": parameters["nonce"], "email": self.email, "email_verified": self.verified}
        claims = {name: value for name, value in (claims | self.lies).items() if value is not None}
        signed = jwt.encode(
            {"alg": self.algorithm, "kid": "one"}, claims, self._signing_key(), [self.algorithm]
        )
        return jsonify(
            {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": signed}
        )

    def _signing_key(self) -> Any:
        return self.signs_with or self.key


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Run the provider on a free port of this machine."""
    issuer = Issuer()
    with serving(issuer.app()) as url:
        issuer.url = url
        yield issuer
