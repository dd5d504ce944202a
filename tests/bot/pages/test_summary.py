"""The summary's pages: who gets in, who sees what, and what the pages say."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from sqlalchemy import text
from yarl import URL

from bot.clock import MovableClock
from bot.config import Config
from bot.demo import CUSTOMER_GROUP, Demo
from bot.links import Signed
from bot.shelf import shipped
from bot.summary_links import SummaryLinks
from sop.summary.weeks import parse_week
from storage import activity

WEEK, BEFORE = "2026-W48", "2026-W47"
IN_WECOM = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0 wxwork/4.1"}
START = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
"""Monday 09:10 in Shanghai, week 48."""
TUESDAY = START + timedelta(days=8)
"""Of week 49: week 48 is final."""


@dataclass
class Desk:
    """The demo's bank, and the browsers of its staff."""

    show: Demo
    url: str
    browsers: list[aiohttp.ClientSession] = field(default_factory=list)

    def browser(self, **headers: str) -> aiohttp.ClientSession:
        one = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), headers=headers or None
        )
        self.browsers.append(one)
        return one

    async def get(
        self, browser: aiohttp.ClientSession, path: str, **more: Any
    ) -> tuple[int, str, str, dict[str, str]]:
        """(status, path, body, headers)."""
        address = URL(path if path.startswith("http") else self.url + path, encoded=True)
        async with browser.get(address, **more) as answer:
            body = (await answer.read()).decode(errors="replace")
            return answer.status, answer.url.path, body, dict(answer.headers)

    async def signed_in(self, who: str, to: str = "/summary/", **headers: str) -> Any:
        """A browser in which a colleague has signed in."""
        browser = self.browser(**headers)
        _, _, _, answer = await self.get(browser, to, allow_redirects=False)
        async with browser.get(
            URL(self.url + answer["Location"], encoded=True), allow_redirects=False
        ) as asked:
            where = URL(asked.headers["Location"], encoded=True).update_query({"as": who})
        async with browser.get(where) as landed:
            assert landed.status in (200, 403), landed
        return browser

    def link(self, staff: str, scope: str, week: str = BEFORE) -> str:
        """As a card gives it out now."""
        page = self.show.app._settings.page
        assert page is not None
        links = SummaryLinks(page.public, page.secret)
        made = links.link(staff, scope, parse_week(week), self.show.clock.now())
        return made.removeprefix(self.url)


class TwoRms(Demo):
    """The demo, where 李静 looks after the first group and 赵芸 after the second."""

    def config(self, base: str) -> Config:
        given = super().config(base)
        staff = [
            one.model_copy(update={"roles": ["rm"]}) if one.id == "zhaoyun" else one
            for one in given.staff
        ]
        first, second = given.communities
        second = second.model_copy(update={"owner": "zhaoyun"})
        return given.model_copy(update={"staff": staff, "communities": [first, second]})


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    """Monday 09:10 of week 48; 陈晓雯 and 老周 wrote something."""
    show = TwoRms(MovableClock(START, seed=b"desk"), *shipped(), sqlite_url)
    await show.start()
    await show.settle()
    deeds = [
        activity.Action("wealth-01", one, "message", START, date(2026, 11, 23))
        for one in ("wmDemo001", "wmDemo002")
    ]
    await show.app.database.write(lambda tx: activity.count(tx, deeds))
    one = Desk(show, show._public)
    yield one
    for browser in one.browsers:
        await browser.close()
    await show.app.close()
    await show.close()


# the door


async def test_home_without_a_session_leads_to_wecom(desk: Desk) -> None:
    browser = desk.browser()
    status, _, _, headers = await desk.get(browser, "/summary/", allow_redirects=False)
    assert (status, headers["Location"]) == (302, "/summary/login?to=%2Fsummary%2F")
    status, _, _, headers = await desk.get(browser, headers["Location"], allow_redirects=False)
    where = urlsplit(headers["Location"])
    query = dict(parse_qsl(where.query))
    state = query.pop("state")
    assert (status, where.path) == (302, "/wwlogin/sso/login")
    assert query == {
        "appid": "wwdemo0123456789",
        "agentid": "1000002",
        "redirect_uri": f"{desk.url}/summary/auth",
        "login_type": "CorpApp",
    }
    assert len(state) <= 128
    assert state.isalnum()


