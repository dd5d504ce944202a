"""A newcomer's first ten minutes with `qunyun demo`, by clicking only what a person sees.

The same walk takes the README's pictures:

    QUNYUN_PICTURES=1 .venv/bin/pytest tests/browser/test_demo.py
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

IMAGES = Path(__file__).parents[2] / "docs" / "images"
GROUP = "财富体验群"
RM, REVIEWER, MANAGER = "李静 客户经理", "孙岩 合规审核", "王强 主管"
ROBOT, AIBOT, APP = "群运小助手 群机器人 ", "群运 智能机器人 ", "群运助手 应用 "
PLAYERS = ["许晴", "老周", "林一诺", "小满", "陈晓雯"]
MY_PRIZES = "发“@群运 我的奖品”可查"
UNSTAMPED = "⚠️ 接下来有 3 步还没有审核章，到点不会发送："
ASKED = (
    f"{APP}请确认企业群发 “财富客户群”10:00 的“周一问候”已放进企业微信的“客户联系 → 群发助手”，"
    "请在 11:00 前打开它，点“确认发送”。 推迟 30 分钟 跳过"
)
TASKS = "企业群发 · 李静"
MOVING = re.compile("moving")
DAYS_PASS = 60_000
"""Milliseconds that days may take to pass on a machine that does other things too."""
HASH = re.compile("^[0-9a-f]{64}$")
Text = str | re.Pattern[str]


def beginning(text: str) -> re.Pattern[str]:
    """A long script is known by its beginning; its wording is the library's own matter."""
    return re.compile("^" + r"\s+".join(re.escape(word) for word in text.split()))


def lucky(text: str) -> re.Pattern[str]:
    """What chance decides is written `#`; `test_week.py` holds it to the letter."""
    found = r"\s+".join(re.escape(word) for word in text.split())
    return re.compile("^" + found.replace(r"\#", r"[\d.]+"))


@dataclass
class Newcomer:
    """Reads, clicks and types. `read` is the whole conversation of each chat, as it was read."""

    page: Page
    chat: str = GROUP
    read: dict[str, list[Text]] = field(default_factory=dict)

    async def reads(self, *fresh: Text) -> None:
        """The open chat shows what it showed before, then exactly this."""
        self.read.setdefault(self.chat, []).extend(fresh)
        shown = self.page.locator("#log .body")
        await expect(shown).to_have_text(self.read[self.chat], use_inner_text=True)

    async def open(self, chat: str, *, unread: int) -> None:
        """Opens a chat whose badge counts the unread messages."""
        named = self.page.locator(".chat-name").filter(has_text=re.compile(f"^{chat}$"))
        button = self.page.locator(".chat").filter(has=named)
        await expect(button.locator(".unread")).to_have_text(str(unread))
        await button.click()
        self.chat = chat

    async def speaks_as(self, name: str) -> None:
        """Chooses who speaks, with the switch above the field."""
        await self.page.click("#speaker")
        await self.page.get_by_role("option", name=name).click()

    async def types(self, text: str) -> None:
        """Writes into the field and sends it."""
        await self.page.fill("#text", text)
        await self.page.press("#text", "Enter")

    async def clicks(self, label: str) -> None:
        """Presses the button with this name; while the clock moves it waits."""
        await self.page.get_by_role("button", name=label, exact=True).click()

    async def is_at(self, time: str, date: str) -> None:
        """The clock has arrived."""
        await expect(self.page.locator("body")).not_to_have_class(MOVING, timeout=DAYS_PASS)
        await expect(self.page.locator(".top .now-time")).to_have_text(f"{time}:00")
        await expect(self.page.locator(".top .now-date")).to_have_text(date)

    async def goes_on(self, date: str, *times: str) -> None:
        """“下一件事” until the last of these times, stopping at each."""
        for time in times:
            await self.page.locator(".bar-controls [data-next]").click()
            await self.is_at(time, date)

    async def goes_until(self, date: str, time: str) -> None:
        """“下一件事”, whatever it is, until this time."""
        shown = self.page.locator(".top .now-time")
        for _ in range(20):
            await self.page.locator(".bar-controls [data-next]").click()
            await expect(self.page.locator("body")).not_to_have_class(MOVING, timeout=DAYS_PASS)
            if await shown.inner_text() == f"{time}:00":
                break
        await self.is_at(time, date)

    async def follows(self, title: str) -> None:
        """The guide's next hint."""
        await self.clicks("下一步")
        await expect(self.page.locator("#guide h2")).to_have_text(title)

    async def takes(self, name: str, width: int, height: int) -> None:
        """A picture for the README, where one is wanted."""
        if not os.environ.get("QUNYUN_PICTURES"):
            return
        await self.page.set_viewport_size({"width": width, "height": height})
        await self.page.evaluate("document.activeElement.blur()")
        await self.page.mouse.move(0, 0)
        frames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        await self.page.evaluate(frames)
        await self.page.screenshot(path=IMAGES / name)


