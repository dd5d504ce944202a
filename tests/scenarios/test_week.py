"""The whole shipped week, as everybody sees it: Monday 09:10 to next Monday, and the day of pay.

`week.transcript.txt` is the expected value. To accept a changed wording, look at what changed:

    QUNYUN_REWRITE=1 .venv/bin/pytest tests/scenarios/test_week.py && git diff tests/scenarios
"""

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.demo import ASSIST_GROUP
from bot.evidence import evidence_json
from bot.payout_acts import ApprovePayouts
from sop.draws.verify import verify

FULL_WIDTH = {half: half + 0xFEE0 for half in range(0x21, 0x7F)}
TRANSCRIPT = Path(__file__).parent / "week.transcript.txt"


async def _monday(stage: Any) -> None:
    await stage.settle()
    await stage.ask("孙岩", "审核")
    for step in ("mon-hello", "wed-safety", "fri-weekend"):
        await stage.ask("孙岩", f"审核 customer-weekly/{step}")
        await stage.press("孙岩", "通过")
    await stage.ask("李静", "帮助")
    await stage.ask("李静", "今日")
    await stage.until("一 09:31")
    await stage.until("一 10:01")
    await stage.press("李静", "推迟 30 分钟")
    await stage.until("一 10:32")
    await stage.join("新来的小王")
    await stage.say("新来的小王", "抽奖")
    await stage.say("新来的小王", "你好呀")
    await stage.until("一 10:40")
    await stage.confirm("李静")
    await stage.until("一 10:42")
    await stage.ask("李静", "今日 财富客户群")
    await stage.say("陈晓雯", "签到")
    await stage.say("陈晓雯", "签到")
    await stage.say("陈晓雯", "我的奖品")
    await stage.ask("李静", "标签 陈晓雯 关注基金")
    await stage.ask("李静", "查 陈晓雯")
    await stage.ask("李静", "撤销")
    await stage.ask("李静", "本周")


async def _tuesday(stage: Any) -> None:
    await stage.until("二 09:00")
    await stage.say("陈晓雯", "签到")
    await stage.leave("Grace")
    await stage.until("二 19:20")
    await stage.ask("李静", "推迟 tue-dice 30m")
    await stage.ask("李静", "撤销")
    await stage.until("二 19:30")
    await stage.say("新来的小王", "掷")
    await stage.say("陈晓雯", "掷骰子")
    await stage.say("老周", "🎲")
    await stage.say("老周", "掷")
    await stage.say("老周", "掷")
    await stage.say("李静", "提示")
    await stage.say("李静", "掷")
    await stage.say("林一诺", "ｄｉｃｅ")
    await stage.say("吴建国", "擲")
    await stage.until("二 19:37")
    await stage.say("李静", "揭晓")
    await stage.say("赵芸", "延时 2m")
    await stage.until("二 19:41")
    await stage.say("小满", "现在还能参加吗")
    await stage.until("二 19:42")
    await stage.say("小满", "掷")
    await stage.say("新来的小王", "抽奖")
    await stage.say("新来的小王", "抽奖")
    await stage.say("小满", "抽奖")
    await stage.say("陈晓雯", "我的奖品")
    await stage.say("新来的小王", "我的奖品")


async def _wednesday(stage: Any) -> None:
    await stage.until("三 09:00")
    await stage.ask("王强", "发送 wed-lesson")
    await stage.ask("李静", "发送 wed-lesson")  # so its reminder at 09:15 stays away
    await stage.until("三 09:20")
    await stage.say("赵芸", "今日")
    await stage.say("李静", "沉默")
    await stage.ask("王强", "活跃 财富体验群")
    await stage.until("三 10:05")
    await stage.press("李静", "跳过")
    await stage.ask("李静", "今日")


async def _thursday(stage: Any) -> None:
    await stage.until("四 12:00")
    await stage.ask("李静", "暂停 财富客户群")
    await stage.ask("李静", "恢复 财富客户群")
    await stage.until("四 19:30")
    await stage.advance("4s")
    await stage.say("陈晓雯", f"我觉得是{await _right(stage)}吧")
    await stage.advance("3s")
    await stage.say("老周", (await _right(stage)).translate(FULL_WIDTH))
    await stage.say("林一诺", await _wrong(stage))
    await stage.say("林一诺", await _right(stage))
    await stage.say("林一诺", await _right(stage))
    await stage.advance("5s")
    await stage.say("吴建国", f"我選 {(await _right(stage)).lower()}。")
    late = await _right(stage)
    await stage.until("四 19:31:05")  # the answer is out, the next question is not
    await stage.say("小满", late)
    await stage.until("四 19:31:15")
    await stage.say("陈晓雯", f"答案是：{await _right(stage)}！")
    await stage.say("新来的小王", f"（{await _right(stage)}）")
    await stage.say("李静", "提示")
    await stage.say("李静", "提示")
    await stage.say("李静", "提示")
    await stage.say("李静", "揭晓")
    await stage.advance("10s")
    await stage.say("老周", await _right(stage))
    await stage.say("小满", "太难了吧")
    await stage.advance("8s")
    await stage.say("陈晓雯", await _right(stage))
    await stage.until("四 19:33:30")
    await stage.say("小满", "掷")
    await stage.until("四 19:40")
    await stage.say("老周", "A")


async def _right(stage: Any) -> str:
    """The answer to the open question, from the bot's own record: a letter, or words."""
    return str((await _question(stage))["answer"])


