"""The chat page in a real browser against a real sandbox: nothing of it is simulated."""

from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.timeline import Message, Sender

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
MEMBER = Sender("wm01", "李建国", "member")
ROBOT = Sender("robot", "群运", "robot")
CARD = {
    "card_type": "button_interaction",
    "task_id": "step-1",
    "main_title": {"title": "09:30 本周看点", "desc": "财富一群"},
    "button_list": [{"text": "已发", "key": "sent"}, {"text": "推迟", "key": "later", "style": 2}],
}


def post(sandbox: Sandbox, sender: Sender, text: str, **more: Any) -> None:
    """A message in the first group, at the virtual instant."""
    kind = {"type": "text"} | more
    message = Message(chat="wrOne", at=sandbox.clock.now(), sender=sender, text=text, **kind)
    sandbox.messages.post(message)


async def test_message_sent_as_chosen_member_reaches_sandbox_and_page(
    sandbox: Sandbox, visitor: Any
) -> None:
    page = visitor.page
    await page.click("#speaker")
    await page.get_by_role("option", name="王芳").click()
    await page.fill("#text", "第一行")
    await page.press("#text", "Shift+Enter")
    await page.type("#text", "第二行")
    await page.press("#text", "Enter")
    await visitor.appears(".message.own .who", "王芳")
    assert await visitor.texts(".message.own .bubble") == ["@群运 第一行\n第二行"]
    assert await page.input_value("#text") == ""
    (said,) = sandbox.messages.all()
    assert (said.sender.id, said.chat, said.text) == ("wm02", "wrOne", "@群运 第一行\n第二行")


async def test_mention_switched_off_is_heard_by_people_only(sandbox: Sandbox, visitor: Any) -> None:
    field = visitor.page.locator("#text")
    prompts = [await field.get_attribute("placeholder")]
    await visitor.page.click("#at-bot")
    prompts.append(await field.get_attribute("placeholder"))
    assert prompts == [
        "以 周文 的身份发言（机器人听得到）",
        "以 周文 的身份发言（没有 @，机器人听不到）",
    ]
    await visitor.page.fill("#text", "各位早")
    await visitor.page.click(".send")
    await visitor.appears(".bubble", "各位早")
    assert [message.text for message in sandbox.messages.all()] == ["各位早"]


async def test_quick_word_is_sent_in_the_application_chat_as_its_colleague(
    sandbox: Sandbox, visitor: Any
) -> None:
    page = visitor.page
    await page.get_by_role("button", name="陈敏 主管").first.click()
    assert await visitor.texts("#quick .chip") == ["帮助", "今日", "本周", "开局", "周报"]
    await page.get_by_role("button", name="周报", exact=True).click()
    await visitor.appears(".message.own .bubble", "周报")
    (said,) = sandbox.messages.all()
    assert (said.sender.id, said.chat, said.text) == ("chenmin", "app:chenmin", "周报")


async def test_hostile_names_and_texts_stay_text(sandbox: Sandbox, visitor: Any) -> None:
    page = visitor.page
    for kind in ("text", "markdown"):
        post(sandbox, Sender("wm03", HOSTILE, "member"), HOSTILE, type=kind)
    post(sandbox, ROBOT, "[点我](javascript:alert) [好](https://a.example/)", type="markdown")
    card = CARD | {
        "main_title": {"title": HOSTILE},
        "jump_list": [{"title": "跳", "url": "data:,"}],
    }
    post(sandbox, ROBOT, HOSTILE, type="card", card=card)
    await visitor.appears(".card-title", HOSTILE)
    assert await visitor.texts("p.text, .md") == [
        HOSTILE,
        HOSTILE,
        "点我 好",
    ]
    links = await page.locator("#log a").evaluate_all("all => all.map((one) => one.href)")
    assert links == ["https://a.example/"]
    await page.locator(".chat").nth(1).click()
    assert await visitor.texts("#chat-title") == [HOSTILE]
    assert await visitor.texts(".person-name") == ["陈敏", HOSTILE, "周文", "李建国", "王芳"]
    assert await page.locator("#log img, #log script, aside img, aside script").count() == 0


