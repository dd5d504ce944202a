"""The verifier in the browser: the same verdict as the one in Python, over every evidence file."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from bot.evidence import evidence_json
from bot.pages.shape import Assets, Shape
from sop.draws.deck import DeckLine
from sop.draws.verify import CHECKS, read, verify
from storage.database import open_database
from tests.browser.conftest import in_the_browsers_loop
from tests.evidence_files import FORGED, HONEST, SPOILT, instant
from tests.real_rounds import recorded

RUN = """
async (file) => {
  const { read, verify } = await import("/m/static/verify.js");
  const bytes = Uint8Array.from(atob(file), (sign) => sign.charCodeAt(0));
  try {
    return await verify(read(bytes));
  } catch (error) {
    return [["file", error.message]];
  }
}
"""
FILES: dict[str, bytes] = {
    **{name: json.dumps(make()).encode() for name, make in HONEST.items()},
    **{name: json.dumps(forged.value()).encode() for name, forged in FORGED.items()},
    **SPOILT,
}


def judged(file: bytes) -> list[tuple[str, str]]:
    """What the verifier in Python finds."""
    try:
        return verify(read(file))
    except ValueError as error:
        return [("file", str(error))]


@in_the_browsers_loop
async def address() -> AsyncIterator[str]:
    """The page as the bot serves it, from a server of its own: nobody's identity is needed."""
    assets = Assets()
    shape = Shape(assets)

    async def page(request: web.Request) -> web.StreamResponse:
        return shape.page("verify.html", {"company": "示例银行"})

    app = web.Application()

    async def evidence(request: web.Request) -> web.StreamResponse:
        return web.json_response(instant())

    app.add_routes(
        [
            web.get("/m/static/{name}", assets.serve),
            web.get("/m/verify", page),
            web.get("/m/evidence/3", evidence),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/m/verify"
    await runner.cleanup()


@pytest.fixture
def real(tmp_path: Path, sqlite_template: bytes) -> dict[str, bytes]:
    """Evidence of rounds that ran over the whole stack."""
    path = tmp_path / "qunyun.db"
    path.write_bytes(sqlite_template)
    recorded(path)

    async def exported(deck: int) -> bytes:
        database = await open_database(f"sqlite:///{path}", read_only=True)
        text = await database.read(lambda tx: evidence_json(tx, deck))
        await database.close()
        return text.encode()

    return {"instant": asyncio.run(exported(1)), "entrants": asyncio.run(exported(2))}


@in_the_browsers_loop
async def phone(browser: Browser, address: str) -> AsyncIterator[Page]:
    """The page on a phone. Whatever the browser complains of fails the test."""
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    troubles: list[str] = []
    page.on("console", lambda said: troubles.extend([said.text] * (said.type == "error")))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    await page.goto(address)
    await page.wait_for_selector("body.ready")
    yield page
    assert troubles == []
    assert set(asked) == {"GET"}, "nothing may be uploaded"
    await page.close()


async def test_both_verifiers_agree_on_every_file(phone: Page) -> None:
    found = {
        name: await phone.evaluate(RUN, base64.b64encode(file).decode())
        for name, file in FILES.items()
    }
    assert {name: _checks(problems) for name, problems in found.items()} == {
        name: _checks(judged(file)) for name, file in FILES.items()
    }
    assert len(FORGED) + len(SPOILT) >= 25
    wrong = [name for name in (*FORGED, *SPOILT) if not all(text for _, text in found[name])]
    assert wrong == []
    assert [name for name in HONEST if found[name]] == []


async def test_both_verifiers_agree_on_real_rounds(phone: Page, real: dict[str, bytes]) -> None:
    found = {
        name: await phone.evaluate(RUN, base64.b64encode(file).decode())
        for name, file in real.items()
    }
    assert found == {"instant": [], "entrants": []}
    assert {name: judged(file) for name, file in real.items()} == found


def _checks(problems: list[Any]) -> list[str]:
    return list(dict.fromkeys(check for check, _ in problems))


async def test_page_takes_a_file_and_shows_every_check(phone: Page) -> None:
    value = instant()
    await phone.get_by_label("我的凭证").fill("60EEF4478457A767")
    file: Any = {
        "name": "evidence.json",
        "mimeType": "application/json",
        "buffer": json.dumps(value).encode(),
    }
    await phone.get_by_label("证据文件").set_input_files(file)
    await phone.locator(".values").wait_for()
    shown = await phone.locator(".outcome").inner_text()
    assert [line for line in shown.splitlines() if line] == [
        "“入群有礼”共抽出 5 张，全部对得上。",
        "✓ 您的凭证在第 1 张：“红包 0.88 元”（现金 0.88 元）",
        *(line for title in CHECKS.values() for line in ("✓", title)),
        "请把下面两个值与群里开始、结束时的公告核对：",
        "承诺值",
        value["commitment"],
        "日志末尾",
        value["head"],
        "活动和期号",
        f"{value['campaign']} / {value['round']}",
    ]


async def test_page_takes_what_is_pasted(phone: Page) -> None:
    forged = FORGED["rules changed"].value()
    await phone.get_by_label("粘贴").fill(json.dumps(forged, ensure_ascii=False))
    await phone.get_by_role("button", name="验证").click()
    await expect(phone.locator(".verdict")).to_have_text("证据有误，请向主办方询问。")
    assert await phone.locator(".checks > .wrong").all_inner_texts() == [
        "✗\n规则没有被改动\n规则与规则哈希不符：规则被改动过"
    ]
    assert await phone.locator(".checks > .right").count() == 6


async def test_page_takes_a_file_that_is_dropped(phone: Page) -> None:
    drop = """
    (text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], "evidence.json", { type: "application/json" }));
      document.querySelector("form").dispatchEvent(
        new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }
    """
    await phone.evaluate(drop, json.dumps(instant()))
    await expect(phone.locator(".verdict")).to_have_text("“入群有礼”共抽出 5 张，全部对得上。")


async def test_page_of_a_round_needs_no_file(phone: Page, address: str) -> None:
    await phone.goto(f"{address}?deck=3&receipt=60EEF4478457A767")
    await expect(phone.locator(".verdict")).to_have_text("“入群有礼”共抽出 5 张，全部对得上。")
    own = "✓ 您的凭证在第 1 张：“红包 0.88 元”（现金 0.88 元）"
    await expect(phone.locator(".own")).to_have_text(own)


@pytest.mark.parametrize("query", ["?deck=", "?deck=3x", "?deck=../home", "?receipt=1"])
async def test_address_of_no_round_fetches_nothing(phone: Page, address: str, query: str) -> None:
    await phone.goto(address + query)
    await phone.wait_for_selector("body.ready")
    assert await phone.locator(".outcome").inner_text() == ""


async def test_page_says_when_a_receipt_is_not_there(phone: Page) -> None:
    await phone.get_by_label("我的凭证").fill("0" * 16)
    await phone.get_by_label("粘贴").fill(json.dumps(instant()))
    await phone.get_by_role("button", name="验证").click()
    await expect(phone.locator(".own")).to_have_text("✗ 这一期里没有凭证 0000000000000000")


async def test_page_takes_no_file_for_markup(phone: Page) -> None:
    value = HONEST["hostile texts"]() | {"campaign": "<img src=x onerror=alert(1)>"}
    await phone.get_by_label("粘贴").fill(json.dumps(value))
    await phone.get_by_role("button", name="验证").click()
    await expect(phone.locator(".verdict")).to_have_text("证据有误，请向主办方询问。")
    assert await phone.locator(".outcome img").count() == 0


async def test_page_without_anything_asks_for_a_file(phone: Page) -> None:
    await phone.get_by_role("button", name="验证").click()
    await expect(phone.locator(".verdict")).to_have_text("请先选择证据文件，或把它的内容粘贴进来。")


async def test_page_of_no_json(phone: Page) -> None:
    await phone.get_by_label("粘贴").fill("{")
    await phone.get_by_role("button", name="验证").click()
    await expect(phone.locator(".checks > .wrong")).to_have_text("✗文件完整可读这不是 JSON 文件")
    assert await phone.locator(".checks > .skipped").count() == 6


async def test_large_round_is_checked_in_time(phone: Page) -> None:
    value = instant(
        [f"wm{number}" for number in range(2_000)], cards=[DeckLine("cash", "红包", 1, 0, 50_000)]
    )
    found = await phone.evaluate(RUN, base64.b64encode(json.dumps(value).encode()).decode())
    assert found == []
