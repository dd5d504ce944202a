"""Tracked links: where they lead, what counts, and that counting stands in nobody's way."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.letters import Origin
from bot.links import Links
from bot.pages import go
from bot.pages.go import COOKIE
from bot.pages.shape import words
from sop.effects import MakeLink, OptOut
from storage.database import parse_url, sqlite_path
from tests.bot.pages.conftest import SECRET
from tests.house import FIRST, GUIDED
from tests.sop.test_tracked import HOSTILE

WECHAT = {"User-Agent": "Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50"}
WECOM = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50 wxwork/4.1.22"}
URL = "https://bank.example/guide?a=1&b=%E7%90%86#top"
OCCURRENCE = "p/s/2026-11-23/guided"
A = "A" * 22
HERE = f'<a href="/m/go/{A}">打开链接</a>'
UNKNOWN = ["没有这个链接", "链接可能没有复制完整，请回到消息里直接点开它。", "示例银行"]
OVER = ["这个链接过期了", "链接在 90 天内有效。想看里面的内容，请问问您的客户经理。", "示例银行"]


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """A busy machine is no reason to see a visitor leave before the click is written down."""
    monkeypatch.setattr(go, "PATIENCE", 60.0)


async def give(bank, member=None, community=GUIDED, name="guide", url=URL) -> str:
    """A link as a step gives it out; its path."""
    token = Links(bank.url, SECRET).token(community, OCCURRENCE, name, member or "")
    made = MakeLink(token, url, community, member, OCCURRENCE, name)
    now = bank.house.clock.now()
    due = bank.house.due
    await bank.house.database.write(
        lambda tx: due.runtime.apply(tx, [made], Origin(f"test/{token}", now))
    )
    return f"/go/{token}"


async def follow(phone, path, **more):
    """Opens a link as a browser does, until it leaves our server. Where it is sent, or the page."""
    for _ in range(4):
        answer = await phone.get(path, allow_redirects=False, headers=WECHAT | more)
        where = answer.headers.get("Location", "")
        if not where.startswith("/"):
            return where or answer
        path = where
    raise AssertionError(path)


async def clicks(bank) -> list[tuple[object, ...]]:
    query = "SELECT community, member, counted, why FROM click ORDER BY id"
    return [(one, member, bool(counted), why)
            for one, member, counted, why in await bank.house.rows(query)]  # fmt: skip


async def actions(bank) -> list[tuple[object, ...]]:
    return await bank.house.rows("SELECT community, member, n FROM daily WHERE kind = 'click'")


def outcomes(bank) -> dict[str, float]:
    return {
        sample.labels["outcome"]: sample.value
        for metric in bank.registry.collect()
        for sample in metric.samples
        if sample.name == "qunyun_link_clicks_total"
    }


async def test_members_own_link_counts_as_their_click(either_bank) -> None:
    bank = either_bank
    assert await follow(bank.phone(), await give(bank, "wm1")) == URL
    assert await clicks(bank) == [(GUIDED, "wm1", True, "")]
    assert await actions(bank) == [(GUIDED, "wm1", 1)]
    assert outcomes(bank) == {"counted": 1.0}


async def test_communitys_link_counts_for_the_community(either_bank) -> None:
    bank = either_bank
    path = await give(bank)
    for _ in range(2):
        assert await follow(bank.phone(), path) == URL
    assert await clicks(bank) == [(GUIDED, None, True, "")] * 2
    assert await actions(bank) == []


async def test_answer_keeps_no_trace_of_where_it_came_from(bank) -> None:
    phone, path = bank.phone(), await give(bank, "wm1")
    asked = await phone.get(path, allow_redirects=False, headers=WECHAT)
    answer = await phone.get(asked.headers["Location"], allow_redirects=False, headers=WECHAT)
    assert (asked.status, answer.status, answer.html) == (302, 302, "")
    for one in (asked, answer):
        assert one.headers["Referrer-Policy"] == "no-referrer"
        assert one.headers["Cache-Control"] == "no-store"
        assert one.headers["X-Robots-Tag"] == "noindex, nofollow"
    cookie = asked.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert cookie.partition("; ")[2] == "HttpOnly; Path=/go; SameSite=Lax"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"User-Agent": "curl/8.5.0"}, "预览或抓取程序打开"),
        ({"Sec-Purpose": "prefetch"}, "浏览器或聊天软件预先打开"),
    ],
)
async def test_programs_are_sent_on_uncounted(bank, more, why) -> None:
    assert await follow(bank.phone(), await give(bank, "wm1"), **more) == URL
    assert await clicks(bank) == [(GUIDED, "wm1", False, why)]
    assert await actions(bank) == []
    assert outcomes(bank) == {"not_counted": 1.0}


async def test_head_is_answered_uncounted(bank) -> None:
    phone, path = bank.phone(), await give(bank, "wm1")
    async with phone.session.head(bank.url + path, headers=WECHAT, allow_redirects=False) as one:
        assert (one.status, one.headers["Location"]) == (302, URL)
    assert await clicks(bank) == [(GUIDED, "wm1", False, "只问有没有这个页面（HEAD）")]


async def test_who_keeps_no_cookie_is_sent_on_uncounted(bank) -> None:
    path = await give(bank, "wm1")
    asked = await bank.phone().get(path, allow_redirects=False, headers=WECHAT)
    again = await bank.phone().get(asked.headers["Location"], allow_redirects=False, headers=WECHAT)
    assert again.headers["Location"] == URL
    assert await clicks(bank) == [(GUIDED, "wm1", False, "没有收下 cookie，多半是程序")]


@pytest.mark.parametrize("member", ["wm1", None])
async def test_again_within_a_minute_counts_once(bank, member) -> None:
    phone, path = bank.phone(), await give(bank, member)
    start = bank.house.clock.now()
    for seconds in (0, 30, 61):
        await bank.house.clock.advance_to(start + timedelta(seconds=seconds))
        assert await follow(phone, path) == URL
    again = (GUIDED, member, False, "一分钟内重复点开")
    counted = (GUIDED, member, True, "")
    assert await clicks(bank) == [counted, again, counted]
    assert outcomes(bank) == {"counted": 2.0, "not_counted": 1.0}


@pytest.mark.parametrize(
    ("member", "community", "expected"),
    [
        ("wm1", GUIDED, (GUIDED, "wm1", False, "在企业微信里打开，多半是同事在试")),
        (None, GUIDED, (GUIDED, None, False, "在企业微信里打开，多半是同事在试")),
        ("wm3", FIRST, (FIRST, "wm3", True, "")),
    ],
)
async def test_colleague_tries_a_customers_link(bank, member, community, expected) -> None:
    """In a customers' group members have WeChat; in a group of WeCom users everybody has it."""
    path = await give(bank, member, community)
    assert await follow(bank.phone(), path, **WECOM) == URL
    assert await clicks(bank) == [expected]


