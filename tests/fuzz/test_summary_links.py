"""Links of the weekly summary: whatever is changed in one, it opens nothing."""

import inspect
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import aiohttp
import pytest
from itsdangerous.signer import SigningAlgorithm
from yarl import URL

from bot.clock import MovableClock
from bot.demo import Demo
from bot.links import Signed
from bot.pages import summary
from bot.pages.throttle import Rate
from bot.summary_links import LINK_LIFE, OpenedLink, SummaryLinks
from tests.fuzz.conftest import Fuzz
from tests.house import shipped_library

SECRET = "page-secret-of-at-least-32-characters"
NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
LINKS = SummaryLinks("", SECRET)


def token(staff: str = "wangqiang", scope: str = "all") -> str:
    return LINKS.link(staff, scope, MONDAY, NOW).rpartition("/")[2]


def test_every_bit_of_a_link_counts() -> None:
    good = token()
    assert LINKS.opened(good, NOW) == OpenedLink("wangqiang", "all", MONDAY, expired=False)
    flipped = [
        good[:at] + chr(ord(good[at]) ^ (1 << bit)) + good[at + 1 :]
        for at in range(len(good))
        for bit in range(8)
    ]
    assert [one for one in flipped if LINKS.opened(one, NOW) is not None] == []


def test_two_links_put_together_open_nothing() -> None:
    """The wide scope of one colleague with the signature of another's narrow one, at every cut."""
    wide, narrow = token(), token("lijing", "rm:lijing")
    mixed = {wide[:at] + narrow[at:] for at in range(len(wide))} - {wide, narrow}
    mixed |= {narrow[:at] + wide[at:] for at in range(len(narrow))} - {wide, narrow}
    assert [one for one in sorted(mixed) if LINKS.opened(one, NOW) is not None] == []


@pytest.mark.parametrize(
    "signed",
    [
        Signed("another secret of at least 32 characters", "summary/link"),
        Signed(SECRET, "summary/session"),
        Signed(SECRET, "link"),
    ],
)
def test_other_key_or_purpose(signed: Signed) -> None:
    written = signed.write(["wangqiang", "all", "2026-W47"], NOW + LINK_LIFE)
    assert LINKS.opened(written, NOW) is None


def test_link_ends_to_the_second() -> None:
    ends = NOW + LINK_LIFE
    found = [LINKS.opened(token(), at) for at in (ends - timedelta(seconds=1), ends)]
    assert [one and one.expired for one in found] == [False, True]


def test_signatures_are_compared_in_constant_time() -> None:
    assert "hmac.compare_digest" in inspect.getsource(SigningAlgorithm.verify_signature)


@dataclass
class Door:
    """The bank's pages, and a browser that keeps nothing."""

    show: Demo
    http: aiohttp.ClientSession

    async def knock(self, token: str) -> tuple[int, bool]:
        """The status, and whether a session was given."""
        address = URL(f"{self.show._public}/summary/l/").joinpath(token)
        async with self.http.get(address, allow_redirects=False) as answer:
            return answer.status, "Set-Cookie" in answer.headers


@pytest.fixture
async def door(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(summary, "KNOCKS", Rate(10_000_000, timedelta(seconds=1)))
    show = Demo(MovableClock(NOW, seed=b"door"), *shipped_library(), sqlite_url)
    await show.start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Door(show, http)
    await show.app.close()
    await show.close()


async def test_nobody_gets_in_by_a_forged_link(door: Door, fuzz: Fuzz) -> None:
    page = door.show.app._settings.page
    assert page is not None
    links = SummaryLinks(page.public, page.secret)
    made = [
        links.link(staff, scope, MONDAY, NOW).rpartition("/")[2]
        for staff, scope in (("wangqiang", "all"), ("lijing", "rm:lijing"))
    ]
    assert [await door.knock(one) for one in made] == [(303, True)] * 2
    answers: set[tuple[int, bool]] = set()
    for _ in fuzz.rounds(sharing=3):
        forged = fuzz.text(*made)[:4200].strip("/.") or "x"
        if forged not in made:
            answers.add(await door.knock(forged.encode(errors="replace").decode()))
    assert answers <= {(400, False), (404, False)}
    assert answers
