"""A client that cannot connect says why; a stream and a request say the same."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from helpers import CuttingProxy, RunningService, eventually, run_program, run_service, trouble_of

from whospeaks_client import RequestError, Status, WhoSpeaks, WhoSpeaksError


async def trouble_at(url: str, token: str | None = None) -> list[str]:
    """What a stream ends with, and a request for the speakers."""
    async with WhoSpeaks(url, token=token) as client:
        of_stream = await trouble_of(client.stream(backoff_seconds=(0.001, 0.005), max_attempts=2))
        with pytest.raises(WhoSpeaksError) as of_request:
            await client.speakers.list()
    return [f"{error.code}: {error}" for error in (of_stream, of_request.value)]


def certificate(folder: Path) -> dict[str, str]:
    files = {"tlsCert": str(folder / "cert.pem"), "tlsKey": str(folder / "key.pem")}
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    output = ["-keyout", files["tlsKey"], "-out", files["tlsCert"]]
    subprocess.run(["openssl", *options.split(), *names, *output], check=True, capture_output=True)
    return files


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningService, str, Path]]:
    """A service below a path, with TLS and a token; the token, and the certificate."""
    folder = tmp_path_factory.mktemp("guarded")
    tokens = folder / "tokens.json"
    token = run_program("token", "add", "--file", str(tokens), "--group", "team-a").split()[-1]
    files = certificate(folder)
    settings = {**files, "tokensFile": str(tokens), "basePath": "/voices"}
    with run_service(folder, settings) as running:
        yield running, token, Path(files["tlsCert"])


@asynccontextmanager
async def other_server(answer: bytes) -> AsyncIterator[str]:
    """A server that is not whospeaks: it answers every request with this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for told in await trouble_at(f"http://127.0.0.1:{port}"):
        assert told == (
            f"server-unreachable: nobody listens at 127.0.0.1:{port} (ECONNREFUSED); "
            "is `whospeaks serve` running there, and is the address right?"
        )
    for told in await trouble_at("http://no-such-host.invalid"):
        assert re.match(
            r"server-unreachable: nobody listens at no-such-host\.invalid \(.*(?i:name|resolution)", told
        ), told


async def test_the_path_is_wrong_or_another_server_is_there(service: RunningService) -> None:
    page = b"<h1>Welcome</h1>"
    head = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
    async with other_server(head % (b"404 Not Found", len(page), page)) as elsewhere:
        async with other_server(head % (b"200 OK", len(page), page)) as site:
            for url, status in [(f"{service.url}/x", 404), (f"{elsewhere}/x", 404), (site, 200)]:
                for told in await trouble_at(url):
                    assert told == (
                        f"server-not-found: there is no whospeaks service at {url}/ (answered {status}); "
                        "check the path of the address"
                    )


async def test_tls_on_one_side_alone_or_by_a_certificate_that_is_not_trusted(
    service: RunningService, guarded: tuple[RunningService, str, Path]
) -> None:
    secure, _, _ = guarded
    for told in await trouble_at(secure.url.replace("https", "http")):
        assert told == f"server-tls: 127.0.0.1:{secure.port} does not speak http; connect to {secure.url}/"
    for told in await trouble_at(service.url.replace("http", "https")):
        assert told == f"server-tls: 127.0.0.1:{service.port} does not speak https; connect to {service.url}/"
    for told in await trouble_at(secure.url):
        assert re.match(r"server-tls: the certificate of 127\.0\.0\.1:\d+ is not trusted \(self.signed cert", told), (
            told
        )


async def test_the_token_is_missing_wrong_or_right(guarded: tuple[RunningService, str, Path]) -> None:
    secure, right, cert = guarded
    context = ssl.create_default_context(cafile=str(cert))
    for token in (None, "wsp_wrong"):
        async with WhoSpeaks(secure.url, token=token, ssl_context=context) as client:
            with pytest.raises(RequestError, match="a valid token is needed") as refused:
                await client.speakers.list()
            assert (refused.value.code, refused.value.status) == ("server-unauthorized", 401)
            error = await trouble_of(client.stream())
            assert (error.code, str(error)) == ("server-unauthorized", str(refused.value))
    async with WhoSpeaks(secure.url.replace("https", "wss"), token=lambda: right, ssl_context=context) as client:
        assert (await client.speakers.list())["group"] == "team-a"
        stream = client.stream()
        await eventually(lambda: stream.status["state"] == "open")


async def test_the_address_is_forbidden(service: RunningService) -> None:
    # Without tokens a service answers to names of this machine alone.
    for told in await trouble_at(f"http://0.0.0.0:{service.port}"):
        assert told == "server-forbidden: this server answers to localhost only, until it has tokens"


async def test_the_connection_was_lost_later_and_could_not_be_had_again(service: RunningService) -> None:
    states: list[Status] = []
    async with CuttingProxy(service.port, lambda: float("inf")) as proxy:
        async with WhoSpeaks(f"http://127.0.0.1:{proxy.port}") as client:
            stream = client.stream(backoff_seconds=(0.001, 0.005), max_attempts=3, on_status=states.append)
            await eventually(lambda: stream.status["state"] == "open")
            proxy.stop()
            error = await trouble_of(stream)
    assert error.code == "server-lost"
    assert str(error).startswith("the connection was lost: ")
    assert [state["reason"].code for state in states if state["state"] == "waiting"] == ["server-lost"] * 2


async def test_an_answer_that_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whospeaks_client._socket.WELCOME_SECONDS", 0.2)
    monkeypatch.setattr("whospeaks_client._trouble._PROBE_SECONDS", 0.2)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with WhoSpeaks(url, timeout_seconds=0.2) as client:
        with pytest.raises(RequestError, match="raise timeout_seconds") as late:
            await client.speakers.list()
        error = await trouble_of(client.stream(max_attempts=1))
    assert late.value.code == "server-timeout"
    assert (error.code, "(no answer in time)" in str(error)) == ("server-unreachable", True)
    server.close()


async def test_an_answer_that_is_no_json() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{a}"
    async with other_server(head) as url, WhoSpeaks(url) as client:
        with pytest.raises(RequestError, match="is no JSON") as failed:
            await client.speakers.list()
    assert failed.value.code == "server-failed"


async def test_a_connection_that_breaks_before_the_answer() -> None:
    async with other_server(b"") as url:
        for told in await trouble_at(url):
            assert told.startswith("server-lost: the connection was lost: "), told