async def test_link_of_who_left_or_opted_out_is_nobodys(bank) -> None:
    paths = [await give(bank, "wm1"), await give(bank, "wm2")]
    now, due = bank.house.clock.now(), bank.house.due
    out = [OptOut("wm1")]
    await bank.house.database.write(lambda tx: due.runtime.apply(tx, out, Origin("test", now)))
    await bank.house.write("UPDATE membership SET left_at = joined_at WHERE member = 'wm2'")
    for path in paths:
        assert await follow(bank.phone(), path) == URL
    assert await clicks(bank) == [(GUIDED, None, True, "")] * 2
    assert await actions(bank) == []


async def test_link_is_good_for_90_days(bank) -> None:
    path, start = await give(bank, "wm1"), bank.house.clock.now()
    await bank.house.clock.advance_to(start + timedelta(days=90) - timedelta(seconds=1))
    assert await follow(bank.phone(), path) == URL
    await bank.house.clock.advance_to(start + timedelta(days=90))
    page = await follow(bank.phone(), path)
    assert (page.status, page.lines) == (410, OVER)


async def test_member_page_knows_who_opened_the_communitys_link(bank) -> None:
    phone, path = await bank.member("wm1"), await give(bank)
    assert await follow(phone, f"/m{path}") == URL
    assert await follow(phone, f"/m{path}") == URL
    assert await clicks(bank) == [
        (GUIDED, "wm1", True, ""),
        (GUIDED, "wm1", False, "一分钟内重复点开"),
    ]
    assert await actions(bank) == [(GUIDED, "wm1", 1)]


async def test_member_page_without_a_session_or_elsewhere_is_the_open_road(bank) -> None:
    path = await give(bank)
    assert await follow(bank.phone(), f"/m{path}") == URL
    assert await follow(await bank.member("wm3", FIRST), f"/m{path}") == URL
    assert await clicks(bank) == [(GUIDED, None, True, "")] * 2


async def test_colleague_on_the_member_page_is_not_counted(bank) -> None:
    phone, path = bank.phone(), await give(bank)
    await bank.opened(phone, "chen")
    assert await follow(phone, f"/m{path}") == URL
    assert await clicks(bank) == [(GUIDED, None, False, "同事点开")]


