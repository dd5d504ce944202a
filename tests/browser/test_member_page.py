"""The member page on a phone: the whole way from a link in the chat, without JavaScript too.

One of these walks takes the README's picture:

    QUNYUN_PICTURES=1 .venv/bin/pytest tests/browser/test_member_page.py -k customer_group
"""

import asyncio
import json
import os
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.clock import MovableClock
from bot.demo import Demo
from bot.links import Links
from sop import hosting, rounds
from storage.database import Database
from tests.browser.conftest import in_the_browsers_loop
from tests.house import shipped_library
from tests.page_checks import CONTRAST, LABELS

WATCH_CSP = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));
"""
GUIDED, HEARD = "wealth-02", "wealth-01"
PICTURE = Path(__file__).parents[2] / "docs" / "images" / "member.png"
PAGES = (
    "home",
    "game",
    "checkin",
    "points",
    "prizes",
    "proofs",
    "rules",
    "data",
    "calls",
    "invite",
)


@dataclass
class Town:
    """The demo as shipped, and the phones of its members."""

    show: Demo
    browser: Browser
    address: str
    troubles: list[str] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.show.app.database

    def link(self, community: str = GUIDED) -> str:
        """A link that was posted just now."""
        page = self.show.app._settings.page
        assert page is not None
        return Links(page.public, page.secret).link(community, self.show.clock.now())

    async def phone(self, **more: Any) -> Page:
        """A browser on a phone; whatever it complains of fails the test."""
        given = {"viewport": {"width": 390, "height": 844}, "has_touch": True, **more}
        return await self.watched(await self.browser.new_context(**given))

    async def watched(self, context: BrowserContext) -> Page:
        await context.add_init_script(WATCH_CSP)
        page = await context.new_page()
        page.on("console", lambda said: self.troubles.extend([said.text] * (said.type == "error")))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: self.troubles.append(dialog.message))
        return page

    async def enters(self, page: Page, who: str, community: str = GUIDED) -> None:
        """Somebody opens the link, and says on WeCom's page who it is."""
        await page.goto(self.link(community))
        here = page.url.partition("#")[0]
        if "/connect/" in here:
            await page.goto(f"{here}&as={who}")
        await expect(page).to_have_url(re.compile("/m/home"))

    async def agrees(self, page: Page) -> None:
        """Reads the terms and agrees, if asked."""
        await page.get_by_role("button", name="我已阅读并同意").click()

    async def play(self, community: str, game: str = "dice") -> None:
        """The RM opens a round."""
        due = self.show.app._due
        now = self.show.clock.now()

        def begin(tx: Any) -> None:
            from bot.letters import Origin

            facts = due.facts(tx)
            here = facts.community(community)
            assert here is not None
            effects = hosting.start_by_host(
                facts, due.library, here, game, {}, "lijing", now, b"s" * 32
            )
            due.runtime.apply(tx, effects, Origin(f"test/{community}", now))

        await self.database.write(begin)
        await self.show.settle()

    async def closes(self, number: int) -> None:
        """A colleague ends a round early."""
        due, now = self.show.app._due, self.show.clock.now()

        def end(tx: Any) -> None:
            from bot.letters import Origin

            facts = due.facts(tx)
            deck = facts.decks.get(number)
            assert deck is not None
            effects = rounds.close(facts, deck, "提前结束", now, early=True)
            due.runtime.apply(tx, effects, Origin(f"test/close/{number}", now))

        await self.database.write(end)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        from sqlalchemy import text

        return await self.database.read(lambda tx: [tuple(row) for row in tx.execute(text(query))])


@in_the_browsers_loop
async def town(browser: Browser, sqlite_url: str) -> AsyncIterator[Town]:
    """Monday 2026-11-23 10:00 in China; the clock stands."""
    clock = MovableClock(datetime(2026, 11, 23, 1, 10, tzinfo=UTC), seed=b"town")
    show = Demo(clock, *shipped_library(), sqlite_url)
    address = await show.start()
    loops = asyncio.create_task(show.app.run(), name="bot")
    try:
        await clock.advance(timedelta(minutes=50))
        town = Town(show, browser, address)
        yield town
        assert town.troubles == []
    finally:
        loops.cancel()
        await asyncio.gather(loops, return_exceptions=True)
        await show.close()


