"""Idiom chain: a round word by word, each refusal, and laws that hold for every round."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sop import idioms
from sop.game import Player, Result, Turn, View
from sop.games.idiom_chain import GAME, OPENINGS, Options

SEED = bytes([5]) * 32
START = datetime(2026, 11, 24, 11, 40, tzinfo=UTC)
ANNA, BOB, CARL = (Player(f"wm-{name}", name) for name in ("安娜", "小波", "卡尔"))
FIVE = Options(duration=timedelta(minutes=5))
SHORT = Options(duration=timedelta(minutes=5), length=5)
SAME = Options(duration=timedelta(minutes=5), match="character")


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def opened(options: Options = FIVE) -> Turn:
    """Begins with 画龙点睛 where sounds count."""
    return GAME.start(options, {}, SEED, START)


def said(turn: Turn, player: Player, text: str, seconds: float, options: Options = FIVE) -> Turn:
    state = json.loads(json.dumps(turn.state))
    answered = GAME.said(options, state, player, text, after(seconds))
    assert answered is not None
    return answered


def ticked(turn: Turn, options: Options = FIVE) -> Turn:
    assert turn.next_at is not None
    return GAME.tick(options, json.loads(json.dumps(turn.state)), turn.next_at)


def words(turn: Turn) -> list[str]:
    return [word for word, _ in turn.state["chain"]]


def test_idiom_chain_whole_round() -> None:
    turn = opened(SHORT)
    lines = [*turn.posts]
    for player, text, seconds in (
        (ANNA, "驚心動魄！", 5),
        (BOB, "破釜沉舟", 12),
        (BOB, "粥少僧多", 15),
    ):
        turn = said(turn, player, text, seconds, SHORT)
        lines += turn.posts or [f"{player.name}：{turn.reply}"]
    for _ in range(2):
        turn = ticked(turn, SHORT)
        lines += turn.posts
    turn = said(turn, ANNA, "之乎者也", 140, SHORT)
    lines += [f"安娜：{turn.reply}", *turn.posts]
    assert lines == [
        "🐉 **成语接龙，开始！**\n"
        "读音相同就算接上，字和声调可以不同；一局之内不重复，同一个人不能连接两个。\n"
        "> 时长 5 分钟，接满 5 个提前圆满结束\n"
        "> 每接上一个得 1 分，谁先接上算谁的；分数相同的按开局前定下的随机号排先后",
        "我先来：**画龙点睛**\n> 请接“睛”（jing，同音也可以）开头的成语",
        "✅ **惊心动魄**（安娜，第 2 个）\n> 请接“魄”（po，同音也可以）开头的成语",
        "✅ **破釜沉舟**（小波，第 3 个）\n> 请接“舟”（zhou，同音也可以）开头的成语",
        "小波：上一个就是您接的，让别人接一个，您再来。",
        "💡 提示：比如“周而□□”。",
        "🐉 我来接一个：**周而复始**\n> 请接“始”（shi，同音也可以）开头的成语",
        "安娜：“之乎者也”接不上，请接“始”（shi，同音也可以）开头的成语。",
    ]
    turn = said(turn, ANNA, "实事求是", 150, SHORT)
    assert turn.posts == (
        "🏁 **成语接龙，结束！**\n"
        "这条龙从“画龙点睛”到“实事求是”，一共 5 个。2 人参加，排名如下：\n"
        "🥇 安娜　接了 2 个\n"
        "🥈 小波　接了 1 个",
    )
    assert turn.over == Result("接满 5 个", (ANNA.id, BOB.id))
    assert (turn.played, turn.next_at) == ((ANNA.id,), None)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("惊天动地", "慢了半步，已经接到“惊心动魄”了，请接“魄”（po，同音也可以）开头的成语。"),
        ("画龙点睛", "“画龙点睛”这一局已经接过了，请接“魄”（po，同音也可以）开头的成语。"),
        ("惊心动魄", "“惊心动魄”这一局已经接过了，请接“魄”（po，同音也可以）开头的成语。"),
        ("一心一意", "“一心一意”接不上，请接“魄”（po，同音也可以）开头的成语。"),
        (
            "破天荒了",
            "“破天荒了”不在我的成语词典里，换一个试试：请接“魄”（po，同音也可以）开头的成语。",
        ),
    ],
)
def test_idiom_chain_refuses_once_and_kindly(text: str, reply: str) -> None:
    turn = said(opened(), ANNA, "惊心动魄", 5)
    first = said(turn, BOB, text, 7)
    assert (first.reply, first.played, words(first)) == (reply, (), words(turn))
    second = said(first, BOB, text, 8)
    assert (second.reply, second.state) == (None, first.state)
    assert said(second, BOB, "破釜沉舟", 9).played == (BOB.id,)


@pytest.mark.parametrize(
    "text", ["今晚吃啥", "哈哈哈哈", "画龙", "一心一意地做", "1234", "🐉🐉🐉🐉", "", "惊" * 4096]
)
def test_idiom_chain_leaves_talk_alone(text: str) -> None:
    assert GAME.said(FIVE, opened().state, ANNA, text, after(3)) is None


def test_idiom_chain_late_link_does_not_count() -> None:
    turn = said(opened(), ANNA, "惊心动魄", 300)
    assert turn.reply == "⏰ 本局时间到了，这个没有算上，下次再来。"
    assert (turn.played, words(turn)) == ((), ["画龙点睛"])


def test_idiom_chain_bot_stops_talking_to_itself() -> None:
    options = Options()
    turn, posts = opened(options), []
    while turn.over is None:
        turn = ticked(turn, options)
        posts += turn.posts
    assert posts == [
        "💡 提示：比如“惊心□□”。",
        "🐉 我来接一个：**惊心动魄**\n> 请接“魄”（po，同音也可以）开头的成语",
        "💡 提示：比如“迫不□□”。",
        "🐉 我来接一个：**迫不及待**\n> 请接“待”（dai，同音也可以）开头的成语",
        "💡 提示：比如“呆若□□”。",
        "🐉 本局结束，这次还没有人接上。成语词典随时都在，下次再一起玩。",
    ]
    assert turn.over == Result("没有人接下去", ())


def test_idiom_chain_same_character() -> None:
    turn = opened(SAME)
    last = idioms.find(words(turn)[0])
    assert last is not None
    good = idioms.continuations(last, "character")[0]
    other = next(
        one
        for one in idioms.continuations(last, "sound")
        if one.word[0] != last.word[-1] and one.word not in OPENINGS
    )
    assert turn.posts[1] == f"我先来：**{last.word}**\n> 请接“{last.word[-1]}”开头的成语"
    refused = said(turn, ANNA, other.word, 4, SAME)
    assert refused.reply == f"“{other.word}”接不上，请接“{last.word[-1]}”开头的成语。"
    assert said(refused, ANNA, good.word, 5, SAME).played == (ANNA.id,)


def test_idiom_chain_dead_end_is_passed_at_once() -> None:
    state = {**opened(SAME).state, "chain": [["琴棋书画", ""]]}
    turn = GAME.said(SAME, state, BOB, "画龙点睛", after(9))
    assert turn is not None
    assert turn.posts == (
        "✅ **画龙点睛**（小波，第 2 个）\n"
        "“睛”后面没有成语可接了，我换一个开头：**油然而生**\n"
        "> 请接“生”开头的成语",
    )
    assert turn.state["chain"][:2] == [["琴棋书画", ""], ["画龙点睛", BOB.id]]


def test_idiom_chain_hints_get_clearer() -> None:
    turn, seen = opened(), []
    for _ in range(3):
        turn = GAME.hint(FIVE, turn.state, after(3))
        seen.append(turn.posts or turn.reply)
    assert seen == [
        ("💡 提示：比如“惊心□□”。",),
        ("💡 提示：比如“惊心动□”。",),
        "没有更多提示了，发“揭晓”由我接一个。",
    ]


def test_idiom_chain_host_leads() -> None:
    turn = GAME.extend(FIVE, opened().state, after(290), 120)
    assert turn.posts == ("⏱ 本局延长，还有 2 分钟 10 秒。",)
    assert said(turn, ANNA, "惊心动魄", 400).played == (ANNA.id,)
    over = GAME.end(FIVE, said(turn, ANNA, "惊心动魄", 400).state, after(401))
    assert over.over == Result("主持人结束", (ANNA.id,))


def test_idiom_chain_equal_numbers_are_ranked_by_the_seed() -> None:
    first = said(said(opened(), ANNA, "惊心动魄", 5), BOB, "破釜沉舟", 6)
    other = said(said(opened(), BOB, "惊心动魄", 5), ANNA, "破釜沉舟", 6)
    ends = [GAME.end(FIVE, one.state, after(9)).over for one in (first, other)]
    assert ends[0] == ends[1]


@pytest.mark.parametrize("name", ["\u202e安娜\u202c", "安\u200b娜", "\x00安娜"], ids=range(3))
def test_idiom_chain_name_with_hidden_characters_is_shown_plainly(name: str) -> None:
    turn = said(opened(), Player("wm-x", name), "惊心动魄", 5)
    assert "🥇 安娜　接了 1 个" in GAME.end(FIVE, turn.state, after(6)).posts[0]


def test_idiom_chain_view_follows_the_round() -> None:
    turn = opened()
    first = ("第 1 个：画龙点睛", "请接“睛”（jing，同音也可以）开头的成语")
    assert GAME.view(FIVE, turn.state, ANNA.id, after(1)) == View(first, (), "四字成语", after(300))
    turn = said(turn, ANNA, "惊心动魄", 5)
    second = ("第 2 个：画龙点睛 → 惊心动魄", "请接“魄”（po，同音也可以）开头的成语")
    mine = (*second, "您已经接了 1 个。", "刚才是您接的，等别人接一个，您再来。")
    assert GAME.view(FIVE, turn.state, ANNA.id, after(6)) == View(mine, closes_at=after(300))
    hinted = GAME.hint(FIVE, turn.state, after(7))
    theirs = (*second, "💡 提示：比如“迫不□□”。")
    assert GAME.view(FIVE, hinted.state, BOB.id, after(8)) == View(
        theirs, (), "四字成语", after(300)
    )
    over = GAME.end(FIVE, turn.state, after(9))
    assert GAME.view(FIVE, over.state, BOB.id, after(9)).lines == (
        "🏁 成语接龙，结束！",
        "这条龙从“画龙点睛”到“惊心动魄”，一共 2 个。1 人参加，排名如下：",
        "🥇 安娜　接了 1 个",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration": timedelta(minutes=1)},
        {"duration": timedelta(hours=2)},
        {"match": "tone"},
        {"length": 4},
        {"seconds": 10},
    ],
)
def test_idiom_chain_option_out_of_bounds_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options(**wrong)


moves = st.lists(
    st.tuples(
        st.sampled_from(("link", "link", "link", "any", "tick", "reveal", "hint")),
        st.integers(0, 3),
        st.integers(0, 400),
        st.integers(0, 30),
    ),
    max_size=40,
)


@pytest.mark.parametrize("match", ["sound", "character"])
@settings(max_examples=60, deadline=None)
@given(script=moves, seed=st.binary(min_size=32, max_size=32))
def test_idiom_chain_is_always_legal(
    match: idioms.Match, script: list[tuple[str, int, int, int]], seed: bytes
) -> None:
    options = Options(match=match, length=20)
    turn, now = GAME.start(options, {}, seed, START), START
    for verb, who, number, seconds in script:
        if turn.over is not None:
            break
        now += timedelta(seconds=seconds)
        state = json.loads(json.dumps(turn.state))
        if verb in ("link", "any"):
            text = _link(state, match, number) if verb == "link" else OPENINGS[number % 16]
            turn = GAME.said(options, state, Player(f"wm{who}", "某"), text, now) or turn
        else:
            turn = getattr(GAME, verb)(options, state, now)
    chain = turn.state["chain"]
    links = [(_idiom(before), _idiom(next_), by) for (before, _), (next_, by) in _pairs(chain)]
    # Only the bot begins anew, and only behind a dead end.
    broken = [(a, by) for a, b, by in links if not idioms.follows(a, b, match)]
    used = {word for word, _ in chain}
    left = [one for a, _ in broken for one in idioms.continuations(a, match)]
    assert len(used) == len(chain)
    assert {by for _, by in broken} <= {""}
    assert {one.word for one in left} <= used
    assert [by for (_, by), (_, again) in _pairs(chain) if by and by == again] == []
    counts = {one: sum(by == one for _, by in chain) for _, one in chain if one}
    assert {one: entry["links"] for one, entry in turn.state["players"].items()} == counts


def _link(state: dict[str, Any], match: idioms.Match, number: int) -> str:
    last = _idiom(state["chain"][-1][0])
    choice = idioms.continuations(last, match)
    return choice[number % len(choice)].word if choice else "一心一意"


def _idiom(word: str) -> idioms.Idiom:
    found = idioms.find(word)
    assert found is not None
    return found


def _pairs(chain: list[list[str]]) -> list[tuple[list[str], list[str]]]:
    return list(pairwise(chain))