async def test_in_wecom_nobody_is_asked(desk: Desk) -> None:
    browser = desk.browser(**IN_WECOM)
    _, _, _, headers = await desk.get(browser, "/summary/login", allow_redirects=False)
    where = urlsplit(headers["Location"])
    assert where.path == "/connect/oauth2/authorize"
    assert dict(parse_qsl(where.query))["scope"] == "snsapi_base"
    assert where.fragment == "wechat_redirect"


@pytest.mark.parametrize("headers", [{}, IN_WECOM])
async def test_manager_lands_on_the_page_that_was_wanted(
    desk: Desk, headers: dict[str, str]
) -> None:
    browser = await desk.signed_in("wangqiang", f"/summary/w/{WEEK}/community:wealth-01", **headers)
    status, path, body, answer = await desk.get(browser, f"/summary/w/{WEEK}/community:wealth-01")
    assert (status, path) == (200, f"/summary/w/{WEEK}/community:wealth-01")
    assert "财富体验群 · 周报" in body
    assert "这一周还没有结束" in body
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'; style-src 'self'" in policy
    assert answer["Cache-Control"] == "no-store"
    assert "<script" not in body
    assert " style=" not in body


async def test_qr_page_offers_colleagues_only(desk: Desk) -> None:
    browser = desk.browser()
    _, path, body, _ = await desk.get(browser, "/summary/login")
    assert path == "/wwlogin/sso/login"
    assert "王强" in body
    assert "陈晓雯" not in body


async def test_session_cookie_is_for_these_pages_alone(desk: Desk) -> None:
    browser = desk.browser()
    async with browser.get(
        desk.url + desk.link("lijing", "rm:lijing"), allow_redirects=False
    ) as it:
        cookie = it.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/summary" in cookie
    assert "SameSite=Lax" in cookie


async def test_state_is_good_in_its_own_browser_only(desk: Desk) -> None:
    one, other = desk.browser(), desk.browser()
    async with one.get(desk.url + "/summary/login", allow_redirects=False) as asked:
        where = URL(asked.headers["Location"], encoded=True).update_query({"as": "wangqiang"})
    async with one.get(where, allow_redirects=False) as back:
        address = back.headers["Location"]
    status, _, body, _ = await desk.get(other, address)
    assert (status, "另一个浏览器" in body) == (403, True)
    status, path, _, _ = await desk.get(one, address)
    assert (status, path) == (200, f"/summary/w/{BEFORE}/all")
    assert (await desk.get(one, address))[0] == 403


@pytest.mark.parametrize("state", ["", "0" * 66, "z" * 66, "长", "a" * 5000])
async def test_state_that_nobody_here_wrote(desk: Desk, state: str) -> None:
    status, _, body, _ = await desk.get(
        desk.browser(), str(URL("/summary/auth").with_query(code="c", state=state))
    )
    assert (status, "登录没有完成" in body) == (400, True)


async def test_old_state(desk: Desk) -> None:
    browser = desk.browser()
    async with browser.get(desk.url + "/summary/login", allow_redirects=False) as asked:
        state = URL(asked.headers["Location"]).query["state"]
    await desk.show.clock.advance_to(START + timedelta(minutes=11))
    status, _, body, _ = await desk.get(browser, f"/summary/auth?code=c&state={state}")
    assert (status, "登录超时了" in body) == (410, True)


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example",
        "/m/home",
        "/summary/../m",
        "/summary/\r\nX: y",
        "",
    ],
)
async def test_door_leads_nowhere_else(desk: Desk, to: str) -> None:
    browser = desk.browser()
    address = URL(desk.url + "/summary/login").with_query(to=to)
    async with browser.get(address, allow_redirects=False) as asked:
        where = URL(asked.headers["Location"], encoded=True).update_query({"as": "wangqiang"})
    async with browser.get(where) as landed:
        assert landed.url.host == "127.0.0.1"
        assert landed.url.path in (f"/summary/w/{BEFORE}/all", "/m")


# who sees what

