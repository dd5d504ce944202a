"""The summary as a file in a real browser: at a desk and on a phone, by day and by night, and on
paper; checked by our own scripts, and by axe-core (`make axe`).

The same run takes the README's pictures:

    QUNYUN_PICTURES=1 .venv/bin/pytest tests/browser/test_summary_file.py
"""

import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page

from bot.summary_page import html
from bot.summary_picture import png
from tests.page_checks import CONTRAST, FAINT, LABELS, MARKS
from tests.summary_specimen import HOSTILE, specimen

IMAGES = Path(__file__).parents[2] / "docs" / "images"
AXE = "axe-core@4.14.1"
Scheme = Literal["light", "dark"]
SCREENS = [(width, scheme) for width in (1440, 390, 320) for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The week of `tests/summary_specimen.py`, three groups of which are not heard."""
    path = tmp_path_factory.mktemp("summary") / "summary.html"
    page = html(specimen(unheard=3), lambda opens: f"https://example.invalid/summary/{opens}")
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm")
    assert npm is not None, "npm is missing"
    command = [npm, "pack", AXE, "--silent", "--ignore-scripts"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


async def opened(browser: Browser, file: Path, width: int, scheme: Scheme) -> Page:
    """The file on a screen; `complaints` of the browser are collected by the page itself."""
    page = await browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    await page.goto(file.as_uri())
    return page


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
async def test_everybody_can_read_it(
    width: int, scheme: Scheme, file: Path, browser: Browser
) -> None:
    page = await opened(browser, file, width, scheme)
    await page.eval_on_selector_all("details", "all => all.forEach((one) => one.open = true)")
    checks = {"text": FAINT, "marks": MARKS, "labels": LABELS}
    found = {name: await page.evaluate(script) for name, script in checks.items()}
    assert found == {"text": [], "marks": [], "labels": []}


@pytest.mark.registry
@pytest.mark.parametrize(("width", "scheme"), SCREENS[:4])
async def test_axe_finds_nothing(
    width: int, scheme: Scheme, file: Path, browser: Browser, axe: str
) -> None:
    page = await opened(browser, file, width, scheme)
    await page.evaluate(axe)
    found: dict[str, Any] = await page.evaluate("axe.run(document)")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


async def test_tables_are_tables(file: Path, browser: Browser) -> None:
    """Each has a caption, heads for its columns and its rows, and a chart's own is behind it."""
    page = await opened(browser, file, 1440, "light")
    tables = await page.eval_on_selector_all(
        "table",
        """all => all.map((one) => [
          one.caption.textContent,
          one.querySelectorAll("thead th[scope=col]").length === one.rows[0].cells.length,
          [...one.tBodies[0].rows].every((row) => row.cells[0].matches("th[scope=row]")),
        ])""",
    )
    captions = [caption for caption, *_ in tables]
    charts = await page.eval_on_selector_all("svg[role=img]", "all => all.map(o => o.ariaLabel)")
    assert all(heads and rows for _, heads, rows in tables)
    assert [one for one in charts if one not in captions] == []
    assert len(charts) == 7


async def test_file_asks_nobody_for_anything(file: Path, browser: Browser) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(file.as_uri())
    assert (asked, await page.evaluate("document.scripts.length")) == ([file.as_uri()], 0)


async def test_night_is_darker_than_day(file: Path, browser: Browser) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page = await opened(browser, file, 1440, scheme)
        ground = "getComputedStyle(document.body).backgroundColor"
        grounds.append(await page.evaluate(f"{ground}.match(/\\d+/g).slice(0, 3).map(Number)"))
    day, night = map(sum, grounds)
    assert (day > 3 * 200, night < 3 * 60) == (True, True)


async def test_paper_is_white_a4_with_every_table_of_a_section(
    file: Path, browser: Browser
) -> None:
    """By night as well; what is folded below a chart stays away, for the chart bears its values."""
    page = await opened(browser, file, 696, "dark")
    await page.emulate_media(media="print", color_scheme="dark")
    seen = await page.evaluate(
        """() => ({
          ground: getComputedStyle(document.body).backgroundColor,
          folded: [...document.querySelectorAll("details.behind:not([open])")]
            .filter((one) => one.checkVisibility()).length,
          communities: document.querySelector("#communities table").checkVisibility(),
          wide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
        })"""
    )
    assert seen == {"ground": "rgb(255, 255, 255)", "folded": 0, "communities": True, "wide": 0}
    assert await page.evaluate(CONTRAST) == []
    paper = await page.pdf(prefer_css_page_size=True, print_background=True)
    sizes = set(re.findall(rb"/MediaBox \[([^\]]*)\]", paper))
    pages = len(re.findall(rb"/Type /Page\b", paper))
    assert (sizes, 2 <= pages <= 6) == ({b"0 0 594.95996 841.91998"}, True)


async def test_row_and_finding_lead_to_their_numbers(file: Path, browser: Browser) -> None:
    page = await opened(browser, file, 1440, "light")
    links = await page.eval_on_selector_all(
        "a", "all => all.map((one) => [one.textContent, one.getAttribute('href')])"
    )
    assert links[:4] == [
        ["看数字", "#communities"],
        ["看数字", "https://example.invalid/summary/rm:linyue"],
        ["财富体验一群", "https://example.invalid/summary/community:wealth-01"],
        ["财富体验二群", "https://example.invalid/summary/community:wealth-02"],
    ]
    await page.locator("a[href='#communities']").first.click()
    await page.wait_for_function("location.hash === '#communities'")
    assert await page.locator("#communities").is_visible()


async def test_hostile_scope_stays_text(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(html(specimen(HOSTILE)), encoding="utf-8")
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    await page.goto(path.as_uri())
    heading = await page.locator("h1").text_content()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert (said, heading, wide) == ([], f"{HOSTILE} · 周报", 390)


async def test_pictures_for_the_readme(browser: Browser, tmp_path: Path) -> None:
    """Where they are asked for; the phone's picture as it goes into the chat."""
    folder = IMAGES if os.environ.get("QUNYUN_PICTURES") else tmp_path
    path = tmp_path / "summary.html"
    path.write_text(html(specimen()), encoding="utf-8")
    page = await browser.new_page(viewport={"width": 1200, "height": 1240})
    await page.goto(path.as_uri())
    await page.screenshot(path=folder / "summary.png")
    (folder / "summary-phone.png").write_bytes(png(specimen()))
    assert sorted(one.name for one in folder.glob("summary*.png")) == [
        "summary-phone.png",
        "summary.png",
    ]
