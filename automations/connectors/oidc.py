"""Sign in through an OpenID Connect provider: build the request and verify the answer.

Authorization code flow with PKCE, state and nonce. All requests go through `egress`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from automations.connectors import egress
from automations.connectors.oidc_provider import NOT_BELIEVED, NotIdentified, Provider, StartedSignIn

SCOPE = "openid email"
#: Asymmetric signatures only, which nobody but the provider can make: no "none", no shared secret.
ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "ES512"]
LEEWAY = 60
AWAY = "The sign-in provider cannot be reached just now. Sign in with your password, or try again later."
UNVERIFIED = "The sign-in provider has not verified your email address. Verify it there, then try again."


def begin(provider: Provider, redirect_uri: str) -> StartedSignIn:
    """Return where to send the browser. Raises NotIdentified."""
    endpoint = _endpoint(provider, _metadata(provider), "authorization_endpoint")
    state, nonce, verifier = generate_token(32), generate_token(32), generate_token(64)
    url = prepare_grant_uri(
        endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=SCOPE,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return StartedSignIn(url, state, nonce, verifier)


def finish(provider: Provider, redirect_uri: str, code: str, nonce: str, verifier: str) -> str:
    """Return the verified email address of the person who signed in. Raises NotIdentified."""
    metadata = _metadata(provider)
    token = _exchange(provider, metadata, redirect_uri, code, verifier)
    keys = _json(egress.Request("GET", _endpoint(provider, metadata, "jwks_uri")))
    claims = _claims(provider, token, keys, nonce)
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str) or not email:
        raise NotIdentified(UNVERIFIED)
    return email.strip().lower()


def _exchange(
    provider: Provider, metadata: Mapping[str, Any], redirect_uri: str, code: str, verifier: str
) -> Mapping[str, Any]:
    body = prepare_token_request(
        "authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    basic = "client_secret_basic" in metadata.get(
        "token_endpoint_auth_methods_supported", ["client_secret_basic"]
    )
    how = ("client_secret_basic" if basic else "client_secret_post") if provider.client_secret else "none"
    auth = ClientAuth(provider.client_id, provider.client_secret, how)
    url, headers, body = auth.prepare("POST", _endpoint(provider, metadata, "token_endpoint"), headers, body)
    return _json(egress.Request("POST", url, headers, body.encode()))


def _claims(provider: Provider, token: Mapping[str, Any], keys: Any, nonce: str) -> Mapping[str, Any]:
    try:
        decoded = jwt.decode(str(token.get("id_token")), KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        options = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {"nonce": nonce, "client_id": provider.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotIdentified(NOT_BELIEVED) from error
    return dict(claims)


def _metadata(provider: Provider) -> Mapping[str, Any]:
    metadata = _json(egress.Request("GET", f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"))
    if metadata.get("issuer") != provider.issuer:
        raise NotIdentified(NOT_BELIEVED)
    return metadata


def _endpoint(provider: Provider, metadata: Mapping[str, Any], name: str) -> str:
    """Return a URL from the metadata, on https unless the issuer itself is not. Raises NotIdentified."""
    url = str(metadata.get(name, ""))
    if urlsplit(url).scheme not in ("https", urlsplit(provider.issuer).scheme):
        raise NotIdentified(NOT_BELIEVED)
    return url


def _json(request: egress.Request) -> Mapping[str, Any]:
    try:
        answer = egress.send(request)
        data = json.loads(answer.body)
    except (egress.UrlRefused, egress.Unreachable, egress.NoAnswer) as error:
        raise NotIdentified(AWAY) from error
    except ValueError as error:
        raise NotIdentified(NOT_BELIEVED) from error
    if answer.status != 200 or not isinstance(data, dict):
        raise NotIdentified(NOT_BELIEVED)
    return data