PAGES = {
    "company": f"/summary/w/{WEEK}/all",
    "own": f"/summary/w/{WEEK}/rm:lijing",
    "own community": f"/summary/w/{WEEK}/community:wealth-01",
    "own label": f"/summary/w/{WEEK}/label:wealth",
    "other": f"/summary/w/{WEEK}/rm:zhaoyun",
    "other community": f"/summary/w/{WEEK}/community:wealth-02",
    "other label": f"/summary/w/{WEEK}/label:online",
    "compare": f"/summary/w/{WEEK}/rm:lijing/compare",
    "compare all": f"/summary/w/{WEEK}/all/compare",
    "members": f"/summary/w/{WEEK}/community:wealth-01/members/active",
    "other members": f"/summary/w/{WEEK}/community:wealth-02/members/active",
    "step": f"/summary/w/{WEEK}/community:wealth-01/step/wealth-weekly/tue-dice",
    "step of all": f"/summary/w/{WEEK}/all/step/wealth-weekly/tue-dice",
    "players": f"/summary/w/{WEEK}/rm:lijing/step/wealth-weekly/tue-dice/members/played",
    "other step": f"/summary/w/{WEEK}/rm:zhaoyun/step/customer-weekly/mon-hello",
    "file": f"/summary/w/{WEEK}/rm:lijing/file/md",
    "file of all": f"/summary/w/{WEEK}/all/file/json",
}
OF_LI = {"own", "own community", "own label", "compare", "members", "step", "players", "file"}
SEEN = {
    "wangqiang": set(PAGES),
    "lijing": OF_LI,
    "zhaoyun": {"other", "other community", "other label", "other members", "other step"},
    "sunyan": set(),
}


@pytest.mark.parametrize("who", SEEN)
async def test_pages_of_each_role(desk: Desk, who: str) -> None:
    browser = await desk.signed_in(who)
    answers = {
        name: (await desk.get(browser, path, allow_redirects=False))[0]
        for name, path in PAGES.items()
    }
    refused = 302 if who == "sunyan" else 403
    assert answers == {name: 200 if name in SEEN[who] else refused for name in PAGES}


async def test_role_that_reads_no_summaries_is_told(desk: Desk) -> None:
    browser = desk.browser()
    async with browser.get(desk.url + "/summary/login", allow_redirects=False) as asked:
        where = URL(asked.headers["Location"], encoded=True).update_query({"as": "sunyan"})
    status, _, body, headers = await desk.get(browser, str(where))
    assert (status, "您的角色看不到周报" in body) == (403, True)
    assert "Set-Cookie" not in headers


async def test_customer_is_no_colleague(desk: Desk) -> None:
    browser = desk.browser(**IN_WECOM)
    async with browser.get(desk.url + "/summary/login", allow_redirects=False) as asked:
        where = URL(asked.headers["Location"], encoded=True).update_query({"as": "wmDemo001"})
    status, _, body, _ = await desk.get(browser, str(where))
    assert (status, "这里只给本行同事用" in body) == (403, True)


async def test_rights_are_those_of_now(desk: Desk) -> None:
    browser = await desk.signed_in("lijing")
    due = desk.show.app._due
    staff = dict(due.settings.staff)
    staff["lijing"] = replace(staff["lijing"], roles=frozenset())
    desk.show.app._due = replace(due, settings=replace(due.settings, staff=staff))
    assert (await desk.get(browser, PAGES["own"]))[0] == 403
    desk.show.app._due = replace(due, settings=replace(due.settings, staff={}))
    assert (await desk.get(browser, PAGES["own"]))[0] == 403


# links


async def test_link_opens_its_scope_and_what_is_inside(desk: Desk) -> None:
    browser = desk.browser()
    status, path, body, _ = await desk.get(browser, desk.link("wangqiang", "rm:lijing", WEEK))
    assert (status, path) == (200, PAGES["own"])
    assert "李静的社群" in body
    assert (await desk.get(browser, PAGES["own community"]))[0] == 200
    assert (await desk.get(browser, PAGES["step"]))[0] == 200
    for other in ("company", "other", "other community", "compare all", "step of all"):
        assert (await desk.get(browser, PAGES[other]))[0] == 403


async def test_names_of_members_are_not_for_who_only_has_the_link(desk: Desk) -> None:
    browser = desk.browser()
    await desk.get(browser, desk.link("lijing", "rm:lijing", WEEK))
    for one in ("members", "players"):
        status, _, body, _ = await desk.get(browser, PAGES[one])
        assert (status, "看名单要先登录" in body) == (403, True)
        assert "陈晓雯" not in body


async def test_link_of_a_week_ago(desk: Desk) -> None:
    link = desk.link("wangqiang", "all")
    await desk.show.clock.advance_to(START + timedelta(days=7))
    status, _, body, _ = await desk.get(desk.browser(), link)
    assert (status, "这个链接过期了" in body) == (410, True)


