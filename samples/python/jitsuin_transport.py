"""Sends requests, tries again, judges webhooks: the part that is the same for every operation. Standard library only."""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any, Mapping, Sequence


class Problem(Exception):
    """A refusal (RFC 9457). ``code`` is stable; "unknown": the answer was no problem document."""

    def __init__(self, status: int, document: Mapping[str, Any], retry_after: float | None) -> None:
        self.status = status
        self.code: str = document.get("code", "unknown")
        self.detail: str = document.get("detail", "")
        self.at: str | None = document.get("at")
        self.retry_after = retry_after
        super().__init__(f"{status} {self.code}: {self.detail}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None  # the credential goes to nobody else


class Transport:
    retry_codes: frozenset[str] = frozenset()

    def __init__(self, base_url: str, api_key: str, *, attempts: int = 4, timeout: float = 30.0) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._attempts = attempts
        self._timeout = timeout
        self._opener = urllib.request.build_opener(_NoRedirect)

    @staticmethod
    def new_key() -> str:
        """An Idempotency-Key: keep it when you may have to send the same request after a restart."""
        return str(uuid.uuid4())

    def call(
        self,
        method: str,
        template: str,
        *,
        path: Mapping[str, str],
        query: Mapping[str, Any],
        repeatable: bool,
        answer: str,
        body: Any = None,
        media_type: str = "application/json",
        idempotency_key: str | None = None,
    ) -> Any:
        for name, value in path.items():
            template = template.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
        search = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        url = f"{self._base_url}{template}{'?' + search if search else ''}"
        headers = {"Authorization": f"Bearer {self._api_key}", "Accept": "application/json"}
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers["Content-Type"] = media_type
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        octets = self._send(urllib.request.Request(url, data, headers, method=method), repeatable)
        if answer == "none":
            return None
        return json.loads(octets) if answer == "json" else octets

    def _send(self, request: urllib.request.Request, repeatable: bool) -> bytes:
        for attempt in range(1, self._attempts + 1):
            try:
                with self._opener.open(request, timeout=self._timeout) as response:
                    return response.read()
            except urllib.error.HTTPError as refusal:
                problem = self._problem(refusal)
                again = problem.status == 429 or (repeatable and problem.code in self.retry_codes)
                if not again or attempt == self._attempts:
                    raise problem from None
                wait = problem.retry_after
            except OSError:
                if not repeatable or attempt == self._attempts:
                    raise
                wait = None
            jitter = random.random() * min(20.0, 0.5 * 2 ** (attempt - 1))
            time.sleep(jitter if wait is None else wait + 0.5 * random.random())
        raise AssertionError("unreachable")

    @staticmethod
    def _problem(refusal: urllib.error.HTTPError) -> Problem:
        after = refusal.headers.get("Retry-After", "")
        try:
            document = json.loads(refusal.read())
        except ValueError:
            document = {}
        known = refusal.headers.get_content_type() == "application/problem+json" and isinstance(document, dict)
        return Problem(refusal.code, document if known else {}, float(after) if after.isdigit() else None)


def verify_webhook(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Mapping[str, Any]:
    """The event of a delivery (Standard Webhooks, v1). ``headers`` by lower-case names; raises ValueError."""
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
        raise ValueError("the webhook is too old, or not signed")
    content = f"{message}.{stamp}.".encode() + body
    given = [part[3:] for part in headers.get("webhook-signature", "").split(" ") if part.startswith("v1,")]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        right = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(right, signature) for signature in given):
            return json.loads(body)
    raise ValueError("the webhook is not signed with one of the secrets")