async def arrives(me: Newcomer) -> None:
    """The standing notice is there; the guide shows who can speak and how time passes."""
    await me.reads(beginning(ROBOT + "🎁 入群见面礼 欢迎来到社群！"))
    await expect(me.page.locator("#guide h2")).to_have_text("这里是一个本地的企业微信")
    await me.clicks("换一个人")
    everybody = ["李静", "赵芸", "陈晓雯", "老周", "林一诺", "吴建国", "小满", "Grace"]
    await expect(me.page.locator("#picker span:last-of-type")).to_have_text(everybody)
    await me.page.keyboard.press("Escape")
    await me.follows("时间由您推动")
    await me.clicks("走到下一件事")
    await me.is_at("09:15", "11月23日 周一")


async def asks_as_manager_of_customers(me: Newcomer) -> None:
    """The RM's 1:1: the reminder first, then two commands, a typo and a wrong usage."""
    await me.open(RM, unread=1)
    await me.reads(
        APP + "📣 请把下面的话转发到“财富客户群”：",
        beginning("🎁 客户群见面礼 群里新开了自己的网页"),
        beginning(UNSTAMPED),
        beginning(APP + "⏰ 09:30 周一早报 财富体验群 早上好，财富体验群的各位！"),
    )
    await me.clicks("今日")
    await me.reads(f"{RM} 今日", beginning(APP + "今日 周一 11 月 23 日 财富体验群"))
    await me.clicks("本周")
    await me.reads(f"{RM} 本周", beginning(APP + "本周 11 月 23 日～11 月 29 日 财富体验群"))
    await me.types("本州")
    await me.reads(f"{RM} 本州", APP + "您是想输入“本周”吗？ 例：本周")
    await me.types("推迟 mon-brief 很久")
    refusal = "看不懂时长“很久”。请写数字加单位：s 秒、m 分钟、h 小时、d 天，例如 30m 或 1h30m。"
    usage = "用法：推迟 步骤 时长或时间〔原因〕〔社群〕，时长写 30m、1h，时间写 20:30"
    example = "例：推迟 tue-dice 30m"
    await me.reads(f"{RM} 推迟 mon-brief 很久", f"{APP}{refusal} {usage} {example}")


async def stamps_as_reviewer(me: Newcomer) -> None:
    """The reviewer sees what the customer group shall read, and says yes."""
    await me.follows("客户群的话，先盖审核章")
    await me.clicks("打开合规审核的 1:1")
    me.chat = REVIEWER
    await me.reads(beginning(APP + UNSTAMPED))
    await me.types("审核")
    waiting = beginning(APP + "待审核 6 步，没有审核章就不会发送 客户群·网页活动（customer-page）")
    await me.reads(f"{REVIEWER} 审核", waiting)
    listed = await me.page.locator("#log .body").last.inner_text()
    number = listed.partition(". 周一问候（mon-hello）")[0].split()[-1]
    await me.types(f"审核 {number}")
    await me.reads(
        f"{REVIEWER} 审核 {number}",
        beginning(f"{APP}审核单 {number}　customer-weekly/mon-hello"),
        f"审核 {number}：周一问候 通过 退回",
    )
    await me.clicks("通过")
    me.read[REVIEWER].pop()
    await me.reads(f"审核 {number}：周一问候 已盖章")


