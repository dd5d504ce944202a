"""The pages of preview and rehearsal in a real browser: readable at a desk and on a phone, by day
and by night, and without a complaint from the browser.

The same run takes the README's pictures:

    QUNYUN_PICTURES=1 .venv/bin/pytest tests/browser/test_reports.py
"""

import os
import sys
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser

from bot.cli import main
from tests.page_checks import FAINT

IMAGES = Path(__file__).parents[2] / "docs" / "images"
TITLES = {
    "preview": "预览 2026-W48",
    "rehearsal": "彩排 2026-11-23（周一）起 7 天",
}
COMMANDS = {
    "preview": (
        *("preview", "wealth-weekly", "customer-weekly", "--week", "2026-W48"),
        *("--format", "html", "--out", "preview.html"),
    ),
    "rehearsal": (
        *("rehearse", "--start", "2026-11-23", "--members", "60", "--html", "rehearsal.html"),
    ),
}
WATCH_CSP = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both pages of the starter's week, as the README makes them."""
    folder = tmp_path_factory.mktemp("reports")
    complaints = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(complaints):
        patch.chdir(folder)
        for words in (("init", "."), *((*one, "-c", "config.yaml") for one in COMMANDS.values())):
            patch.setattr(sys, "argv", ["qunyun", *words])
            with pytest.raises(SystemExit) as ended:
                main()
            assert (ended.value.code, complaints.getvalue()) == (0, "")
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", TITLES)
async def test_page_is_readable(
    name: str, width: int, scheme: Literal["light", "dark"], reports: Path, browser: Browser
) -> None:
    page = await browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, device_scale_factor=1
    )
    troubles: list[str] = []
    await page.add_init_script(WATCH_CSP)
    page.on("console", lambda said: troubles.extend([said.text] * (said.type == "error")))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    await page.goto((reports / f"{name}.html").as_uri())
    found: dict[str, Any] = await page.evaluate(
        """() => ({
            title: document.title,
            lang: document.documentElement.lang,
            heading: document.querySelectorAll("h1").length,
            wide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
        })"""
    )
    assert found == {"title": TITLES[name], "lang": "zh-CN", "heading": 1, "wide": 0}
    assert await page.evaluate(FAINT) == []
    assert troubles == []


@pytest.mark.parametrize("name", TITLES)
async def test_night_is_darker_than_day(name: str, reports: Path, browser: Browser) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page = await browser.new_page(color_scheme=scheme)
        await page.goto((reports / f"{name}.html").as_uri())
        ground = "getComputedStyle(document.body).backgroundColor"
        grounds.append(await page.evaluate(f"{ground}.match(/\\d+/g).slice(0, 3).map(Number)"))
    day, night = map(sum, grounds)
    assert (day > 3 * 200, night < 3 * 60) == (True, True)


@pytest.mark.parametrize("name", TITLES)
async def test_every_part_of_the_page_is_shown(name: str, reports: Path, browser: Browser) -> None:
    """What can be folded opens by keyboard; the picture is its upper end."""
    page = await browser.new_page(viewport={"width": 1200, "height": 900})
    await page.goto((reports / f"{name}.html").as_uri())
    if os.environ.get("QUNYUN_PICTURES"):
        await page.screenshot(path=IMAGES / f"{name}.png")
    folded = page.locator("details:not([open]) > summary")
    while await folded.count():
        await folded.first.press("Enter")
    assert await page.evaluate(FAINT) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 1200
