"""Golden egg (砸金蛋): everybody has a board of their own and smashes one egg; most stars win.

A board follows from the round's seed and the member's code alone, so it is the same whoever came
first, and nobody can take an egg from somebody else. What is in the eggs is fixed before the
start: the opening prints the SHA-256 of the seed (in hex, as text), the closing prints the seed.
A member's code is the first 16 hex digits of SHA-256(commitment + "/" + member id); the eggs hold
1 … N stars, shuffled by the stream `golden-egg/<code>` of the seed (docs/fair-draw.md).
"""

import hashlib
import re
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
from sop.said_number import said_number
from sop.times import spoken_duration
from sop.wording import plain, ranking, shown

CODE = 16
"""Hex digits of a member's code."""

_VERBS = "砸开?|敲开?|选|开|要"
_SMASH = re.compile("(?:我要?|来)?砸(?:金?蛋)?(?:吧|啦|了)?")
"""Wants to, without saying which."""


class Options(RoundOptions):
    """Options of a round in YAML."""

    eggs: int = Field(default=6, ge=3, le=12, description="每人面前几枚金蛋，3 到 12 枚")


class GoldenEgg:
    """State: seed, commitment, players {id: {name, egg, stars}}, told {id: true} (who was answered
    what does not count), and the clock's."""

    name: ClassVar[str] = "golden_egg"
    title: ClassVar[str] = "砸金蛋"
    Options: ClassVar[type[BaseModel]] = Options

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """It needs nothing from the library."""
        return []

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"🥚 每人 {chosen.eggs} 枚金蛋，任砸一枚，时长 {spoken_duration(chosen.duration)}。\n"
            f"蛋里有 1～{chosen.eggs} 颗星，星多者胜；各砸各的，早砸晚砸机会一样。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"砸金蛋，每人 {chosen.eggs} 枚任砸一枚，时长 {spoken_duration(chosen.duration)}，"
            "到点自动公布排名和种子。您可以这样带：\n"
            "1. 开局先说清楚：“每人一盘蛋，自己砸自己的，先来后到都一样，说‘砸 3’就行。”\n"
            f"2. 有人砸出 {chosen.eggs} 颗星时点名祝贺；星少的安慰一句：“下回换个号。”\n"
            "3. 有人问公不公平，请他看开局公布的承诺值，结束时会公开种子，谁都可以验算。\n"
            "4. 冷场发“提示”再喊一次，发“揭晓”看当前排名；人多发“延时 2m”，想收尾发“结束”。"
        )

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Fills the eggs and publishes the commitment."""
        chosen = cast(Options, options)
        commitment = hashlib.sha256(seed.hex().encode()).hexdigest()
        state: State = {
            "seed": seed.hex(),
            "commitment": commitment,
            "players": {},
            "told": {},
            **clock(chosen.duration, now),
        }
        opening = (
            "🥚 **砸金蛋，开始！**\n"
            f"您面前有 {chosen.eggs} 枚金蛋，说“砸 3”就砸第 3 枚，星多者胜。\n"
            f"> 时长 {spoken_duration(chosen.duration)}，每人砸一枚，蛋里有 1～{chosen.eggs} 颗星\n"
            "> 每人一盘，里面有什么开局前就定好了，早砸晚砸机会一样；星数相同的按随机号排先后\n"
            f"> 承诺值 {commitment}"
        )
        return turn(state, posts=(opening,))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """A smash, if `text` is one."""
        if state["over"]:
            return None
        egg, eggs = said_number(text, _VERBS), cast(Options, options).eggs
        if egg is None and not _SMASH.fullmatch(normalise(text[:40])):
            return None
        if is_closed(state, now):
            return _tell(state, player.id, "⏰ 本局已结束，下次早点来。")
        if player.id in state["players"]:
            entry = state["players"][player.id]
            done = f"您已经砸过 {entry['egg']} 号蛋：{_stars(entry['stars'])}，等结果吧。"
            return _tell(state, player.id, done)
        if egg is None or not 1 <= egg <= eggs:
            return _tell(state, player.id, f"请说砸哪一枚，1～{eggs} 都可以，例如“砸 {eggs}”。")
        code = _code(state, player.id)
        stars = _board(state, code, eggs)[egg - 1]
        entry = {"name": shown(player.name), "egg": egg, "stars": stars}
        told = {one: True for one in state["told"] if one != player.id}
        after = {**state, "told": told, "players": {**state["players"], player.id: entry}}
        place = _standings(after).index(player.id) + 1
        reply = f"🔨 {egg} 号蛋里有 **{_stars(stars)}**，暂列第 {place} 名。"
        kept = f"> 您的凭证 {code}，留着可以验算"
        return turn(after, reply=f"{reply}\n{kept}", played=(player.id,))

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """The board with a button for each egg; afterwards what was in the own one."""
        eggs, over = cast(Options, options).eggs, is_closed(state, now)
        entry = state["players"].get(member)
        lines, choices = [f"每人一盘 {eggs} 枚金蛋，任砸一枚，星多者胜。"], tuple[str, ...]()
        if entry is not None:
            place = _standings(state).index(member) + 1
            lines.append(
                f"您砸的是 {entry['egg']} 号蛋：{_stars(entry['stars'])}，"
                f"{'' if over else '暂'}列第 {place} 名。"
            )
            lines.append(f"您的凭证 {_code(state, member)}，留着可以验算。")
        elif not over:
            choices = tuple(f"砸 {egg}" for egg in range(1, eggs + 1))
        if over:
            lines += ["本局已结束。", *plain(_table(state)), *plain(_proof(state))]
        else:
            lines.append(f"承诺值 {state['commitment']}")
        closes_at = None if over else ends_at(state)
        return View(tuple(lines), choices, closes_at=closes_at, picture=f"eggs:{eggs}")

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Reminds at half time and before the last minute, closes at the end."""
        if state["over"]:
            return turn(state)
        if is_closed(state, now):
            return _close(state, "时间到")
        after = rung(state, now)
        if after is None:
            return turn(state)
        post = f"⏳ 还有 {left(state, now)}，{_attendance(state)}说“砸 1”就能参加。"
        return turn(after, posts=(post,))

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Calls again."""
        if state["over"]:
            return turn(state)
        eggs = cast(Options, options).eggs
        post = f"🥚 还没砸的朋友，说“砸”加一个号，1～{eggs} 任选。{_attendance(state)}星多的获胜。"
        return turn(state, posts=(post,))

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Shows who is ahead; the round goes on."""
        if state["over"]:
            return turn(state)
        if not state["players"]:
            return turn(state, posts=("🥚 还没有人砸，第一锤留给您，谁先来？",))
        return turn(state, posts=(f"🥚 **当前排名**\n{_table(state)}",))

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """Moves the end, with one last call before it."""
        if state["over"]:
            return turn(state)
        after = extended(state, now, seconds)
        post = f"⏱ 本局延长，还有 {left(after, now)}。说“砸 1”就能参加。"
        return turn(after, posts=(post,))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the round now."""
        return turn(state) if state["over"] else _close(state, "主持人结束")


def _code(state: State, member: str) -> str:
    text = f"{state['commitment']}/{member}"
    return hashlib.sha256(text.encode()).hexdigest()[:CODE]


def _board(state: State, code: str, eggs: int) -> list[int]:
    """Stars in each egg of a member's board."""
    stream = Stream(bytes.fromhex(state["seed"]), f"golden-egg/{code}")
    return stream.shuffled(range(1, eggs + 1))


