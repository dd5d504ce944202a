"""Dice (掷骰子): two dice each, the highest sum wins; nobody gains by being early.

A roll is read from the round's seed and the member's id alone, so it is the same whoever came
first, after a restart, and when somebody recomputes the round later. Ties are broken by a number
from the same seed, which the opening post says.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from sop.answers import normalise
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
from sop.times import spoken_duration
from sop.wording import plain, ranking, shown

_WORDS = frozenset(
    {"掷", "我掷", "骰子", "掷骰子", "扔骰子", "摇骰子", "投骰子", "掷色子", "色子", "dice", "roll"}
)


class Options(RoundOptions):
    """Options of a dice round in YAML."""

    rolls: int = Field(default=1, ge=1, le=5, description="每人可掷几次，取点数和最大的一次")


class Dice:
    """State: seed, ends_at, calls (instants of reminders to come), players {id: entry}, over.

    A player's entry is {name, rolls: [[3, 5], …], told}; `told` once a surplus roll was answered,
    so that a spammer gets one reply and then silence.
    """

    name: ClassVar[str] = "dice"
    title: ClassVar[str] = "掷骰子"
    Options: ClassVar[type[BaseModel]] = Options

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """Dice need nothing from the library."""
        return []

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"🎲 时长 {spoken_duration(chosen.duration)}，{_chances(chosen)}。\n"
            "开局后在群里说“掷”或“骰子”，两枚骰子点数之和最大者胜，早掷晚掷机会一样。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"掷骰子，时长 {spoken_duration(chosen.duration)}，到点自动公布结果。您可以这样带：\n"
            "1. 开局先自己热场：“手气怎么样，掷一把就知道。”（员工不计名次）\n"
            "2. 有人掷出高点数时点名祝贺，请大家接力。\n"
            "3. 冷场发“提示”再喊一次，发“揭晓”公布当前排名；人多热闹发“延时 2m”，想收尾发“结束”。"
        )

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Opens the round."""
        chosen = cast(Options, options)
        state: State = {"seed": seed.hex(), "players": {}, **clock(chosen.duration, now)}
        opening = (
            "🎲 **掷骰子，开始！**\n"
            f"说“掷”或“骰子”就能掷出两枚骰子，点数之和最大者胜。\n"
            f"> 时长 {spoken_duration(chosen.duration)}，{_chances(chosen)}\n"
            "> 点数由开局前定下的随机种子算出，早掷晚掷机会一样；"
            "同点的按同一种子的随机号排先后"
        )
        return turn(state, posts=(opening,))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """A roll, if `text` is one."""
        if state["over"] or not _is_roll(text):
            return None
        if is_closed(state, now):
            return turn(state, reply="⏰ 本局已结束，下次早点来。")
        allowed = cast(Options, options).rolls
        rolls = state["players"].get(player.id, {"rolls": []})["rolls"]
        if len(rolls) >= allowed:
            return _surplus(state, player.id)
        dice = _roll(state["seed"], player.id, len(rolls))
        entry = {"name": shown(player.name), "rolls": [*rolls, dice], "told": False}
        after = _with_player(state, player.id, entry)
        place = [member for member, _ in _standings(after)].index(player.id) + 1
        left = allowed - len(rolls) - 1
        more = f"，还可以掷 {left} 次" if left else ""
        reply = f"🎲 {dice[0]} + {dice[1]} = **{sum(dice)} 点**，暂列第 {place} 名{more}。"
        return turn(after, reply=reply, played=() if rolls else (player.id,))

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """The own dice, and the button while there is a roll left."""
        chosen = cast(Options, options)
        over = is_closed(state, now)
        rolls = state["players"].get(member, {"rolls": []})["rolls"]
        lines, picture = [f"两枚骰子，点数之和最大者胜，{_chances(chosen)}。"], ""
        if rolls:
            best = max(rolls, key=sum)
            place = [one for one, _ in _standings(state)].index(member) + 1
            total = f"{best[0]} + {best[1]} = {sum(best)} 点"
            lines.append(f"您掷出 {total}，{'' if over else '暂'}列第 {place} 名。")
            picture = f"dice:{rolls[-1][0]},{rolls[-1][1]}"
        if over:
            lines += ["本局已结束。", *plain(_table(state))]
            return View(tuple(lines), picture=picture)
        lines.append(f"已有 {len(state['players'])} 人掷过，到点公布排名。")
        more = ("掷",) if len(rolls) < chosen.rolls else ()
        return View(tuple(lines), more, closes_at=ends_at(state), picture=picture)

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Reminds at half time and before the last minute, closes at the end."""
        if state["over"]:
            return turn(state)
        if is_closed(state, now):
            return _close(state, "时间到")
        after = rung(state, now)
        if after is None:
            return turn(state)
        post = f"⏳ 还有 {left(state, now)}，{_attendance(state)}说“掷”就能参加。"
        return turn(after, posts=(post,))

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Calls again for rolls."""
        if state["over"]:
            return turn(state)
        post = f"🎲 还没掷的朋友，说“掷”或“骰子”就行。{_attendance(state)}点数最大的获胜。"
        return turn(state, posts=(post,))

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Shows who is ahead; the round goes on."""
        if state["over"]:
            return turn(state)
        if not state["players"]:
            return turn(state, posts=("🎲 还没有人掷，第一名的位置空着，谁先来？",))
        return turn(state, posts=(f"🎲 **当前排名**\n{_table(state)}",))

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """Moves the end, with one last call before it."""
        if state["over"]:
            return turn(state)
        after = extended(state, now, seconds)
        post = f"⏱ 本局延长，还有 {left(after, now)}。说“掷”就能参加。"
        return turn(after, posts=(post,))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the round now."""
        return turn(state) if state["over"] else _close(state, "主持人结束")