@pytest.mark.parametrize(
    ("staff", "scope"),
    [("lijing", "all"), ("lijing", "rm:zhaoyun"), ("sunyan", "all"), ("nobody", "all")],
)
async def test_link_to_what_its_colleague_may_not_see(desk: Desk, staff: str, scope: str) -> None:
    status, _, _, headers = await desk.get(desk.browser(), desk.link(staff, scope))
    assert (status, "Set-Cookie" in headers) == (403, False)


async def test_forged_links(desk: Desk) -> None:
    link = desk.link("wangqiang", "all")
    token = link.rpartition("/")[2]
    page = desk.show.app._settings.page
    assert page is not None
    until = desk.show.clock.now() + timedelta(days=1)
    forged = [
        token[:-1],
        token[::-1],
        token.swapcase(),
        f"{token}x",
        "x" * 5000,
        Signed("another secret of at least 32 characters", "summary/link").write(
            ["wangqiang", "all", WEEK], until
        ),
        Signed(page.secret, "link").write(["wangqiang", "all", WEEK], until),
        Signed(page.secret, "summary/session").write(["wangqiang", ""], until),
    ]
    answers = [
        (await desk.get(desk.browser(), f"/summary/l/{one}", allow_redirects=False))[0]
        for one in forged
    ]
    assert answers == [400] * len(forged)


async def test_forged_sessions(desk: Desk) -> None:
    page = desk.show.app._settings.page
    assert page is not None
    until = desk.show.clock.now() + timedelta(hours=1)
    over = desk.show.clock.now() - timedelta(seconds=1)
    for cookie in (
        "x",
        Signed(page.secret, "session").write(["wealth-01", "wangqiang", "staff"], until),
        Signed(page.secret, "summary/link").write(["wangqiang", "all", WEEK], until),
        Signed(page.secret, "summary/session").write(["wangqiang", ""], over),
        Signed("0" * 32, "summary/session").write(["wangqiang", ""], until),
    ):
        headers = {"Cookie": f"qunyun_staff={cookie}"}
        answer = await desk.get(
            desk.browser(), PAGES["own"], headers=headers, allow_redirects=False
        )
        assert answer[0] == 302


# what the pages say


async def test_members_whole_for_their_rm_masked_for_the_manager(desk: Desk) -> None:
    own = await desk.signed_in("lijing")
    _, _, body, _ = await desk.get(own, PAGES["members"])
    assert "陈晓雯" in body
    assert "老周" in body
    manager = await desk.signed_in("wangqiang")
    _, _, body, _ = await desk.get(manager, PAGES["members"])
    assert "陈晓雯" not in body
    assert "陈＊＊" in body
    assert "名字只显示第一个字" in body


@pytest.mark.parametrize(
    "path",
    [
        "/summary/w/2026-W99/all",
        "/summary/w/2026-W49/all",
        "/summary/w/1999-W01/all",
        "/summary/w/x/all",
        f"/summary/w/{WEEK}/community:wealth-01/members/everybody",
        f"/summary/w/{WEEK}/all/file/exe",
        f"/summary/w/{WEEK}/all/step/wealth-weekly/nothing",
        f"/summary/w/{WEEK}/all/step/nothing/tue-dice",
        f"/summary/w/{WEEK}/all/step/wealth-weekly/tue-dice/members/everybody",
        f"/summary/w/{WEEK}/all/step/wealth-weekly",
        "/summary/x",
        f"/summary/w/{WEEK}/all/compare?with=zzz",
    ],
)
async def test_what_there_is_not(desk: Desk, path: str) -> None:
    browser = await desk.signed_in("wangqiang")
    assert (await desk.get(browser, path))[0] == 404


@pytest.mark.parametrize("scope", ["rm:nobody", "community:x", "label:x", "x", "%00", "rm:"])
async def test_scope_that_there_is_not(desk: Desk, scope: str) -> None:
    browser = await desk.signed_in("wangqiang")
    assert (await desk.get(browser, f"/summary/w/{WEEK}/{scope}"))[0] == 403


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "1e3", "%EF%BC%99"])
async def test_page_number_of_a_list(desk: Desk, page: str) -> None:
    browser = await desk.signed_in("wangqiang")
    assert (await desk.get(browser, f"{PAGES['members']}?page={page}"))[0] == 200


