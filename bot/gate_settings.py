"""Where the bank is asked who its customers are: configuration and secret."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from bot.config import Gate

GATE_SECRET = "QUNYUN_GATE_SECRET"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class GateSettings:
    """The gate (客户核对): the marketing platform's word about who is the bank's customer."""

    url: str
    """Without a slash at the end."""
    timeout: timedelta
    cache: timedelta
    """How long an answer counts for who comes again."""
    secret: str = field(repr=False)


def gate_settings(entry: "Gate | None", secret: Callable[[str], str]) -> GateSettings | None:
    """The configured gate with its secret; None where nobody asks."""
    if entry is None:
        return None
    return GateSettings(entry.url.rstrip("/"), entry.timeout, entry.cache, secret(GATE_SECRET))


def wrong_gate(gate: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with the configured gate, with its place."""
    url = gate.get("url") if isinstance(gate, Mapping) else None
    if isinstance(url, str) and not _is_service(url):
        yield ("gate", "url"), "要写成 https://主机名/路径（只有本机地址可以用 http）"


def _is_service(address: str) -> bool:
    try:
        url = urlsplit(address)
        host, _ = url.hostname, url.port
    except ValueError:
        return False
    local = url.scheme == "http" and host in ("127.0.0.1", "localhost", "::1")
    plain = not (url.query or url.fragment or url.username)
    return bool(host) and plain and (url.scheme == "https" or local)
