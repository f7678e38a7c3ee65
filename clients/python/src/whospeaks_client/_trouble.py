"""Why there was no answer, told apart: nobody listens, TLS, another server, lost."""

from __future__ import annotations

import asyncio
import errno
import json
import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import httpx

from .errors import RequestError, lost_later, to_error_code

_PROBE_SECONDS = 3
_NOT_A_SYSTEM_ERROR = (ssl.SSLError, ConnectionResetError, BrokenPipeError)


async def why_unreachable(base: str, cause: BaseException, http: httpx.AsyncClient) -> RequestError:
    """The error for a request that got no answer at all; asks the other scheme to tell a wrong one from no server."""
    host = urlsplit(base).netloc
    for error in _chain(cause):
        if isinstance(error, ssl.SSLCertVerificationError):
            why = f"the certificate of {host} is not trusted ({error.verify_message or error.reason})"
            return RequestError("server-tls", f"{why}; trust its issuer, or give the server another one")
    other = _other_scheme(base)
    if await _speaks(other, http):
        scheme = urlsplit(base).scheme
        return RequestError("server-tls", f"{host} does not speak {scheme}; connect to {other}")
    for error in _chain(cause):
        if isinstance(error, OSError) and not isinstance(error, _NOT_A_SYSTEM_ERROR) and error.errno is not None:
            # Numbers of gaierror are of another table; its text says more.
            why = errno.errorcode.get(error.errno) or error.strerror or str(error)
            return _nobody(host, why)
    if isinstance(cause, (httpx.ConnectTimeout, asyncio.TimeoutError)):
        return _nobody(host, "no answer in time")
    if isinstance(cause, httpx.ConnectError):
        return _nobody(host, str(cause))
    lost = lost_later(f"{host} closed it or the network broke ({shown_error(cause)})")
    return RequestError(lost.code, str(lost))


def refusal(base: str, status: int, headers: Mapping[str, str], body: bytes) -> RequestError:
    """The error for an answer of 400 or more, or of another server than whospeaks."""
    told = _told(body)
    elsewhere = status < 400 or status in (404, 405)
    if (told is None and elsewhere) or (told and told.get("code") == "server-not-found"):
        why = f"there is no whospeaks service at {base} (answered {status})"
        return RequestError("server-not-found", f"{why}; check the path of the address", status)
    try:
        retry_after: float | None = float(headers.get("retry-after", ""))
    except ValueError:
        retry_after = None
    message = (told or {}).get("message") or f"the server answered {status}; see its log"
    return RequestError(to_error_code((told or {}).get("code")), str(message), status, retry_after)


def shown_error(error: BaseException) -> str:
    """An error in a few words, for a message; its class if it has no text."""
    return str(error) or type(error).__name__


def _nobody(host: str, why: str) -> RequestError:
    message = f"nobody listens at {host} ({why}); is `whospeaks serve` running there, and is the address right?"
    return RequestError("server-unreachable", message)


def _told(body: bytes) -> dict[str, object] | None:
    try:
        error = json.loads(body)["error"]
    except (ValueError, TypeError, KeyError):
        return None
    return error if isinstance(error, dict) else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what lies behind it, of several addresses that were tried the first."""
    for _ in range(10):
        if error is None:
            return
        yield error
        group = getattr(error, "exceptions", None)
        error = group[0] if group else error.__cause__ or error.__context__


def _other_scheme(base: str) -> str:
    return base.replace("https:", "http:", 1) if base.startswith("https:") else base.replace("http:", "https:", 1)


async def _speaks(base: str, http: httpx.AsyncClient) -> bool:
    try:
        # Whatever it answers, it speaks.
        await http.get(f"{base}healthz", timeout=_PROBE_SECONDS)
    except httpx.HTTPError as error:
        return any(isinstance(each, ssl.SSLCertVerificationError) for each in _chain(error))
    return True
