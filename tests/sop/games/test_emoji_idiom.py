"""Emoji idioms: a round word by word, what is a guess, and that the shipped bank can be played."""

from datetime import UTC, datetime, timedelta

import pytest

from sop import idioms
from sop.answers import Verdict
from sop.bank import Bank, Question
from sop.game import Player, Result
from sop.games.emoji_idiom import GAME, Options
from sop.loader import SHIPPED, load

SEED = bytes([4]) * 32
START = datetime(2026, 11, 26, 11, 40, tzinfo=UTC)
ANNA, BOB = (Player(f"wm-{name}", name) for name in ("安娜", "小波"))
SNAKE = Question(
    id="snake",
    ask="🎨🐍➕🦶（打一成语）",
    answer="画蛇添足",
    hint="多做了一步，反而坏了事。",
    explain="给蛇添上脚，比喻做多余的事。",
    source="本题库自编",
    difficulty="easy",
)
BANKS = {"emoji-idioms": Bank(bank="emoji-idioms", title="看表情猜成语", questions=[SNAKE])}
ONE = Options(questions=1, seconds=60)
SHIPPED_BANK = load([SHIPPED / "banks"])[0].banks["emoji-idioms"]


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_emoji_idiom_whole_round() -> None:
    turn = GAME.start(ONE, BANKS, SEED, START)
    lines = [*turn.posts]
    turn = GAME.said(ONE, turn.state, ANNA, "对牛弹琴", after(5)) or turn
    for _ in range(2):
        assert turn.next_at is not None
        turn = GAME.tick(ONE, turn.state, turn.next_at)
        lines += turn.posts
    turn = GAME.said(ONE, turn.state, BOB, "畫蛇添足！", after(41.5)) or turn
    assert turn.next_at == after(44.5)
    turn = GAME.tick(ONE, turn.state, after(44.5))
    lines += turn.posts
    assert lines == [
        "🧩 **看表情猜成语，开始！**\n"
        "共 1 题，每题 60 秒，看表情，发四字成语。\n"
        "> 简单 1 分、中等 2 分、较难 3 分；谁先答对谁得分，3 秒之内先后答对的同样得分\n"
        "> 分数相同的，答对用时短者在前\n"
        "> 每人每题可以猜 8 次；公布以后照着说不算",
        "**第 1/1 题（简单，1 分）**\n🎨🐍➕🦶（打一成语）\n> 60 秒，直接发答案",
        "💡 提示：多做了一步，反而坏了事。",
        "💡 提示：□□添□",
        "✅ **答案：画蛇添足**\n"
        "给蛇添上脚，比喻做多余的事。\n"
        "小波最先答对（41.5 秒），得 1 分。\n"
        "> 出处：本题库自编",
        "🏁 **看表情猜成语，结束！**\n"
        "2 人参加，排名如下：\n"
        "🥇 小波　1 分（答对 1 题，用时 41.5 秒）",
    ]
    assert turn.over == Result("答完全部题目", (BOB.id,))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("画蛇添足", Verdict.RIGHT),
        ("画 蛇 添 足", Verdict.RIGHT),
        ("我猜是画蛇添足吧", Verdict.RIGHT),
        ("画龙点睛", Verdict.WRONG),
        ("今晚吃啥", Verdict.CHATTER),
        ("好难啊", Verdict.CHATTER),
        ("蛇", Verdict.CHATTER),
        ("🎨🐍➕🦶", Verdict.CHATTER),
        ("我知道有蛇", Verdict.CHATTER),
    ],
)
def test_emoji_idiom_only_an_idiom_is_a_guess(text: str, verdict: Verdict) -> None:
    assert GAME.judge(SNAKE, text) is verdict


def test_emoji_idiom_hints_get_clearer() -> None:
    assert GAME.ladder(SNAKE) == ["多做了一步，反而坏了事。", "□□添□", "画□添□"]


def test_emoji_idiom_answers_have_four_characters() -> None:
    short = SNAKE.model_copy(update={"id": "short", "answer": "画蛇"})
    banks = {"emoji-idioms": Bank(bank="emoji-idioms", title="坏", questions=[SNAKE, short])}
    assert GAME.problems(ONE, banks) == ["题目“short”的答案“画蛇”不是四个字。"]


def test_emoji_idiom_shipped_bank_is_of_known_idioms() -> None:
    answers = [one.answer for one in SHIPPED_BANK.questions]
    assert [one for one in answers if idioms.find(one) is None] == []
    judged = [GAME.judge(one, f"{one.answer}！") for one in SHIPPED_BANK.questions]
    assert set(judged) == {Verdict.RIGHT}
    assert len(set(answers)) == len(answers) == 94
    assert len({one.ask for one in SHIPPED_BANK.questions}) == 94
    # Joined emoji fall apart on older phones.
    assert [one.id for one in SHIPPED_BANK.questions if "\u200d" in one.ask] == []