async def sees_monday(me: Newcomer) -> None:
    """The content goes out, a customer joins, the RM forwards what the bot may not send."""
    await me.goes_on("11月23日 周一", "09:30")
    await me.open(GROUP, unread=1)
    await me.reads(beginning(ROBOT + "早上好，财富体验群的各位！"))
    await me.page.get_by_label("新客户入群").fill("许晴")
    await me.clicks("入群")
    await expect(me.page.locator(".system")).to_have_text("许晴 扫码加入了群聊")
    gift = "🎁 入群见面礼等着您：先玩一局群游戏，再发“@群运 抽奖”，每人一次。"
    await me.reads(beginning(f"{ROBOT}👋 欢迎新朋友加入财富体验群！ {gift}"))
    await me.clicks("+10 分钟")
    await me.is_at("09:40", "11月23日 周一")
    await me.goes_on("11月23日 周一", "09:45", "10:00")
    await me.open(RM, unread=2)
    script = "财富客户群的朋友，周一好！"
    await me.reads(beginning(f"{APP}⏰ 10:00 周一问候 财富客户群 {script}"), ASKED)
    await me.open(TASKS, unread=1)
    await me.reads(beginning(f"群发助手 企业给您安排了一个群发 {script}"))
    await me.clicks("确认发送")
    await me.open("财富客户群", unread=1)
    await me.reads(beginning(f"{RM} {script}"))


async def plays_dice(me: Newcomer) -> None:
    """Tuesday evening through the switch: the new customer and four others roll, and win."""
    await me.follows("周二骰子局，周四问答")
    await me.clicks("走到周二 19:30")
    await me.is_at("19:30", "11月24日 周二")
    await me.open(GROUP, unread=2)
    await me.reads(
        beginning(ROBOT + "⏰ 19:30 掷骰子 🎲 时长 10 分钟，每人 1 次。"),
        beginning(ROBOT + "🎲 掷骰子，开始！ 说“掷”或“骰子”就能掷出两枚骰子，点数之和最大者胜。"),
    )
    for name in PLAYERS:
        await me.speaks_as(name)
        await me.clicks("掷骰子")
        roll = "🎲 # + # = # 点，暂列第 # 名。"
        await me.reads(f"{name} @群运 掷", lucky(f"{AIBOT}{name}：@群运 掷 {roll}"))
    await me.goes_on("11月24日 周二", "19:35", "19:39", "19:40")
    await me.reads(
        ROBOT + "⏳ 还有 5 分钟，已有 5 人掷过，说“掷”就能参加。",
        ROBOT + "⏳ 还有 1 分钟，已有 5 人掷过，说“掷”就能参加。",
        beginning("🏁 掷骰子，结束！ 5 人参加，排名如下： 🥇"),
        beginning("掷骰子·中奖名单 🎁"),
    )
    told = await me.page.locator("#log .body").all_inner_texts()
    assert [[name for name in PLAYERS if name in text] for text in told[-2:]] == [PLAYERS] * 2


async def draws(me: Newcomer) -> None:
    """Who has played draws and wins; who has not is asked to play first."""
    await me.speaks_as("老周")
    await me.clicks("@群运")
    await me.types("手气不错，谢谢李静！")
    await me.reads("老周 手气不错，谢谢李静！")
    await me.clicks("@群运")
    await me.speaks_as("许晴")
    await me.clicks("抽奖")
    won = "🎉 入群见面礼：恭喜抽中 # 元红包！ 第 1/530 张 12 月 1 日发放"
    await me.reads("许晴 @群运 抽奖", lucky(f"{AIBOT}许晴：@群运 抽奖 {won} {MY_PRIZES}"))
    await me.clicks("不再显示")
    await me.takes("chat.png", 1440, 900)
    await me.clicks("第一次来？")
    await me.speaks_as("Grace")
    await me.clicks("抽奖")
    first = "先玩一局群里的小游戏，就能抽“入群见面礼”啦，留意群里的预告。"
    await me.reads("Grace @群运 抽奖", f"{AIBOT}Grace：@群运 抽奖 {first}")


