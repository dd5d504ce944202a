"""Scam spotting: a whole round word by word, the words for a scam, and the shipped cases."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from sop.bank import Bank, Question
from sop.game import Asked, Judged, Player, Result, Turn, View
from sop.games.scam_spotting import CHOICES, GAME, Options
from sop.loader import SHIPPED, load

SEED = bytes([2]) * 32
START = datetime(2026, 11, 26, 11, 30, tzinfo=UTC)
ANNA, BOB, CARL = (Player(f"wm-{name}", name) for name in ("安娜", "小波", "卡尔"))
SHIPPED_BANK = load([SHIPPED / "banks"])[0].banks["scam-cases"]

REFUND = Question(
    id="refund",
    ask="“客服”说加好友就能三倍退款。这是诈骗吗？",
    choices=CHOICES,
    answer="A",
    hint="退款在哪里能查到？",
    explain="正规退款在订单里办。挂断，拿不准打 96110。",
    source="国家反诈中心",
)
PARCEL = Question(
    id="parcel",
    ask="短信说包裹已到东门驿站，取件码 8-2-3016。这是诈骗吗？",
    choices=CHOICES,
    answer="B",
    explain="不要钱、没有链接，到驿站报码就行。",
)
BANKS = {"cases": Bank(bank="cases", title="判断", questions=[REFUND, PARCEL])}
TWO = Options(bank="cases", questions=2, seconds=30)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def opened() -> Turn:
    return GAME.start(TWO, BANKS, SEED, START)


def said(turn: Turn, player: Player, text: str, seconds: float) -> Turn:
    answered = GAME.said(TWO, turn.state, player, text, after(seconds))
    assert answered is not None
    return answered


def test_scam_whole_round() -> None:
    turn = opened()
    lines = [*turn.posts]
    turn = said(turn, ANNA, "假的吧", 5)
    turn = said(turn, BOB, "真", 6)
    turn = said(turn, BOB, "假", 7)
    lines.append(f"小波：{turn.reply}")
    judged = []
    for seconds in (30, 40):
        turn = GAME.tick(TWO, turn.state, after(seconds))
        lines += turn.posts
        judged += [*turn.judged, *turn.asked]
    turn = said(turn, ANNA, "这是诈骗短信", 45)
    turn = said(turn, BOB, "不是诈骗", 45)
    turn = said(turn, CARL, "b", 50)
    turn = GAME.tick(TWO, turn.state, after(70))
    lines += turn.posts
    assert lines == [
        "🕵️ **反诈判断，开始！**\n"
        "共 2 条消息，每条 30 秒。觉得是诈骗就说“假”，觉得不是就说“真”，发 A、B 也行。\n"
        "> 每人每条只认第一次判断；不逐条回复，到点统一揭晓\n"
        "> 判断对的条数多者胜，条数相同的，用时短者在前",
        "**第 1/2 题**\n"
        "“客服”说加好友就能三倍退款。这是诈骗吗？\n"
        "A. 是诈骗\nB. 不是诈骗\n"
        "> 30 秒，发选项字母作答，第一次为准",
        "小波：您这题已经答过了，以第一次为准，等揭晓吧。",
        "✅ **答案：A. 是诈骗**\n"
        "正规退款在订单里办。挂断，拿不准打 96110。\n"
        "2 人作答，1 人答对，最快：安娜（5.0 秒）。\n"
        "> 出处：国家反诈中心",
        "**第 2/2 题**\n"
        "短信说包裹已到东门驿站，取件码 8-2-3016。这是诈骗吗？\n"
        "A. 是诈骗\nB. 不是诈骗\n"
        "> 30 秒，发选项字母作答，第一次为准",
        "✅ **答案：B. 不是诈骗**\n"
        "不要钱、没有链接，到驿站报码就行。\n"
        "3 人作答，2 人答对，最快：小波（5.0 秒）。",
        "🏁 **反诈判断，结束！**\n"
        "3 人参加，排名如下：\n"
        "🥇 安娜　答对 1 题（用时 5.0 秒）\n"
        "🥈 小波　答对 1 题（用时 5.0 秒）\n"
        "🥉 卡尔　答对 1 题（用时 10.0 秒）\n"
        "> 记住一句话：验证码谁要都不给，银行和警察都不会要。",
    ]
    assert turn.over == Result("答完全部题目", (ANNA.id, BOB.id, CARL.id))
    assert judged == [Judged("cases", "refund", 2, (ANNA.id,)), Asked("cases", "parcel")]


@pytest.mark.parametrize(
    "text",
    ["假", "假的", "是诈骗", "诈骗！", "骗子", "我觉得是骗人的", "肯定是骗局", "A", "我选a", "騙"],
)
def test_scam_words_for_a_scam(text: str) -> None:
    turn = said(opened(), ANNA, text, 5)
    assert turn.state["answers"][ANNA.id]["right"] is True


@pytest.mark.parametrize(
    "text",
    ["真", "是真的", "不是诈骗", "不是骗人的吧", "没问题", "正常", "我看是正规的", "B", "没骗人"],
)
def test_scam_words_for_a_genuine_message(text: str) -> None:
    turn = said(opened(), ANNA, text, 5)
    assert turn.state["answers"][ANNA.id]["right"] is False


@pytest.mark.parametrize(
    "text", ["", "是", "对", "这种短信我收到过", "是不是诈骗", "真的假的", "骗子真多", "假" * 300]
)
def test_scam_conversation_is_no_judgement(text: str) -> None:
    assert GAME.said(TWO, opened().state, ANNA, text, after(5)) is None


def test_scam_ended_early_still_leaves_its_habit() -> None:
    ended = GAME.end(TWO, said(opened(), ANNA, "假", 5).state, after(8))
    assert ended.posts[-1].endswith("\n> 记住一句话：验证码谁要都不给，银行和警察都不会要。")
    assert GAME.end(TWO, ended.state, after(9)) == Turn(ended.state, over=ended.over)


def test_scam_views() -> None:
    turn = said(opened(), ANNA, "假", 5)
    asked = ("第 1/2 题", "“客服”说加好友就能三倍退款。这是诈骗吗？")
    assert GAME.view(TWO, turn.state, BOB.id, after(6)) == View(
        asked, ("A. 是诈骗", "B. 不是诈骗"), closes_at=after(30)
    )
    assert GAME.view(TWO, turn.state, ANNA.id, after(6)) == View(
        (*asked, "A. 是诈骗", "B. 不是诈骗", "您已作答，到点揭晓。"), closes_at=after(30)
    )
    ended = GAME.end(TWO, turn.state, after(8))
    assert GAME.view(TWO, ended.state, ANNA.id, after(9)) == View(
        (
            "🏁 反诈判断，结束！",
            "1 人参加，排名如下：",
            "🥇 安娜　答对 1 题（用时 5.0 秒）",
            "记住一句话：验证码谁要都不给，银行和警察都不会要。",
        )
    )


def test_scam_bank_of_another_game_is_refused() -> None:
    other = REFUND.model_copy(update={"choices": ["诈骗", "正规"], "answer": "诈骗"})
    banks = {"cases": Bank(bank="cases", title="判断", questions=[other, PARCEL])}
    assert GAME.problems(TWO, banks) == [
        "题库“cases”有 1 道题不能用来判断（例如“refund”）：选项须是“是诈骗”和“不是诈骗”。"
    ]
    assert GAME.problems(Options(bank="none"), {}) == ["没有题库“none”。"]


def test_shipped_cases_are_half_and_half_at_every_level() -> None:
    kinds = Counter((one.difficulty, one.answer) for one in SHIPPED_BANK.questions)
    assert kinds == {
        ("easy", "A"): 11,
        ("easy", "B"): 9,
        ("medium", "A"): 9,
        ("medium", "B"): 10,
        ("hard", "A"): 6,
        ("hard", "B"): 7,
    }
    assert GAME.problems(Options(), {"scam-cases": SHIPPED_BANK}) == []


@pytest.mark.parametrize(
    "case", [one for one in SHIPPED_BANK.questions if one.answer == "A"], ids=lambda one: one.id
)
def test_shipped_scam_says_what_to_do(case: Question) -> None:
    deeds = ("打", "别", "不", "拒绝", "挂断", "关掉")
    assert any(deed in case.explain for deed in deeds)
    assert case.hint.endswith("？")