async def test_markdown_subset_becomes_elements(sandbox: Sandbox, visitor: Any) -> None:
    text = (
        "# 标题\n**粗 `码`**\n> 引一\n> 引二\n\n"
        '<font color="warning">警 **重**</font><font color="red">原样</font> <@wm02>'
    )
    post(sandbox, ROBOT, text, type="markdown")
    await visitor.appears(".heading", "标题")
    assert await visitor.page.locator(".md").inner_html() == (
        '<p class="heading h1">标题</p>'
        "<p><strong>粗 <code>码</code></strong></p>"
        "<blockquote>引一\n引二</blockquote>"
        '<p><span class="font-warning">警 <strong>重</strong></span>'
        '&lt;font color="red"&gt;原样&lt;/font&gt; <span class="mention">@王芳</span></p>'
    )


async def test_card_button_is_pressed_and_settled(sandbox: Sandbox, visitor: Any, app: Any) -> None:
    page = visitor.page
    body = {"touser": "zhouwen", "msgtype": "template_card", "agentid": 1000002}
    sent = await app.post("message/send", body | {"template_card": CARD})
    await page.get_by_role("button", name="周文 客户经理").first.click()
    await page.get_by_role("button", name="已发").click()
    await page.locator(".card-button[aria-pressed=true]").get_by_text("已发").wait_for()
    (message,) = sandbox.messages.all()
    assert message.card is not None
    assert message.card["pressed"] == "sent"
    update = {"userids": ["zhouwen"], "agentid": 1000002, "response_code": sent["response_code"]}
    await app.post("message/update_template_card", update | {"button": {"replace_name": "已登记"}})
    await visitor.appears(".card-settled", "已登记")
    assert await page.locator(".card-button").count() == 0


async def test_newcomer_joins_and_leaves_from_the_people_tab(
    sandbox: Sandbox, visitor: Any
) -> None:
    page = visitor.page
    await page.fill("#join-name", "许晴")
    await page.press("#join-name", "Enter")
    await visitor.appears(".person-name", "许晴")
    newcomer = sandbox.world.groups["wrOne"].people
    assert len(newcomer) == 4
    await page.get_by_role("button", name="对 许晴 的操作").click()
    await page.get_by_role("button", name="退群").click()
    await page.locator(".system").nth(1).wait_for()
    assert len(sandbox.world.groups["wrOne"].people) == 3


async def test_clock_moves_and_shows_the_weekday(sandbox: Sandbox, visitor: Any) -> None:
    page = visitor.page
    assert await visitor.texts(".now") == ["09:00:00\n11月23日 周一"]
    await page.click(".steps [data-advance='3600']")
    await visitor.appears(".now-time", "10:00:00")
    await page.get_by_role("button", name="走到 11月25日 周三 08:00").click()
    await visitor.appears(".now-date", "11月25日 周三")
    await page.click("#for-clock")
    await page.fill("#goto-at", "2026-11-27T20:00")
    await page.click("#goto button")
    await visitor.appears(".now-date", "11月27日 周五")
    assert sandbox.clock.now().isoformat() == "2026-11-27T12:00:00+00:00"
    await page.fill("#goto-at", "2026-11-26T20:00")
    await page.locator("#goto").evaluate("form => { form.noValidate = true; form.requestSubmit() }")
    await visitor.appears("#toasts", "时钟只能往前走。")
    # The browser reports the refused request itself; that is the one complaint expected here.
    assert [trouble[:24] for trouble in visitor.troubles] == ["Failed to load resource:"]
    visitor.troubles.clear()


async def test_keyboard_reaches_chats_composer_and_tabs(sandbox: Sandbox, visitor: Any) -> None:
    page = visitor.page
    focused = "document.activeElement.id || document.activeElement.className"
    await page.keyboard.press("/")
    assert await page.evaluate(focused) == "text"
    await page.keyboard.press("Alt+ArrowDown")
    await page.keyboard.press("Alt+ArrowDown")
    assert await visitor.texts("#chat-title") == ["群运助手与 周文"]
    await page.keyboard.press("Escape")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    assert await visitor.texts("#chat-title") == ["财富一群"]
    await page.focus("#speaker")
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert await visitor.texts(".speaker-name") == ["李建国"]
    await page.focus("#for-people")
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate(focused) == "for-clock"
    assert await visitor.texts("[role=tabpanel]:not([hidden]) .face-date") == ["11月23日 周一"]