TOKENS = [
    "x", "a" * 22, "A" * 64, "A" * 65, "A" * 5000, "0" * 22, "-_" * 11, "%00", "%2e%2e", "..%2f..",
    "%2F%2Fevil.example", "//evil.example", "https:%2F%2Fevil.example", "https://evil.example",
    "javascript:alert(1)", "%0d%0aLocation:%20https:%2F%2Fevil.example", "%E7%90%86%E8%B4%A2",
    "%F0%9F%98%80", "'%20OR%201=1--", "%22%3E%3Cscript%3E", "{{7*7}}", "$%7Bjndi%7D", "%ff%fe",
    "null", "None", "undefined", "NaN", "1e9", "-1", "?url=https://evil.example",
    "?next=//evil.example", "?c=1", "#x", "a/b", "a/../b", "a%2Fb", "a;b", "a=b", "a&b", "*",
    "_" * 22, "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA%3D%3D", "+" * 22, "%2B" * 22,
    "admin", "..", ".", "m", "index.php", "wp-login.php", ".env", ".git%2Fconfig",
    "static", "home", "auth", "callbacks", "live", "ready", "metrics", "%25", "%", "%zz",
]  # fmt: skip


async def test_what_was_never_given_out_leads_nowhere(bank) -> None:
    await give(bank, "wm1")
    found = {}
    for token in TOKENS:
        async with bank.phone().session.get(
            f"{bank.url}/go/{token}", allow_redirects=False, headers=WECHAT
        ) as answer:
            # `..` is the browser's own doing: it asks for another page of ours.
            found[token] = (answer.status in (400, 404), "Location" in answer.headers)
    assert found == dict.fromkeys(TOKENS, (True, False))
    assert await clicks(bank) == []


async def test_an_address_nobody_reviewed_leads_nowhere(bank) -> None:
    """As if somebody had written into the database past all checks."""
    urls = [one for one in HOSTILE if "\x00" not in one]
    found = {}
    for number, url in enumerate(urls):
        path = await give(bank, "wm1", name=f"n{number}", url=url)
        page = await follow(bank.phone(), path)
        found[url] = (page.status, page.lines)
    assert found == dict.fromkeys(urls, (404, UNKNOWN))


async def test_other_links_of_the_same_step_are_not_to_be_guessed(bank) -> None:
    paths = {await give(bank, who, name=name) for who in ("wm1", "wm2", None) for name in "ab"}
    assert len(paths) == 6
    assert {len(one) for one in paths} == {len("/go/") + 22}
    assert not any("wm" in one for one in paths)
    other = Links(bank.url, SECRET + "x").token(GUIDED, OCCURRENCE, "a", "wm1")
    assert f"/go/{other}" not in paths


async def test_a_locked_database_delays_the_click_and_not_the_visitor(
    bank, sqlite_url, monkeypatch
) -> None:
    """Another program holds the file: the visitor waits a moment, the click until it is free."""
    monkeypatch.setattr(go, "PATIENCE", 0.05)
    phone, path = bank.phone(), await give(bank, "wm1")
    with closing(sqlite3.connect(sqlite_path(parse_url(sqlite_url)))) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await follow(phone, path) == URL
        assert outcomes(bank) == {}
        other.rollback()
    while not outcomes(bank):
        await asyncio.sleep(0)
    assert outcomes(bank) == {"counted": 1.0}
    assert await clicks(bank) == [(GUIDED, "wm1", True, "")]


async def test_a_full_disk_loses_the_click_and_not_the_visitor(bank, caplog) -> None:
    """SQLite refuses to grow, as it does on a full disk."""
    path = await give(bank, "wm1")

    def fill(tx) -> None:
        tx.execute(text("CREATE TRIGGER full BEFORE INSERT ON click BEGIN "
                        "SELECT RAISE(FAIL, 'database or disk is full'); END"))  # fmt: skip
        tx.execute(text("PRAGMA max_page_count = 1"))

    await bank.house.database.write(fill)
    assert await follow(bank.phone(), path) == URL
    assert await clicks(bank) == []
    assert outcomes(bank) == {"lost": 1.0}
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [
        "click lost"
    ]
    assert "wm1" not in caplog.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"看看 https://q.example/go/{A}，好", f"看看 {HERE}，好"),
        (f"[清单](https://q.example/go/{A})", f"清单 {HERE}"),
        (f"一 https://q.example/m/{A} 二", "一  二"),
        (f"一 https://q.example/go/{A}/x 二", "一  二"),
        (f"一 https://q.example/go/{A}x 二", "一  二"),
    ],
)
def test_member_page_offers_tracked_links_and_no_other(text, shown) -> None:
    assert str(words(text)) == shown
