"""Number bomb (数字炸弹): the range shrinks with every guess; who hits the secret number is out.

Points are the share of the range that a guess removes, in percent: halving it is worth the same
early and late, so nobody gains by being first. Guesses within two seconds count as said at the
same time, each judged on the range that all of them saw. Nobody may guess twice in a row, unless
nobody else does for a while. Who hits the bomb leaves the ranking and owes the group a tip on
saving money; when only the bomb is left, it is defused.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from sop.bank import Bank
from sop.countdown import (
    TOP,
    RoundOptions,
    clock,
    closed,
    ends_at,
    extended,
    is_closed,
    left,
    ranked,
    rung,
    turn,
)
from sop.draws.stream import Stream
from sop.game import Player, State, Turn, View
from sop.said_number import said_number
from sop.times import spoken_duration
from sop.wording import plain, ranking, shown

TOGETHER = timedelta(seconds=2)
"""Guesses so close to the first of them count as said at the same time."""

ALONE = timedelta(seconds=30)
"""After so long without anybody else, the last guesser may guess again."""

_VERBS = "猜|报|选|押|数"


class Options(RoundOptions):
    """Options of a round in YAML."""

    highest: int = Field(default=100, ge=20, le=1000, description="数字从 1 到几，20 到 1000")


class NumberBomb:
    """State: seed, secret, seen [low, high] (the range that is judged on), seen_at, now [low, high]
    (the range after it; both exclusive), last {id, at} or None, hints (given so far), players
    {id: {name, points, guesses}}, told {id: true} (who was answered a guess that does not count),
    and the clock's.
    """

    name: ClassVar[str] = "number_bomb"
    title: ClassVar[str] = "数字炸弹"
    Options: ClassVar[type[BaseModel]] = Options

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """It needs nothing from the library."""
        return []

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"💣 1～{chosen.highest} 里藏着一个炸弹，时长 {spoken_duration(chosen.duration)}。\n"
            "轮流报数缩小范围，缩得多的得分高；踩中的朋友给大家支一个省钱小妙招。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"数字炸弹，1～{chosen.highest}，时长 {spoken_duration(chosen.duration)}，"
            "到点自动公布炸弹和排名。您可以这样带：\n"
            "1. 开局先解释：“报一个数，机器人会说大了还是小了，范围越来越小，别踩中炸弹。”\n"
            "2. 范围只剩十来个数时喊一句：“还敢报的都是勇士，见好就收也是本事。”\n"
            "3. 有人踩中时别笑话他，先说：“请教一条省钱小妙招。”说完带头道谢。\n"
            "4. 冷场发“提示”，发“揭晓”看当前范围和排名；人多发“延时 2m”，想收尾发“结束”。"
        )

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Hides the bomb."""
        chosen = cast(Options, options)
        whole = [0, chosen.highest + 1]
        state: State = {
            "seed": seed.hex(),
            "secret": Stream(seed, "number-bomb").below(chosen.highest) + 1,
            "seen": whole,
            "seen_at": now.isoformat(),
            "now": whole,
            "last": None,
            "hints": 0,
            "players": {},
            "told": {},
            **clock(chosen.duration, now),
        }
        opening = (
            "💣 **数字炸弹，开始！**\n"
            f"1～{chosen.highest} 里藏着一个炸弹，报一个数，我说大了还是小了。\n"
            f"> 时长 {spoken_duration(chosen.duration)}；去掉范围的百分之几就得几分，早报晚报一样\n"
            "> 两秒内的报数算同时；同一个人不能连报；同分的按开局前定下的随机号排先后\n"
            "> 踩中炸弹本局结束：不计名次，给大家支一个省钱小妙招"
        )
        return turn(state, posts=(opening,))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """A guess, if `text` is a number."""
        if state["over"]:
            return None
        guess = said_number(text, _VERBS)
        if guess is None:
            return None
        if is_closed(state, now):
            return _tell(state, player.id, "⏰ 本局已结束，下次早点来。")
        state = _looked_again(state, now)
        low, high = state["seen"]
        if not low < guess < high:
            range_ = _range(state["now"])
            return _tell(state, player.id, f"{guess} 不在范围里，现在是 {range_}，换一个数试试。")
        if _twice(state, player.id, now):
            wait = f"同一个人不能连报，等别人报一次，或过 {spoken_duration(ALONE)}再来。"
            return _tell(state, player.id, wait)
        if guess == state["secret"]:
            return _exploded(state, player)
        return _shrunk(state, player, guess, now)

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """The range, the own points, and a field for a guess."""
        if is_closed(state, now):
            bomb = (f"炸弹是 {state['secret']}。",) if state["over"] else ()
            return View(("本局已结束。", *bomb, *plain(_table(state))))
        entry = state["players"].get(member)
        lines = [f"炸弹在 {_range(state['now'])} 之间。", _HOW]
        lines += [f"💡 提示：{one}" for one in _hints(state["secret"])[: state["hints"]]]
        if entry is not None:
            lines.append(f"您报过 {entry['guesses']} 次，得 {entry['points']} 分。")
        if _twice(state, member, now):
            lines.append(f"您刚报过，等别人报一次，或过 {spoken_duration(ALONE)}再来。")
            return View(tuple(lines), closes_at=ends_at(state))
        return View(tuple(lines), free_text="您报的数", closes_at=ends_at(state))

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Reminds, and closes at the end."""
        if state["over"]:
            return turn(state)
        if is_closed(state, now):
            return _close(state, "时间到", _survived(state))
        after = rung(state, now)
        if after is None:
            return turn(state)
        post = f"⏳ 还有 {left(state, now)}，炸弹在 {_range(state['now'])} 之间，报一个数就能参加。"
        return turn(after, posts=(post,))

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Says a little about the secret."""
        if state["over"]:
            return turn(state)
        hints = _hints(state["secret"])
        if state["hints"] >= len(hints):
            return turn(state, reply="没有更多提示了。")
        post = f"💡 提示：{hints[state['hints']]}现在的范围是 {_range(state['now'])}。"
        return turn({**state, "hints": state["hints"] + 1}, posts=(post,))

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Shows the range and who is ahead; the round goes on."""
        if state["over"]:
            return turn(state)
        post = f"💣 炸弹在 **{_range(state['now'])}** 之间。"
        table = _table(state)
        post += f"\n**当前排名**\n{table}" if table else "还没有人得分，谁先来？"
        return turn(state, posts=(post,))

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """Moves the end, with one last call before it."""
        if state["over"]:
            return turn(state)
        after = extended(state, now, seconds)
        range_ = _range(state["now"])
        post = f"⏱ 本局延长，还有 {left(after, now)}。炸弹在 {range_} 之间。"
        return turn(after, posts=(post,))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the round now."""
        return turn(state) if state["over"] else _close(state, "主持人结束", _survived(state))