async def test_comparison_has_both_weeks(desk: Desk) -> None:
    browser = await desk.signed_in("lijing")
    status, _, body, _ = await desk.get(browser, f"{PAGES['compare']}?with={BEFORE}")
    assert status == 200
    assert "2026-W48（没有定稿） 和 2026-W47（没有定稿）" in body
    assert "周活跃成员" in body


async def test_downloads_are_named_and_whole(desk: Desk) -> None:
    browser = await desk.signed_in("wangqiang")
    for form, begins in (("xlsx", "PK"), ("md", "#"), ("json", "{"), ("html", "<!doctype html>")):
        status, _, body, headers = await desk.get(
            browser, f"/summary/w/{WEEK}/rm:lijing/file/{form}"
        )
        assert (status, body[: len(begins)]) == (200, begins)
        assert headers["Content-Disposition"] == (
            f"attachment; filename=\"{WEEK}.{form}\"; filename*=UTF-8''"
            f"%E5%91%A8%E6%8A%A5%20{WEEK}%20%E6%9D%8E%E9%9D%99%E7%9A%84%E7%A4%BE%E7%BE%A4.{form}"
        )


async def test_signing_out_needs_the_form_of_this_session(desk: Desk) -> None:
    browser = await desk.signed_in("lijing")
    _, _, body, _ = await desk.get(browser, PAGES["own"])
    (key,) = re.findall(r'name="key" value="([0-9a-f]+)"', body)
    async with browser.post(desk.url + "/summary/logout", data={"key": "0" * 32}) as answer:
        assert answer.status == 403
    async with browser.post(
        desk.url + "/summary/logout", data={"key": key}, headers={"Origin": "https://evil.example"}
    ) as answer:
        assert answer.status == 403
    async with browser.post(
        desk.url + "/summary/logout", data={"key": key}, allow_redirects=False
    ) as answer:
        assert answer.headers["Location"] == "/summary/login"
    assert (await desk.get(browser, PAGES["own"], allow_redirects=False))[0] == 302


async def test_somebody_who_never_rests(desk: Desk) -> None:
    browser = await desk.signed_in("lijing")
    path = f"/summary/w/{WEEK}/rm:lijing/members/nothing"
    answers = [(await desk.get(browser, path))[0] for _ in range(121)]
    assert (answers[0], answers[-1]) == (404, 429)


async def test_step_of_the_week_that_runs_and_who_played(desk: Desk) -> None:
    await desk.show.clock.advance_to(START + timedelta(days=1, hours=10, minutes=25))
    for member in ("wmDemo001", "wmDemo002"):
        desk.show.sandbox.actions.say(member, CUSTOMER_GROUP, "掷", at_bot=True)
        await desk.show.settle()
    manager = await desk.signed_in("wangqiang")
    status, _, body, _ = await desk.get(manager, PAGES["step of all"])
    assert status == 200
    assert "全部社群 · 掷骰子" in body
    assert "按现在的数据列出。" in body
    assert "19:30 准时" in body
    assert f'href="{PAGES["step"]}">财富体验群</a>' in body
    assert f'href="{PAGES["step of all"]}/members/played"' in body
    _, _, body, _ = await desk.get(manager, f"{PAGES['step of all']}/members/played")
    assert re.findall(r'<th scope="row">(.*?)</th>', body) == ["陈＊＊", "老＊＊"]
    own = await desk.signed_in("lijing")
    _, _, body, _ = await desk.get(own, PAGES["players"])
    assert re.findall(r'<th scope="row">(.*?)</th>', body) == ["陈晓雯", "老周"]


async def test_step_of_a_final_week_is_compared_with_what_was_told(desk: Desk) -> None:
    await desk.show.clock.advance_to(TUESDAY)
    browser = await desk.signed_in("wangqiang")
    _, _, body, _ = await desk.get(browser, PAGES["step of all"])
    assert "这一周已经定稿，数字和终稿一致。" in body
    late = "UPDATE occurrence SET status = 'skipped', reason = '停电' WHERE step = 'tue-dice'"
    await desk.show.app.database.write(lambda tx: tx.execute(text(late)))
    _, _, body, _ = await desk.get(browser, PAGES["step of all"])
    assert "按现在的数据列出。终稿里应执行 1，已执行 1，准时 1。" in body
    assert "跳过：停电" in body
