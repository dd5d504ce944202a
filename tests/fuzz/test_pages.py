"""The member page over a plain socket: whatever is sent, no 500, and nothing changes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlencode, urlsplit

import pytest

from bot.pages import member
from bot.pages.door import DOOR, SESSION
from bot.pages.keys import Keys
from bot.pages.throttle import Rate
from tests.bot.pages.conftest import SECRET, Bank, bank_on
from tests.fuzz.conftest import Fuzz

LONGEST = 600
"""Characters; a line of HTTP that is over 8 KB aiohttp refuses before we see it."""
FORMS: dict[str, dict[str, str]] = {
    "/m/draw/1": {"request": "0" * 32},
    "/m/game": {"say": "掷"},
    "/m/checkin": {},
    "/m/points": {"number": "1", "request": "1" * 32},
    "/m/prizes": {"order": "QY00"},
    "/m/data": {"consent": "no", "version": "1", "next": "/m/home"},
    "/m/calls": {"call": "1", "say": "投票 1"},
}


@dataclass
class Target:
    """A bank at 19:30, a member with a session, and raw connections."""

    bank: Bank
    session: str
    key: str

    async def send(self, request: bytes, patience: float = 10.0) -> int:
        """The status; 0 where the server hangs up, or waits for more longer than this."""
        where = urlsplit(self.bank.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        head = b""
        try:
            writer.write(request)
            async with asyncio.timeout(patience):
                head = await reader.readline()
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()
        return int(head.split()[1]) if head.startswith(b"HTTP/1.1 ") else 0

    def request(self, method: str, path: str, cookies: str, body: str = "") -> bytes:
        data = body.encode(errors="surrogatepass")
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Cookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        return head.encode(errors="surrogatepass") + data

    async def digest(self) -> str:
        """Everything that is stored."""
        tables = await self.bank.house.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL ORDER BY name"
        )
        hashed = hashlib.sha256()
        for (name,) in tables:
            rows = await self.bank.house.rows(f'SELECT * FROM "{name}"')
            hashed.update(repr((name, sorted(map(repr, rows)))).encode())
        return hashed.hexdigest()


@pytest.fixture
async def target(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Target]:
    endless = Rate(10_000_000, timedelta(seconds=1))
    monkeypatch.setattr(member, "ACTS", endless)
    monkeypatch.setattr(member, "KNOCKS", endless)
    async with bank_on(sqlite_url) as bank:
        await bank.house.jump("11-23 19:30")
        phone = await bank.member("wm1")
        (session,) = [one.value for one in phone.session.cookie_jar if one.key == SESSION]
        yield Target(bank, session, Keys(SECRET).form_key(session))


async def test_valid_request_is_answered(target: Target) -> None:
    """What is spoilt below is right before."""
    cookies = f"{SESSION}={target.session}"
    before = await target.digest()
    for path, fields in FORMS.items():
        body = urlencode({**fields, "key": target.key})
        assert await target.send(target.request("POST", path, cookies, body)) == 303
    assert await target.send(target.request("GET", target.bank.link(), "")) == 302
    assert await target.digest() != before


@pytest.mark.parametrize("name", [SESSION, DOOR, "qunyun_said"])
@pytest.mark.parametrize("path", ["/m/home", "/m/auth?state=x&code=y", "/m/verify"])
async def test_cookie_of_odd_bytes(target: Target, name: str, path: str) -> None:
    """Found by fuzzing: bytes beyond ASCII in a cookie ended in an exception."""
    request = target.request("GET", path, f"{name}=WyJ4Il0.").replace(b"WyJ4", b"W\xff\x88J")
    assert await target.send(request) == {"/m/home": 401, "/m/verify": 200}.get(path, 400)


async def test_spoilt_links(target: Target, fuzz: Fuzz) -> None:
    good = target.bank.link().removeprefix("/m/")
    before = await target.digest()
    for _ in fuzz.rounds():
        token = fuzz.torn(good) if fuzz.chance.random() < 0.7 else fuzz.text(good, *good.split("."))
        token = token[:LONGEST]
        path = "/m/" + quote(token.encode(errors="surrogatepass"), safe="")
        status = await target.send(target.request("GET", path, f"{SESSION}={target.session}"))
        assert 300 <= status < 500 or (status == 200 and token.isalpha()), (path, status)
    assert await target.digest() == before


async def test_spoilt_answers_of_wecom(target: Target, fuzz: Fuzz) -> None:
    """State and cookie that are not ours let nobody in."""
    keys, now = Keys(SECRET), target.bank.house.clock.now()
    state, door = keys.state("0" * 24, now), keys.door("guided", "0" * 24, now)
    before = await target.digest()
    for number in fuzz.rounds():
        wrong = fuzz.torn(state) if number % 2 else state
        cookie = door if number % 2 else fuzz.torn(door)
        if (wrong, cookie) == (state, door):
            continue
        query = urlencode(
            {"state": wrong, "code": fuzz.text("0" * 43)[:LONGEST]}, errors="surrogatepass"
        )
        cookies = f"{DOOR}={_plain(cookie)}"
        status = await target.send(target.request("GET", f"/m/auth?{query}", cookies))
        assert status in (400, 403, 410)
    assert await target.digest() == before


async def test_spoilt_sessions_and_form_keys(target: Target, fuzz: Fuzz) -> None:
    before = await target.digest()
    for number in fuzz.rounds(sharing=12):
        path, fields = fuzz.pick(list(FORMS.items()))
        session, key = target.session, target.key
        if number % 2:
            session = fuzz.torn(session)
        else:
            key = fuzz.torn(key)
        if (session, key) == (target.session, target.key):
            continue
        body = urlencode({**fields, "key": key}, errors="surrogatepass")
        cookies = f"{SESSION}={_plain(session)}"
        status = await target.send(target.request("POST", path, cookies, body))
        assert status in (401, 403, 400)
    assert await target.digest() == before


async def test_hostile_fields(target: Target, fuzz: Fuzz) -> None:
    """With a good session anything may be written into the fields."""
    cookies = f"{SESSION}={target.session}"
    for _ in fuzz.rounds(sharing=12):
        path, fields = fuzz.pick(list(FORMS.items()))
        name = fuzz.pick((*fields, "key2"))
        wrong = {**fields, "key": target.key, name: fuzz.text(*fields.values())}
        body = urlencode(wrong, errors="surrogatepass")
        status = await target.send(target.request("POST", path, cookies, body))
        assert 200 <= status < 500, (path, wrong)
    assert await target.bank.house.rows("SELECT count(*) FROM draw WHERE number > 1") == [(0,)]


async def test_broken_http(target: Target, fuzz: Fuzz) -> None:
    """Bytes that are nearly a request; its key is wrong, so none of them may change anything."""
    cookies = f"{SESSION}={target.session}"
    before = await target.digest()
    for _ in fuzz.rounds(sharing=12):
        path, fields = fuzz.pick(list(FORMS.items()))
        body = urlencode({**fields, "key": "0" * 32})
        method = fuzz.pick(("POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"))
        data = fuzz.spoilt(target.request(method, path, cookies, body))
        assert await target.send(data, patience=0.05) < 500
    assert await target.digest() == before


def _plain(cookie: str) -> str:
    """What a cookie's value can be."""
    return "".join(one for one in cookie if " " < one < "\x7f" and one not in ';,"\\')