async def test_long_history_keeps_a_window_of_the_page(sandbox: Sandbox, visitor: Any) -> None:
    page = visitor.page
    for number in range(5000):
        post(sandbox, MEMBER, f"第 {number} 条")
    await visitor.appears(".bubble", "第 4999 条")
    assert await page.locator("#log .message").count() <= 400
    await page.reload()
    await visitor.appears(".bubble", "第 4999 条")
    assert await page.locator("#log .message").count() == 300
    await page.get_by_role("button", name="更早的消息（还有 4700 条）").click()
    assert await page.locator("#log .message").count() == 600
    for number in range(5000, 6000):
        post(sandbox, MEMBER, f"第 {number} 条")
    await page.locator("#newer").wait_for()
    assert await page.locator("#log .message").count() <= 800
    await page.click("#newer")
    await visitor.appears(".bubble", "第 5999 条")
    # The stream may still have been on its way when the latest were asked for.
    assert 300 <= await page.locator("#log .message").count() <= 400


async def test_lost_stream_is_opened_again_and_nothing_is_missed(
    sandbox: Sandbox, visitor: Any
) -> None:
    sandbox.stream.close()
    await visitor.page.locator("#offline").wait_for()
    post(sandbox, MEMBER, "断开时说的")
    await visitor.appears(".bubble", "断开时说的")
    await visitor.page.locator("#offline").wait_for(state="hidden")
    post(sandbox, MEMBER, "连上后说的")
    await visitor.appears(".bubble", "连上后说的")
    assert await visitor.texts(".bubble") == ["断开时说的", "连上后说的"]


async def test_unread_is_counted_until_the_chat_is_opened(sandbox: Sandbox, visitor: Any) -> None:
    page = visitor.page
    await page.locator(".chat").nth(1).click()
    post(sandbox, MEMBER, "一")
    post(sandbox, ROBOT, "**二**", type="markdown")
    await visitor.appears(".unread", "2")
    assert await visitor.texts(".chat >> nth=0 >> .chat-last") == ["群运：二"]
    await page.locator(".chat").first.click()
    assert await visitor.texts(".unread:not([hidden])") == []


async def test_phone_shows_one_pane_at_a_time(sandbox: Sandbox, visitor: Any) -> None:
    page = visitor.page
    panes = {"list": ".list-pane", "chat": ".chat-pane", "side": ".side-pane"}

    async def visible() -> list[str]:
        return [name for name, pane in panes.items() if await page.locator(pane).is_visible()]

    await page.set_viewport_size({"width": 390, "height": 844})
    await page.reload()
    await page.wait_for_selector("body.ready")
    seen = [await visible()]
    await page.locator(".chat").first.click()
    seen.append(await visible())
    await page.click("#side-toggle")
    seen.append(await visible())
    await page.get_by_role("button", name="王芳", exact=False).first.click()
    seen.append(await visible())
    await page.go_back()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    seen.append(await visible())
    assert seen == [["list"], ["chat"], ["side"], ["chat"], ["list"]]
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("width", [390, 800, 1024, 1440])
async def test_guide_is_shown_once_and_nothing_overflows(
    sandbox: Sandbox, visitor: Any, width: int
) -> None:
    page = visitor.page
    await page.set_viewport_size({"width": width, "height": 844})
    await page.reload()
    await page.wait_for_selector("body.ready")
    titles = []
    for _ in range(6):
        titles += await visitor.texts("#guide h2")
        await page.locator("#guide footer .quiet").last.click()
    assert titles == [
        "这里是一个本地的企业微信",
        "时间由您推动",
        "客户群的话，先盖审核章",
        "周二骰子局，周四问答",
        "新客户入群，玩过就能抽",
        "下周一看周报",
    ]
    await page.reload()
    await page.wait_for_selector("body.ready")
    assert await page.locator("#guide").is_hidden()
    outside = "all => all.filter((one) => one.scrollWidth > innerWidth).map((one) => one.className)"
    assert await page.locator("body, body > *").evaluate_all(outside) == []
    right = "one => one.getBoundingClientRect().right <= innerWidth && one.offsetLeft >= 0"
    assert await page.locator(".top .primary").evaluate(right)
