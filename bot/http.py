"""The one outbound HTTP client: bounded in time, size, concurrency and destinations.

    NotSent      the request never left: nothing happened, it may be sent again
    └ NotAllowed the address is not one of the configured services
    NoAnswer     the request left and no usable answer came: it may or may not have happened

httpx speaks through aiohttp's connector, because httpx's own pool does not survive cancelled
requests (reliability.md M11).
"""

import asyncio
import ipaddress
import json as json_module
import logging
import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport

MAX_ANSWER = 1024 * 1024
_SECRET = re.compile(
    r"\b((?:webhook_|suite_)?(?:key|access_token|corpsecret|secret|response_code))"
    r"(=|%3D|\"\s*:\s*\")[^&\s\"'#]+",
    re.IGNORECASE,
)


class NotSent(Exception):
    """No connection was made: the other side knows nothing of the request."""


class NotAllowed(NotSent):
    """The address does not belong to a configured service."""


class NoAnswer(Exception):
    """The request left, but no complete answer came: success and failure are both possible."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer, of any status."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)
    """By names in lower case."""

    def json(self) -> Any:
        """The body as JSON. Raises ValueError if it is not."""
        return json_module.loads(self.body)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds and connections of the client."""

    total: float = 10.0
    connect: float = 3.0
    connections: int = 50


def redact(text: str) -> str:
    """The text with every webhook key, token, secret and response code masked."""
    return _SECRET.sub(r"\1\2***", text)


class _Redacting(logging.Filter):
    """httpx logs whole addresses, and WeCom puts credentials into them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


_REDACTING = _Redacting()


@cache
def _usual_checks() -> ssl.SSLContext:
    """Reading the roots takes 25 ms and is the same for every client."""
    return httpx.create_ssl_context(trust_env=False)


def with_certificate(certificate: Path, key: Path) -> ssl.SSLContext:
    """The client's usual checks of a server, and a certificate of our own to show."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_cert_chain(certificate, key)
    return context


class Http:
    """Calls the configured services, and nothing else.

    `bases` are the services' addresses: https, or http on the loopback interface only (the
    local sandbox). A call goes through only to exactly the scheme, host and port of a base, so
    an address that came from outside (a response_url) cannot lead elsewhere.
    """

    def __init__(
        self,
        bases: Iterable[str],
        bounds: Bounds | None = None,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tls` carries a certificate of our own, for a service that asks for one."""
        self._bounds = bounds or Bounds()
        self._origins = frozenset(_origin(base) for base in bases)
        # Waiting for a free connection must not count against the time of the call itself.
        self._slots = asyncio.Semaphore(self._bounds.connections)
        timeout = httpx.Timeout(self._bounds.total, connect=self._bounds.connect, pool=None)
        limits = httpx.Limits(max_connections=self._bounds.connections, keepalive_expiry=15)
        self._client = httpx.AsyncClient(
            transport=AiohttpTransport(
                verify=tls or _usual_checks(), limits=limits, trust_env=False
            ),
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "qunyun"},
        )
        logging.getLogger("httpx").addFilter(_REDACTING)

    async def close(self) -> None:
        """Closes every connection."""
        await self._client.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call, one answer. `json` is sent as raw UTF-8, `content` as it is.

        Raises NotAllowed, NotSent, NoAnswer; their texts carry no credentials.
        """
        sent_headers = dict(headers or {})
        if json is not None:
            content = json_module.dumps(json, ensure_ascii=False, separators=(",", ":")).encode()
            sent_headers["Content-Type"] = "application/json; charset=utf-8"
        try:
            request = self._client.build_request(
                method, url, params=params, content=content, headers=sent_headers
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise NotAllowed("地址无法解析") from error
        self._check(request.url)
        async with self._slots:
            return await self._send(request)

    async def _send(self, request: httpx.Request) -> Answer:
        host = request.url.host
        try:
            async with asyncio.timeout(self._bounds.total):
                response = await self._client.send(request, stream=True)
                try:
                    body = await _bounded(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise NoAnswer(f"{host} 在 {self._bounds.total:g} 秒内没有答复") from None
        except NoAnswer:
            raise
        except Exception as error:  # the transport lets some errors of aiohttp through
            what = redact(f"{type(error).__name__}: {error}")
            if _never_left(error):
                raise NotSent(f"连不上 {host}（{what}）") from None
            raise NoAnswer(f"{host} 没有给出完整的答复（{what}）") from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, body, headers)

    def _check(self, url: httpx.URL) -> None:
        if url.userinfo or _parts(url) not in self._origins:
            raise NotAllowed(f"不允许访问 {url.scheme}://{url.host}")


def _origin(base: str) -> tuple[str, str, int]:
    url = httpx.URL(base)
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.host)):
        raise ValueError(f"服务地址必须是 https（本机除外）：{redact(base)}")
    return _parts(url)


def _parts(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise NoAnswer("答复超过 1 MB")
    return bytes(body)


def _never_left(error: Exception) -> bool:
    """True only if no connection was made.

    The transport calls nearly every connection error of aiohttp a ConnectTimeout, even a server
    that hung up after reading the request; only the original error tells them apart.
    """
    if isinstance(error, httpx.UnsupportedProtocol):
        return True
    names = {kind.__name__ for kind in type(error.__cause__).__mro__}
    return not names.isdisjoint({"ClientConnectorError", "ConnectionTimeoutError"})