_HOW = "报一个数，去掉范围的百分之几就得几分；踩中炸弹不计名次。"


def _range(between: list[int]) -> str:
    low, high = between
    return f"{low + 1}～{high - 1}"


def _looked_again(state: State, now: datetime) -> State:
    """Once the guesses of one moment are in, everybody sees the range after them."""
    if now - datetime.fromisoformat(state["seen_at"]) <= TOGETHER:
        return state
    return {**state, "seen": state["now"], "seen_at": now.isoformat()}


def _twice(state: State, member: str, now: datetime) -> bool:
    last = state["last"]
    if last is None or last["id"] != member:
        return False
    return now - datetime.fromisoformat(last["at"]) < ALONE


def _tell(state: State, member: str, text: str) -> Turn:
    """Answers a guess that does not count once, until one counts; a spammer then meets silence."""
    if member in state["told"]:
        return turn(state)
    return turn({**state, "told": {**state["told"], member: True}}, reply=text)


def _guessed(state: State, player: Player, points: int) -> State:
    before = state["players"].get(player.id, {"points": 0, "guesses": 0})
    entry = {
        "name": shown(player.name),
        "points": before["points"] + points,
        "guesses": before["guesses"] + 1,
    }
    return {**state, "players": {**state["players"], player.id: entry}}


def _shrunk(state: State, player: Player, guess: int, now: datetime) -> Turn:
    secret, (low, high), narrow = state["secret"], state["seen"], state["now"]
    small = guess < secret
    removed = guess - low if small else high - guess
    points = max(1, removed * 100 // (high - low - 1))
    after = _guessed(state, player, points)
    after |= {
        "now": [max(narrow[0], guess), narrow[1]] if small else [narrow[0], min(narrow[1], guess)],
        "last": {"id": player.id, "at": now.isoformat()},
        "told": {one: True for one in state["told"] if one != player.id},
    }
    range_ = _range(after["now"])
    reply = f"✂️ {guess} {'小' if small else '大'}了，范围缩到 **{range_}**，您得 {points} 分。"
    newcomer = () if player.id in state["players"] else (player.id,)
    if after["now"] == [secret - 1, secret + 1]:
        ended = _close(after, "炸弹拆除", _survived(after), f"✂️ 只剩 {secret}，**炸弹拆除！**")
        return turn(ended.state, ended.posts, reply, newcomer)
    return turn(after, reply=reply, played=newcomer)


def _exploded(state: State, player: Player) -> Turn:
    after = _guessed(state, player, 0)
    name = shown(player.name)
    boom = (
        f"💥 **{name}踩中了炸弹 {state['secret']}！**\n"
        f"小任务：请{name}给大家支一个省钱小妙招，说完我们一起说声谢谢 👏"
    )
    survivors = [one for one in _survived(after) if one != player.id]
    ended = _close(after, "踩中炸弹", survivors, boom)
    newcomer = () if player.id in state["players"] else (player.id,)
    return turn(ended.state, ended.posts, played=newcomer)


def _survived(state: State) -> list[str]:
    """Those with points, best first."""
    points = {member: one["points"] for member, one in state["players"].items() if one["points"]}
    return ranked(state, points, "number-bomb")


def _table(state: State) -> str:
    members = state["over"]["winners"] if state["over"] else _survived(state)
    players = state["players"]
    return ranking(
        [
            (
                players[one]["name"],
                f"{players[one]['points']} 分（报数 {players[one]['guesses']} 次）",
            )
            for one in members[:TOP]
        ]
    )


def _close(state: State, reason: str, winners: list[str], what: str = "") -> Turn:
    after = closed(state, reason, winners)
    what = what or f"🏁 炸弹没有响，它是 **{state['secret']}**。"
    if not state["players"]:
        return turn(after, posts=(f"{what}\n这次还没有人报数。没关系，下次再一起玩。",))
    count = f"{len(state['players'])} 人参加"
    table = f"，排名如下：\n{_table(after)}" if winners else "，这次没有人得分。"
    return turn(after, posts=(f"{what}\n**数字炸弹，结束！**{count}{table}",))


def _hints(secret: int) -> list[str]:
    digits = sum(int(one) for one in str(secret))
    return [
        f"炸弹是{'单' if secret % 2 else '双'}数。",
        f"炸弹的各位数字加起来是 {digits}。",
    ]


GAME = NumberBomb()
