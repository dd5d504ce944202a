"""The summary's pages in a real browser: from the card's link, at the desk and on a phone.

QUNYUN_PICTURES=/tmp/pictures .venv/bin/pytest tests/browser/test_summary.py
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.clock import MovableClock
from bot.demo import Demo
from bot.pages.staff_door import SESSION
from bot.pages.staff_keys import Reader, StaffKeys
from bot.summary_links import SummaryLinks
from storage import activity
from tests.browser.conftest import in_the_browsers_loop
from tests.house import shipped_library

WATCH_CSP = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));
"""
START = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """[...document.querySelectorAll('.bar a, .bar button, .tools a, .tools summary')]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height < 24)
  .map(e => e.textContent.trim())"""


@dataclass
class Office:
    """The demo's bank with a week behind it, and the browsers of its staff."""

    show: Demo
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    async def page(self, width: str) -> Page:
        wide, high = WIDTHS[width]
        context = await self.browser.new_context(viewport={"width": wide, "height": high})
        await context.add_init_script(WATCH_CSP)
        page = await context.new_page()
        page.on("console", lambda said: self.troubles.extend([said.text] * (said.type == "error")))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        return page

    async def signs_in(self, page: Page, staff: str) -> None:
        """With the session that the door gives (`tests/bot/pages/test_summary.py` walks through
        the door itself)."""
        settings = self.show.app._settings
        assert settings.page is not None
        cookie = StaffKeys(settings.page.secret).session(Reader(staff), self.show.clock.now())
        public = self.show._public
        await page.context.add_cookies(
            [{"name": SESSION, "value": cookie, "url": f"{public}/summary"}]
        )
        await page.goto(f"{public}/summary/")
        await expect(page).to_have_url(re.compile("/summary/w/"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def show(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: bytes
) -> AsyncIterator[Demo]:
    """Tuesday of week 49, 09:00 in China: week 48 is final, and six members did something. Those
    who look at it change nothing, so one week serves them all."""
    path = tmp_path_factory.mktemp("office") / "qunyun.db"
    path.write_bytes(sqlite_template)
    show = Demo(MovableClock(START, seed=b"office"), *shipped_library(), f"sqlite:///{path}")
    await show.start()
    await show.settle()
    deeds = [
        activity.Action(
            "wealth-01",
            f"wmDemo00{who}",
            "message",
            START + timedelta(days=day),
            date(2026, 11, 23) + timedelta(days=day),
        )
        for day in range(5)
        for who in range(1, 7)
        if (who + day) % 3
    ]
    await show.app.database.write(lambda tx: activity.count(tx, deeds))
    await show.clock.advance_to(START + timedelta(days=8))
    loops = asyncio.create_task(show.app.run(), name="bot")
    try:
        yield show
    finally:
        loops.cancel()
        await asyncio.gather(loops, return_exceptions=True)
        await show.close()


@in_the_browsers_loop
async def office(browser: Browser, show: Demo) -> AsyncIterator[Office]:
    """That week, and a browser with nothing open."""
    one = Office(show, browser)
    yield one
    assert one.troubles == []


async def picture(page: Page, name: str) -> None:
    """For people to look at."""
    folder = os.environ.get("QUNYUN_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_manager_reads_the_week(office: Office, width: str, scheme: str) -> None:
    page = await office.page(width)
    await office.signs_in(page, "wangqiang")
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await expect(page.get_by_role("heading", level=1)).to_have_text("全部社群 · 周报")
    await expect(page.get_by_role("status")).to_contain_text("终稿")
    assert await page.evaluate(OVERFLOW) <= 0
    assert await page.evaluate(SMALL) == []
    await picture(page, f"week-{width}-{scheme}")
    await page.locator(".weeks summary").click()
    await expect(page.get_by_role("link", name="2026-W46")).to_be_visible()
    await page.locator(".weeks summary").click()
    await page.get_by_text("下载", exact=True).click()
    await expect(page.get_by_role("link", name="Excel")).to_be_visible()
    assert await page.evaluate(OVERFLOW) <= 0
    await picture(page, f"menu-{width}-{scheme}")


@pytest.mark.parametrize("width", WIDTHS)
async def test_from_the_company_down_to_members(office: Office, width: str) -> None:
    page = await office.page(width)
    await office.signs_in(page, "wangqiang")
    await page.get_by_text("看其中的").click()
    await page.get_by_role("link", name="李静的社群").first.click()
    await page.get_by_text("看其中的").click()
    await page.get_by_role("link", name="财富体验群").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("财富体验群 · 周报")
    await page.get_by_text("名单", exact=True).click()
    await page.get_by_role("link", name="活跃成员").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("财富体验群 · 活跃成员")
    await expect(page.get_by_role("rowheader").first).to_contain_text("＊＊")
    await picture(page, f"members-{width}")
    await page.get_by_role("link", name="回到周报").click()
    await page.get_by_role("link", name="和别的周比").click()
    await page.get_by_label("和哪一周比").select_option("2026-W46")
    await page.get_by_role("button", name="比较").click()
    await expect(page.get_by_role("columnheader", name="2026-W46")).to_be_visible()
    assert await page.evaluate(OVERFLOW) <= 0
    await picture(page, f"compare-{width}")


async def test_link_of_the_card_opens_its_week(office: Office) -> None:
    settings = office.show.app._settings
    assert settings.page is not None
    links = SummaryLinks(settings.page.public, settings.page.secret)
    page = await office.page("phone")
    link = links.link("lijing", "rm:lijing", date(2026, 11, 23), office.show.clock.now())
    await page.goto(link)
    await expect(page.get_by_role("heading", level=1)).to_have_text("李静的社群 · 周报")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_from_the_company_down_to_who_was_in_a_step(
    office: Office, width: str, scheme: str
) -> None:
    page = await office.page(width)
    await office.signs_in(page, "wangqiang")
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    steps = page.locator("#sop_steps")
    if await steps.get_attribute("open") is None and await steps.locator("summary").count():
        await steps.locator("summary").click()
    await steps.get_by_role("link", name="掷骰子", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("全部社群 · 掷骰子")
    await expect(page.get_by_text("这一周已经定稿，数字和终稿一致。")).to_be_visible()
    await page.get_by_role("link", name="财富体验群").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("财富体验群 · 掷骰子")
    crumbs = page.get_by_role("navigation", name="范围")
    await expect(crumbs).to_have_text(
        "全部社群 › 李静的社群 › 财富体验群 › 掷骰子", use_inner_text=True
    )
    assert await page.evaluate(OVERFLOW) <= 0
    assert await page.evaluate(SMALL) == []
    await picture(page, f"step-{width}-{scheme}")
    await page.get_by_role("link", name="前一周").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("财富体验群 · 掷骰子")