async def lines(page: Page) -> list[str]:
    """What a person reads in the main part."""
    text = await page.locator("main").inner_text()
    return [line.strip() for line in text.splitlines() if line.strip()]


async def test_whole_way_from_the_chat_to_the_prize(town: Town) -> None:
    await town.play(HEARD)
    desk = await town.watched(
        await town.browser.new_context(viewport={"width": 1280, "height": 900})
    )
    await desk.goto(town.address)
    await desk.wait_for_selector("body.ready")
    await desk.get_by_role("button", name=re.compile("财富体验群")).first.click()
    await desk.click("#speaker")
    await desk.get_by_role("option", name=re.compile("陈晓雯")).click()
    async with desk.expect_popup() as opening:
        await desk.locator("#log a").get_by_text("点开成员网页").last.click()
    page = await opening.value
    await expect(page).to_have_url(re.compile("/m/home"))
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.locator("h1")).to_have_text("陈晓雯，您好")

    await page.get_by_role("link", name="进去玩").click()
    await expect(page.locator("h1")).to_have_text("参加前，请读一读")
    await town.agrees(page)
    await page.get_by_role("button", name="掷").click()
    await expect(page.locator(".answer")).to_contain_text("点，暂列第 1 名。")
    await expect(page.locator(".dice svg")).to_have_count(2)

    await page.get_by_role("link", name="首页").click()
    await page.get_by_role("link", name="去抽奖").click()
    await page.get_by_role("button", name="抽一张").click()
    await expect(page.get_by_role("status", name="您抽中的奖品")).to_contain_text("恭喜抽中")
    ((prize, code),) = await town.rows(
        "SELECT prize, code FROM draw JOIN card USING (deck, position)"
    )
    await expect(page.locator("details summary")).to_contain_text(prize)
    await expect(page.locator("main")).to_contain_text(code)

    await page.get_by_role("link", name="奖品", exact=True).click()
    await expect(page.locator("main h2")).to_have_text([re.compile(re.escape(prize))])


async def test_member_of_the_customer_group_plays_checks_in_draws_and_redeems(town: Town) -> None:
    await town.play(GUIDED, "golden_egg")
    page = await town.phone(viewport={"width": 390, "height": 802}, reduced_motion="reduce")
    shots = []

    async def keep() -> None:
        await page.evaluate("scrollTo(0, 0)")
        shots.append(await page.screenshot())

    await town.enters(page, "wmDemo005")
    await keep()
    await page.get_by_role("link", name="进去玩").click()
    await town.agrees(page)
    await keep()
    await page.get_by_role("button", name="砸 3").click()
    await expect(page.locator(".answer")).to_contain_text("3 号蛋里有")
    await keep()
    await page.get_by_role("link", name="首页").click()
    await page.get_by_role("link", name="去签到").click()
    await page.get_by_role("button", name="今天签到").click()
    await expect(page.locator(".answer")).to_contain_text("签到成功")
    await page.get_by_role("link", name="首页").click()
    await page.get_by_role("link", name="去抽奖").click()
    await page.get_by_role("button", name="抽一张").click()
    await expect(page.get_by_role("status", name="您抽中的奖品")).to_contain_text("恭喜抽中")
    await keep()
    await page.get_by_role("link", name="积分", exact=True).click()
    await expect(page.locator(".deep .figure")).to_have_text("15 分")
    await page.get_by_role("button", name="用 15 分兑换便利贴一本").click()
    await expect(page.locator(".deep .figure")).to_have_text("0 分")
    if os.environ.get("QUNYUN_PICTURES"):
        await _side_by_side(town.browser, shots)