def _chances(options: Options) -> str:
    return "每人 1 次" if options.rolls == 1 else f"每人最多 {options.rolls} 次，取最大的一次"


def _is_roll(text: str) -> bool:
    if len(text) > 40:
        return False
    plain = "".join(
        one
        for one in unicodedata.normalize("NFKC", text)
        if unicodedata.category(one) not in ("Cf", "Mn", "Zs")
    )
    # WeChat's own dice sticker arrives as the text [骰子].
    return (plain != "" and set(plain) == {"🎲"}) or normalise(text) in _WORDS


def _roll(seed: str, member: str, number: int) -> list[int]:
    stream = Stream(bytes.fromhex(seed), f"dice/{number}/{member}")
    return [stream.below(6) + 1, stream.below(6) + 1]


def _standings(state: State) -> list[tuple[str, list[int]]]:
    """(member, best roll), best first."""
    best = {member: max(one["rolls"], key=sum) for member, one in state["players"].items()}
    scores = {member: sum(dice) for member, dice in best.items()}
    return [(member, best[member]) for member in ranked(state, scores, "dice")]


def _with_player(state: State, member: str, entry: State) -> State:
    return {**state, "players": {**state["players"], member: entry}}


def _surplus(state: State, member: str) -> Turn:
    """One friendly answer to a surplus roll, then silence."""
    entry = state["players"][member]
    if entry["told"]:
        return turn(state)
    dice = max(entry["rolls"], key=sum)
    reply = f"您已经掷过了：{dice[0]} + {dice[1]} = {sum(dice)} 点，以此为准，等结果吧。"
    return turn(_with_player(state, member, {**entry, "told": True}), reply=reply)


def _attendance(state: State) -> str:
    count = len(state["players"])
    return f"已有 {count} 人掷过，" if count else "还没有人掷，"


def _table(state: State) -> str:
    return ranking(
        [
            (state["players"][member]["name"], f"{sum(dice)} 点（{dice[0]} + {dice[1]}）")
            for member, dice in _standings(state)[:TOP]
        ]
    )


def _close(state: State, reason: str) -> Turn:
    winners = [member for member, _ in _standings(state)]
    after = closed(state, reason, winners)
    if not winners:
        return turn(after, posts=("🎲 本局结束，这次还没有人掷骰子。没关系，下次再一起玩。",))
    closing = f"🏁 **掷骰子，结束！**\n{len(winners)} 人参加，排名如下：\n{_table(state)}"
    return turn(after, posts=(closing,))


GAME = Dice()
