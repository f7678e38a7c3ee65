"""Requests to the service."""

from __future__ import annotations

import inspect
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Union

import httpx

from ._options import Token, invalid, service_url
from ._trouble import refusal, why_unreachable
from .errors import RequestError, WhoSpeaksError

Content = Union[bytes, AsyncIterator[bytes]]
_CONNECT_SECONDS = 10


class Service:
    """Where the service is, with the token: one set of connections for all requests."""

    def __init__(self, url: str, token: Token, ssl_context: ssl.SSLContext | None, timeout_seconds: float) -> None:
        self.url = service_url(url)
        if token is not None and not isinstance(token, str) and not callable(token):
            raise invalid("WhoSpeaks", "token", "a string or a function", token)
        if ssl_context is not None and not isinstance(ssl_context, ssl.SSLContext):
            raise invalid("WhoSpeaks", "ssl_context", "an ssl.SSLContext", ssl_context)
        if (
            isinstance(timeout_seconds, bool)
            or not isinstance(timeout_seconds, (int, float))
            or not timeout_seconds > 0
        ):
            raise invalid("WhoSpeaks", "timeout_seconds", "more than 0", timeout_seconds)
        self._token = token
        self.ssl_context = ssl_context or ssl.create_default_context()
        timeout = httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, _CONNECT_SECONDS))
        self.http = httpx.AsyncClient(verify=self.ssl_context, timeout=timeout)

    async def authorization(self) -> dict[str, str]:
        """The header with the current token; empty without one."""
        token = self._token() if callable(self._token) else self._token
        if inspect.isawaitable(token):
            token = await token
        if not token:
            return {}
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            # It is a secret: the message does not repeat it.
            raise WhoSpeaksError("invalid-option", 'WhoSpeaks: option "token": expected printable ASCII characters')
        return {"Authorization": f"Bearer {token}"}

    def check_open(self) -> None:
        """Raises ``source-closed`` once the client is closed."""
        if self.http.is_closed:
            raise WhoSpeaksError("source-closed", "the client is closed; make another one")

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        json: object = None,
        content: Content | None = None,
        headers: Mapping[str, str] | None = None,
        files: Sequence[tuple[str, tuple[str, bytes]]] | None = None,
        is_ours: Callable[[httpx.Response], bool] | None = None,
    ) -> httpx.Response:
        """One request. Values of ``query`` that are None are left out.

        Raises ``RequestError``: with the service's code; ``server-not-found`` if something else answers;
        ``server-unreachable`` or ``server-tls`` if nothing does; ``server-lost`` or ``server-timeout`` later.
        """
        self.check_open()
        asked = {name: _query_value(value) for name, value in (query or {}).items() if value is not None}
        request = self.http.build_request(
            method, f"{self.url}{path}", params=asked, json=json, content=content, files=files,
            headers={**(headers or {}), **await self.authorization()},
        )  # fmt: skip
        try:
            response = await self.http.send(request)
        except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
            why = f"no answer from {request.url.netloc.decode()} in time; try again, or raise timeout_seconds"
            raise RequestError("server-timeout", why) from error
        except httpx.TransportError as error:
            raise await why_unreachable(self.url, error, self.http) from error
        ours = is_ours or _is_json
        if response.is_success and (response.status_code == 204 or ours(response)):
            return response
        raise refusal(self.url, response.status_code, response.headers, response.content)

    async def json(self, method: str, path: str, **asked: Any) -> Any:
        """As ``request``; the JSON of the answer."""
        response = await self.request(method, path, **asked)
        try:
            return response.json()
        except ValueError as error:
            raise RequestError("server-failed", f"the answer of {self.url} is no JSON", response.status_code) from error


def _is_json(response: httpx.Response) -> bool:
    return "json" in response.headers.get("content-type", "")


def _query_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