async def _side_by_side(browser: Browser, shots: list[bytes]) -> None:
    images = [
        f'<img src="data:image/png;base64,{b64encode(shot).decode()}" height="600">'
        for shot in shots
    ]
    style = "display:flex;gap:16px;padding:16px;background:#ddd;width:max-content"
    sheet = await browser.new_page(viewport={"width": 1300, "height": 700})
    await sheet.set_content(f'<div style="{style}">{"".join(images)}</div>')
    await sheet.locator("div").screenshot(path=PICTURE)


async def test_without_javascript_the_way_is_the_same(town: Town) -> None:
    await town.play(GUIDED)
    await town.play(HEARD)
    page = await town.phone(java_script_enabled=False)
    await town.enters(page, "wmDemo005")
    await page.get_by_role("link", name="进去玩").click()
    await town.agrees(page)
    await page.get_by_role("button", name="掷").click()
    assert re.fullmatch(r"🎲 .* 点，暂列第 1 名。", (await lines(page))[0])
    await page.get_by_role("link", name="刷新").click()
    assert (await lines(page))[0] == "游戏"
    await town.enters(page, "wmDemo005", HEARD)
    await page.get_by_role("link", name="进去玩").click()
    await page.get_by_role("button", name="掷").click()
    await page.get_by_role("link", name="首页").click()
    await page.get_by_role("link", name="去抽奖").click()
    await page.get_by_role("button", name="抽一张").click()
    assert "恭喜抽中" in await lines(page)
    assert await town.rows("SELECT count(*) FROM draw") == [(1,)]


async def ready_to_draw(town: Town, page: Page, who: str = "wmDemo001") -> None:
    """A member who has played stands before the button."""
    await town.enters(page, who, HEARD)
    await page.goto(re.sub("/m/.*$", "/m/game", page.url))
    if await page.get_by_role("button", name="我已阅读并同意").count():
        await town.agrees(page)
    button = page.get_by_role("button", name="掷")
    if await button.count():
        await button.click()
    await page.get_by_role("link", name="首页").click()
    await page.get_by_role("link", name="去抽奖").click()


async def test_double_click_is_one_draw(town: Town) -> None:
    await town.play(HEARD)
    page = await town.phone()
    await ready_to_draw(town, page)
    await page.get_by_role("button", name="抽一张").dblclick()
    await expect(page.locator(".prize")).to_be_visible()
    assert await town.rows("SELECT count(*) FROM draw") == [(1,)]


async def test_two_devices_at_once_are_one_draw(town: Town) -> None:
    await town.play(HEARD)
    one, two = await town.phone(), await town.phone()
    await ready_to_draw(town, one)
    await ready_to_draw(town, two)
    buttons = [page.get_by_role("button", name="抽一张").click() for page in (one, two)]
    await asyncio.gather(*buttons)
    for page in (one, two):
        await expect(page.locator(".prize")).to_be_visible()
    assert await town.rows("SELECT count(*) FROM draw") == [(1,)]


async def test_back_and_sending_again_is_one_draw(town: Town) -> None:
    await town.play(HEARD)
    page = await town.phone()
    await ready_to_draw(town, page)
    await page.get_by_role("button", name="抽一张").click()
    await expect(page.locator(".prize")).to_be_visible()
    await page.go_back()
    await page.go_back()
    await page.go_forward()
    await page.reload()
    await expect(page.locator(".prize")).to_be_visible()
    assert await town.rows("SELECT count(*) FROM draw") == [(1,)]


async def test_round_goes_on_while_the_page_is_open(town: Town) -> None:
    await town.play(GUIDED)
    one, two = await town.phone(), await town.phone()
    for page, who in ((one, "wmDemo005"), (two, "wmDemo006")):
        await town.enters(page, who)
        await page.get_by_role("link", name="进去玩").click()
        await town.agrees(page)
    await expect(two.get_by_role("link", name="刷新")).to_be_hidden()
    await one.get_by_role("button", name="掷").click()
    await expect(two.locator("#live")).to_contain_text("已有 1 人掷过", timeout=9000)
    await expect(two.locator("[data-left]")).to_have_text(re.compile("，还有 9 分 5[0-9] 秒"))