async def passes_the_week(me: Newcomer) -> None:
    """Nobody has time on Wednesday and Thursday; the quiz explains its questions all the same."""
    await me.follows("新客户入群，玩过就能抽")
    await me.clicks("请一位新客户")
    await expect(me.page.get_by_label("新客户入群")).to_be_focused()
    await me.clicks("走到 11月27日 周五 08:00")
    await me.is_at("08:00", "11月27日 周五")
    questions = [
        text
        for number in range(1, 6)
        for text in (
            beginning(f"第 {number}/5 题"),
            "⏳ 还有 30 秒，还没有人作答。",
            beginning("✅ 答案："),
        )
    ]
    await me.reads(
        beginning(ROBOT + "周三小课堂：看懂一只理财产品，先看这五处"),
        beginning(ROBOT + "⏰ 19:30 知识问答"),
        beginning(ROBOT + "🧠 知识问答，开始！ 共 5 题，每题 60 秒，答对多者胜。"),
        *questions,
        "🧠 本局结束，这次还没有人作答，下次再来。",
    )


async def celebrates_friday(me: Newcomer) -> None:
    """Friday's draw opens with a commitment and closes with the seed behind it."""
    await me.goes_until("11月27日 周五", "20:00")
    await me.reads(
        beginning(ROBOT + "🎉 周五啦，今晚 20:00 周五节见！"),
        beginning(ROBOT + "⏰ 20:00 周五节抽奖"),
        beginning(ROBOT + "🎁 周五节抽奖 辛苦了一周"),
    )
    commitment = await me.page.locator("#log code").last.inner_text()
    await me.clicks("抽奖")
    won = "🎉 周五节抽奖：恭喜抽中 # 元红包！ 第 1/80 张 12 月 4 日发放"
    await me.reads("Grace @群运 抽奖", lucky(f"{AIBOT}Grace：@群运 抽奖 {won} {MY_PRIZES}"))
    await me.goes_on("11月27日 周五", "20:30")
    await me.reads(beginning(ROBOT + "周五节抽奖·本期结束 共 1 位群友抽奖，人人中奖。 种子"))
    revealed = me.page.locator("#log .message").last.locator("code")
    await expect(revealed).to_have_text([HASH, commitment, HASH])


async def reads_the_week(me: Newcomer) -> None:
    """The manager has the weekly summary on Monday: card, buttons and picture."""
    await me.follows("下周一看周报")
    await me.clicks("走到下周一 09:00")
    await me.is_at("09:00", "11月30日 周一")
    await me.clicks("知道了")
    await expect(me.page.locator("#guide")).to_be_hidden()
    await me.open(MANAGER, unread=3)
    week = "2026 年第 48 周（11 月 23 日至 11 月 29 日）"
    await me.reads(
        beginning(f"{APP}全部社群 · 周报 {week} 成员数"),
        beginning("2026-W48 周报 图表、对比和明细在网页上。"),
        "",
    )
    picture = me.page.get_by_role("img", name="周报 2026-W48 全部社群.png")
    await expect(picture).to_be_visible()


async def test_newcomer_lives_the_week_in_ten_minutes(newcomer: Any) -> None:
    me = Newcomer(newcomer.page)
    await arrives(me)
    await asks_as_manager_of_customers(me)
    await stamps_as_reviewer(me)
    await sees_monday(me)
    await plays_dice(me)
    await draws(me)
    await passes_the_week(me)
    await celebrates_friday(me)
    await reads_the_week(me)
    assert {chat: len(texts) for chat, texts in me.read.items()} == {
        GROUP: 49,
        RM: 14,
        REVIEWER: 6,
        MANAGER: 3,
        TASKS: 1,
        "财富客户群": 1,
    }
