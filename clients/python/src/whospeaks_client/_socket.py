"""One WebSocket to the service."""

from __future__ import annotations

import asyncio

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from ._http import Service
from ._trouble import refusal, why_unreachable

SUBPROTOCOL = "whospeaks.v1"
WELCOME_SECONDS = 15
_CLOSE_SECONDS = 2
# Of one message from the service; a welcome names every speaker of the group.
_MOST_BYTES = 64 * 1024 * 1024


async def open_socket(service: Service, base: str) -> ClientConnection:
    """Connect to the service, or to another server of its fleet at ``base``. Raises as ``Service.request`` does."""
    url = base.replace("http", "ws", 1) + "v1/stream"
    try:
        return await connect(
            url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers=await service.authorization(),
            ssl=service.ssl_context if url.startswith("wss:") else None,
            compression=None,
            # Acknowledgements tell whether the connection lives; the service pings.
            ping_interval=None,
            max_size=_MOST_BYTES,
            open_timeout=WELCOME_SECONDS,
            close_timeout=_CLOSE_SECONDS,
        )
    except InvalidStatus as refused:
        response = refused.response
        headers = {name.lower(): value for name, value in response.headers.raw_items()}
        raise refusal(base, response.status_code, headers, bytes(response.body or b"")) from refused
    except (OSError, EOFError, InvalidHandshake, asyncio.TimeoutError) as error:
        raise await why_unreachable(base, error, service.http) from error