async def _wrong(stage: Any) -> str:
    question = await _question(stage)
    if question["choices"]:
        return "A" if question["answer"] != "A" else "B"
    return "99" if any(one.isdigit() for one in question["answer"]) else "看心情"


async def _question(stage: Any) -> Any:
    ((state,),) = await stage.rows("SELECT state FROM game_session WHERE status = 'running'")
    known = json.loads(state) if isinstance(state, str) else state
    return known["questions"][known["index"]]


async def _friday(stage: Any) -> None:
    await stage.until("五 10:01")
    await stage.ask("李静", "跳过 fri-draww 设备检修")
    await stage.ask("李静", "跳过 fri-draw")
    await stage.until("五 16:01")
    await stage.confirm("李静")
    await stage.until("五 16:03")
    await stage.until("五 20:00")
    await stage.say("新来的小王", "抽奖")
    await stage.say("新来的小王", "抽奖")
    await stage.say("吴建国", "抽奖")
    await stage.say("吴建国", "抽奖")
    await stage.say("陈晓雯", "我要抽奖")
    await stage.say("小满", "抽獎")
    await stage.say("小满", "抽奖")
    await stage.say("许多多", "抽奖", chat=ASSIST_GROUP)
    await stage.say("李静", "抽奖")
    await stage.until("五 20:31")
    await stage.say("老周", "抽奖")
    await stage.say("老周", "抽奖")


async def _next_monday(stage: Any) -> None:
    await stage.until("一 09:05")
    await stage.ask("李静", "周报")
    await stage.ask("王强", "周报 2026-W48 财富客户群")
    await stage.ask("李静", "沉默")
    await stage.ask("李静", "活跃")
    await stage.until("一 09:35")


async def _payday(stage: Any) -> None:
    """Tuesday's and the newcomer's prizes fall due; the manager approves, the platform pays."""
    await stage.until("二 10:00")
    stage.note(f"（qunyun payouts approve --by wangqiang：{await _approve(stage)}）")
    await stage.settle()
    await stage.say("新来的小王", "我的奖品")


async def _approve(stage: Any) -> str:
    now = stage.show.clock.now()
    return str(
        await stage.show.app.database.write(
            lambda tx: ApprovePayouts(by="wangqiang", orders=None).do(tx, now)
        )
    )


PAYOUTS = """
SELECT award.order_no, member, prize, payout.amount_fen, payout.payable_on, status
FROM payout JOIN award ON award.order_no = payout.order_no ORDER BY award.won_at, award.key
"""
LEDGER = """
SELECT debit, credit, CAST(SUM(amount_fen) AS BIGINT), COUNT(*) FROM ledger GROUP BY debit, credit
ORDER BY debit, credit
"""


async def _books(stage: Any) -> str:
    """Payouts and ledger, a line each."""
    payouts = [" | ".join(map(str, row)) for row in await stage.rows(PAYOUTS)]
    ledger = [" | ".join(map(str, row)) for row in await stage.rows(LEDGER)]
    return "\n".join(["", "———— 发奖 ————", "", *payouts, "", "———— 账 ————", "", *ledger, ""])


async def _balances(stage: Any) -> None:
    """What no rewriting of the transcript may change."""
    booked = await stage.rows(
        "SELECT event, CAST(SUM(amount_fen) AS BIGINT) FROM ledger GROUP BY event"
    )
    owed = dict(booked)["award"]
    awards = await stage.rows(
        "SELECT CAST(SUM(amount_fen) AS BIGINT), COUNT(*), COUNT(DISTINCT key) FROM award"
    )
    assert awards[0][0] == owed
    assert awards[0][1] == awards[0][2]
    paid = await stage.rows(
        "SELECT CAST(SUM(amount_fen) AS BIGINT) FROM payout WHERE status = 'paid'"
    )
    assert (paid[0][0], stage.sandbox.payer.paid_fen) == (dict(booked)["paid"],) * 2
    spent = await stage.rows("SELECT SUM(committed_fen), SUM(settled_fen) FROM budget")
    assert spent == [(owed, paid[0][0])]


async def _friday_deck_holds(stage: Any) -> None:
    """The evidence that anybody may check, and that a forged one is found out."""
    decks = await stage.rows("SELECT id FROM deck WHERE round = '2026-11-27'")
    text = await stage.show.app.database.read(lambda tx: evidence_json(tx, decks[0][0]))
    evidence = json.loads(text)
    assert verify(evidence) == []
    evidence["log"][0]["amount_fen"] += 1
    assert [check for check, _ in verify(evidence)] == ["log", "draws"]


async def _play(stage: Any) -> None:
    days = (_monday, _tuesday, _wednesday, _thursday, _friday, _next_monday, _payday)
    for day in days:
        await day(stage)


async def test_week_is_the_one_in_the_transcript(
    database_url: str, open_stage: Callable[..., Awaitable[Any]]
) -> None:
    stage = await open_stage(database_url)
    await _play(stage)
    seen = stage.transcript() + await _books(stage)
    if os.environ.get("QUNYUN_REWRITE") and not os.environ.get("CI"):
        TRANSCRIPT.write_text(seen, encoding="utf-8")
    assert seen == TRANSCRIPT.read_text(encoding="utf-8")
    await _balances(stage)
    await _friday_deck_holds(stage)
    await stage.check()