async def test_session_that_ends_while_the_page_is_open_says_what_to_do(town: Town) -> None:
    await town.play(GUIDED)
    page = await town.phone()
    await town.enters(page, "wmDemo005")
    await page.get_by_role("link", name="进去玩").click()
    await town.agrees(page)
    await page.context.clear_cookies()
    await expect(page.locator("h1")).to_have_text("请重新打开链接", timeout=9000)
    town.troubles.clear()  # the browser reports the 401 itself


async def test_round_that_is_over_is_checked_with_one_press(town: Town) -> None:
    await town.play(HEARD)
    page = await town.phone()
    await ready_to_draw(town, page)
    await page.get_by_role("button", name="抽一张").click()
    await expect(page.locator(".prize")).to_be_visible()
    ((deck, code),) = await town.rows("SELECT deck, code FROM draw")
    await town.closes(deck)
    await page.reload()
    await page.get_by_role("link", name="现在核对").click()
    await expect(page.locator(".verdict")).to_contain_text("共抽出 1 张，全部对得上。")
    assert await page.locator("#receipt").input_value() == code
    await page.get_by_role("link", name="回到这一期").click()
    await expect(page.locator(".prize")).to_be_visible()


async def test_hostile_name_is_text(town: Town) -> None:
    hostile = '\u202e<img src=x onerror="alert(1)">{{ 7*7 }}' + "长" * 4000
    await town.database.write(lambda tx: _rename(tx, "wmDemo005", hostile))
    page = await town.phone()
    await town.enters(page, "wmDemo005")
    await expect(page.locator("h1")).to_have_text("＜img src=x…，您好")
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width == 390


def _rename(tx: Any, member: str, name: str) -> None:
    from storage import people

    people.rename(tx, member, name)


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
async def test_everybody_can_read_and_use_every_page(town: Town, scheme: Any, width: int) -> None:
    await town.play(HEARD)
    page = await town.phone(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    found: dict[str, Any] = {}

    async def look(name: str) -> None:
        await page.wait_for_load_state("networkidle")
        if bad := [*await page.evaluate(CONTRAST), *await page.evaluate(LABELS)]:
            found[name] = bad

    await page.goto(town.link(HEARD)[:-1])
    await look("trouble")
    town.troubles.clear()  # the browser reports the 400 itself
    await town.enters(page, "wmDemo001", HEARD)
    await page.goto(re.sub("/m/.*$", "/m/game", page.url))
    await look("consent")
    await town.agrees(page)
    await look("game")
    await page.get_by_role("button", name="掷").click()
    await look("played")
    await page.get_by_role("link", name="首页").click()
    await page.get_by_role("link", name="去抽奖").click()
    await look("draw")
    await page.get_by_role("button", name="抽一张").click()
    await look("drawn")
    [(deck,)] = await town.rows("SELECT deck FROM draw")
    for name in (*PAGES, f"rules/{deck}"):
        await page.goto(re.sub("/m/.*$", f"/m/{name}", page.url))
        await look(name)
    assert json.dumps(found, ensure_ascii=False, indent=1) == "{}"


async def test_keyboard_reaches_the_button_in_order(town: Town) -> None:
    page = await town.phone()
    await town.enters(page, "wmDemo005")
    await page.goto(re.sub("/m/.*$", "/m/checkin", page.url))
    await town.agrees(page)
    await expect(page.get_by_role("button", name="今天签到")).to_be_visible()
    await page.wait_for_load_state()
    reached = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.textContent.trim()"))
    assert reached[:8] == [
        "跳到内容", "财富客户群", "今天签到", "首页", "积分", "奖品", "我的", "规则与概率",
    ]  # fmt: skip
    await page.get_by_role("button", name="今天签到").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".answer")).to_contain_text("签到成功")


async def test_animation_rests_for_who_wants_rest(town: Town) -> None:
    await town.play(GUIDED)
    page = await town.phone(reduced_motion="reduce")
    await town.enters(page, "wmDemo005")
    await page.get_by_role("link", name="进去玩").click()
    await town.agrees(page)
    await page.get_by_role("button", name="掷").click()
    names = await page.locator(".dice svg").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).animationName)"
    )
    assert names == ["none", "none"]
