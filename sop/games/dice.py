"""Dice (掷骰子): two dice each, the highest sum wins; nobody gains by being early.

A roll is read from the round's seed and the member's id alone, so it is the same whoever came
first, after a restart, and when somebody recomputes the round later. Ties are broken by a number
from the same seed, which the opening post says.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, cast

from pydantic import BaseModel, Field, field_validator

from sop.answers import normalise
from sop.bank import Bank
from sop.draws.stream import Stream
from sop.game import Player, Result, State, Turn
from sop.model import Strict
from sop.times import Duration, spoken_duration, wrong
from sop.wording import ranking, shown

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=1)
TOP = 5
"""Places named in a ranking."""

_LAST_CALL = timedelta(minutes=1)
_WORDS = frozenset(
    {"掷", "我掷", "骰子", "掷骰子", "扔骰子", "摇骰子", "投骰子", "掷色子", "色子", "dice", "roll"}
)


class Options(Strict):
    """Options of a dice round in YAML."""

    duration: Duration = Field(
        default=timedelta(minutes=10), description="一局时长，1 分钟到 1 天，例如 10m"
    )
    rolls: int = Field(default=1, ge=1, le=5, description="每人可掷几次，取点数和最大的一次")

    @field_validator("duration")
    @classmethod
    def _sensible(cls, value: timedelta) -> timedelta:
        if not SHORTEST <= value <= LONGEST:
            raise wrong("duration", "掷骰子一局的时长须在 1 分钟到 1 天之间。", "例如 10m。")
        return value


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
        ends_at = now + chosen.duration
        calls = []
        if chosen.duration >= 4 * _LAST_CALL:
            calls.append((now + chosen.duration / 2).isoformat())
        if chosen.duration >= 2 * _LAST_CALL:
            calls.append((ends_at - _LAST_CALL).isoformat())
        state: State = {
            "seed": seed.hex(),
            "ends_at": ends_at.isoformat(),
            "calls": calls,
            "players": {},
            "over": None,
        }
        opening = (
            "🎲 **掷骰子，开始！**\n"
            f"说“掷”或“骰子”就能掷出两枚骰子，点数之和最大者胜。\n"
            f"> 时长 {spoken_duration(chosen.duration)}，{_chances(chosen)}\n"
            "> 点数由开局前定下的随机种子算出，早掷晚掷机会一样；"
            "同点的按同一种子的随机号排先后"
        )
        return _turn(state, posts=(opening,))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """A roll, if `text` is one."""
        if state["over"] or not _is_roll(text):
            return None
        if now >= datetime.fromisoformat(state["ends_at"]):
            return _turn(state, reply="⏰ 本局已结束，下次早点来。")
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
        return _turn(after, reply=reply, played=() if rolls else (player.id,))

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Reminds at half time and before the last minute, closes at the end."""
        if state["over"]:
            return _turn(state)
        ends_at = datetime.fromisoformat(state["ends_at"])
        if now >= ends_at:
            return _close(state, "时间到")
        due = [call for call in state["calls"] if datetime.fromisoformat(call) <= now]
        if not due:
            return _turn(state)
        after = {**state, "calls": state["calls"][len(due) :]}
        post = f"⏳ 还有 {spoken_duration(ends_at - now)}，{_attendance(state)}说“掷”就能参加。"
        return _turn(after, posts=(post,))

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Calls again for rolls."""
        if state["over"]:
            return _turn(state)
        post = f"🎲 还没掷的朋友，说“掷”或“骰子”就行。{_attendance(state)}点数最大的获胜。"
        return _turn(state, posts=(post,))

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Shows who is ahead; the round goes on."""
        if state["over"]:
            return _turn(state)
        if not state["players"]:
            return _turn(state, posts=("🎲 还没有人掷，第一名的位置空着，谁先来？",))
        return _turn(state, posts=(f"🎲 **当前排名**\n{_table(state)}",))

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """Moves the end, with one last call before it."""
        if state["over"]:
            return _turn(state)
        ends_at = max(now, datetime.fromisoformat(state["ends_at"])) + timedelta(
            seconds=max(1, min(seconds, 3600))
        )
        last_call = ends_at - _LAST_CALL
        calls = [last_call.isoformat()] if last_call > now else []
        after = {**state, "ends_at": ends_at.isoformat(), "calls": calls}
        post = f"⏱ 本局延长，还有 {spoken_duration(ends_at - now)}。说“掷”就能参加。"
        return _turn(after, posts=(post,))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the round now."""
        return _turn(state) if state["over"] else _close(state, "主持人结束")


def _turn(
    state: State,
    posts: tuple[str, ...] = (),
    reply: str | None = None,
    played: tuple[str, ...] = (),
) -> Turn:
    if state["over"]:
        over = Result(state["over"]["reason"], tuple(state["over"]["winners"]))
        return Turn(state, posts, reply, None, played, over)
    wake = min([*state["calls"], state["ends_at"]], key=datetime.fromisoformat)
    return Turn(state, posts, reply, datetime.fromisoformat(wake), played)


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
    seed = bytes.fromhex(state["seed"])
    best = [(member, max(one["rolls"], key=sum)) for member, one in state["players"].items()]
    tie = {member: Stream(seed, f"dice-tie/{member}").word() for member, _ in best}
    return sorted(best, key=lambda one: (-sum(one[1]), -tie[one[0]], one[0]))


def _with_player(state: State, member: str, entry: State) -> State:
    return {**state, "players": {**state["players"], member: entry}}


def _surplus(state: State, member: str) -> Turn:
    """One friendly answer to a surplus roll, then silence."""
    entry = state["players"][member]
    if entry["told"]:
        return _turn(state)
    dice = max(entry["rolls"], key=sum)
    reply = f"您已经掷过了：{dice[0]} + {dice[1]} = {sum(dice)} 点，以此为准，等结果吧。"
    return _turn(_with_player(state, member, {**entry, "told": True}), reply=reply)


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
    after = {**state, "calls": [], "over": {"reason": reason, "winners": winners}}
    if not winners:
        return _turn(after, posts=("🎲 本局结束，这次还没有人掷骰子。没关系，下次再一起玩。",))
    closing = f"🏁 **掷骰子，结束！**\n{len(winners)} 人参加，排名如下：\n{_table(state)}"
    return _turn(after, posts=(closing,))


GAME = Dice()