def _stars(count: int) -> str:
    return f"{count} 颗星"


def _tell(state: State, member: str, text: str) -> Turn:
    """One friendly answer to what does not count, then silence."""
    if member in state["told"]:
        return turn(state)
    return turn({**state, "told": {**state["told"], member: True}}, reply=text)


def _standings(state: State) -> list[str]:
    stars = {member: one["stars"] for member, one in state["players"].items()}
    return ranked(state, stars, "golden-egg")


def _attendance(state: State) -> str:
    count = len(state["players"])
    return f"已有 {count} 人砸过，" if count else "还没有人砸，"


def _table(state: State) -> str:
    entries = (state["players"][member] for member in _standings(state)[:TOP])
    return ranking(
        [(one["name"], f"{_stars(one['stars'])}（{one['egg']} 号蛋）") for one in entries]
    )


def _proof(state: State) -> str:
    """What lets anybody compute the boards again; not before the end."""
    if not state["over"]:
        return ""
    return (
        f"> 公开种子 {state['seed']}\n> 它的 SHA-256 就是开局公布的承诺值，凭证对应的蛋盘谁都能验算"
    )


def _close(state: State, reason: str) -> Turn:
    winners = _standings(state)
    after = closed(state, reason, winners)
    if not winners:
        return turn(after, posts=("🥚 本局结束，这次还没有人砸蛋。没关系，下次再一起玩。",))
    closing = f"🏁 **砸金蛋，结束！**\n{len(winners)} 人参加，排名如下：\n{_table(state)}"
    return turn(after, posts=(f"{closing}\n{_proof(after)}",))


GAME = GoldenEgg()
