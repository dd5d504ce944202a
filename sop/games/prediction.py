"""Prediction (竞猜): which of a few things will happen; the right ones win, in an order by chance.

About weather, sport, films — never about markets or lotteries (`sop.compliance.predictions`).
Members pick by a word that is plainly meant for it (猜 2), may change their minds until picking
closes, and nobody gains by being early. The outcome comes from the world: the host tells it with
揭晓 and its number, twice, because it cannot be taken back. Runs beside other games.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, cast

from pydantic import BaseModel, BeforeValidator, Field, field_validator

from sop.answers import normalise
from sop.bank import Bank
from sop.compliance.predictions import market_problem
from sop.countdown import MOST_EXTENSION, TOP, ranked
from sop.game import Decided, Player, Quiet, State, Turn, View, turns
from sop.model import Strict
from sop.times import Duration, spoken_duration, wrong
from sop.wording import plain, shown, told

CHOICE_LENGTH = 20
"""Characters."""

_LAST_CALL = timedelta(hours=1)
_LONGEST_PICK = 60
_VERB = re.compile("^(?:我|俺)?(?:竞猜|猜|选)是?")
_PICK = re.compile(
    r"(?:我|俺)?(?:竞猜|猜|选)(?:第|是)?\s*([0-9一二三四五六七八])(?![0-9])\s*(?:号|个)?(?:[.．、:：]?\s*(.+))?"
)
_NUMERALS = "一二三四五六七八"


def _split(value: object) -> object:
    """A host types 晴、雨、阴, or 晴 雨 阴, where a file has a list."""
    return re.split(r"[、/|，,；;\s]+", value.strip()) if isinstance(value, str) else value


class Options(Strict):
    """Options of a round in YAML."""

    question: str = Field(
        min_length=4, max_length=60, description="竞猜的题目，不能和行情、彩票有关"
    )
    choices: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=CHOICE_LENGTH)]],
        BeforeValidator(_split),
    ] = Field(min_length=2, max_length=8, description="选项，2 到 8 个，按 1、2、3…… 编号")
    open_for: Duration = Field(
        default=timedelta(minutes=30), description="多久以后截止，5 分钟到 7 天，例如 8h"
    )
    decide_within: Duration = Field(
        default=timedelta(days=3), description="截止后多久之内揭晓，超过就作废，1 小时到 14 天"
    )

    @field_validator("open_for")
    @classmethod
    def _sensible_pick(cls, value: timedelta) -> timedelta:
        if not timedelta(minutes=5) <= value <= timedelta(days=7):
            raise wrong("duration", "竞猜须开放 5 分钟到 7 天。", "例如 8h。")
        return value

    @field_validator("decide_within")
    @classmethod
    def _sensible_decision(cls, value: timedelta) -> timedelta:
        if not timedelta(hours=1) <= value <= timedelta(days=14):
            raise wrong("duration", "揭晓期限须在 1 小时到 14 天之间。", "例如 3d。")
        return value

    @field_validator("choices")
    @classmethod
    def _different(cls, value: list[str]) -> list[str]:
        if len({normalise(one) for one in value}) < len(value):
            raise wrong("choices", "有两个选项是一样的。", "请写不同的选项。")
        return value


class Prediction(Quiet, Decided):
    """State: seed, ends_at (picking closes), decide_by, called (last call is over), announced
    (closing of picks is), pending (index of an outcome told once) or None, picks {id: {name,
    choice}}, told {id: true} (who was answered a late pick), over.
    """

    name: ClassVar[str] = "prediction"
    title: ClassVar[str] = "竞猜"
    Options: ClassVar[type[BaseModel]] = Options

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """A question about what a bank's customers must not bet on."""
        chosen = cast(Options, options)
        found = (market_problem(one) for one in (chosen.question, *chosen.choices))
        return [one for one in found if one is not None][:1]

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"🔮 {told(chosen.question)}\n"
            f"开放 {spoken_duration(chosen.open_for)}，说“猜 1”这样的话就能参加，截止前可以改；"
            "猜中的按随机号排先后，早猜晚猜一样。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"竞猜“{told(chosen.question)}”，开放 {spoken_duration(chosen.open_for)}，到点截止。"
            f"选项：{_inline(chosen.choices)}。您可以这样带：\n"
            "1. 开局先说自己猜哪一个、为什么（员工不计名次），请大家也说说理由。\n"
            "2. 冷场发“提示”再喊一次；发“揭晓”看各选项有几人猜。\n"
            f"3. 截止后 {spoken_duration(chosen.decide_within)}内，等结果出来，发“揭晓 1”这样的"
            "指令，写上结果的编号；要发两遍才算数，公布后不能改。\n"
            "4. 事情取消了就发“结束 竞猜”，这一期不计名次。别聊行情和彩票，也别让大家下注。"
        )

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Asks."""
        chosen = cast(Options, options)
        ends_at = now + chosen.open_for
        state: State = {
            "seed": seed.hex(),
            "ends_at": ends_at.isoformat(),
            "decide_by": (ends_at + chosen.decide_within).isoformat(),
            "called": chosen.open_for < 2 * _LAST_CALL,
            "announced": False,
            "pending": None,
            "picks": {},
            "told": {},
            "over": None,
        }
        opening = (
            f"🔮 **竞猜：{told(chosen.question)}**\n{_listed(chosen.choices)}\n"
            "说“猜 1”这样的话就能参加，截止前可以改，以最后一次为准。\n"
            f"> {spoken_duration(chosen.open_for)}后截止，结果由主持人按事实揭晓\n"
            "> 猜中的人按开局前定下的随机号排先后，早猜晚猜一样"
        )
        return _turn(state, posts=(opening,))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """A pick, if `text` is one."""
        choices = cast(Options, options).choices
        picked = None if state["over"] else _picked(choices, text)
        if picked is None:
            return None
        before = state["picks"].get(player.id)
        if _closed(state, now):
            if player.id in state["told"]:
                return _turn(state)
            own = f"您猜的是“{_called(choices, before['choice'])}”。" if before else "这次没赶上。"
            late = {**state, "told": {**state["told"], player.id: True}}
            return _turn(late, reply=f"⏰ 竞猜已经截止。{own}")
        if picked < 0:
            return _turn(state, reply=f"选项只有 1～{len(choices)}，例如“猜 1”。")
        entry = {"name": shown(player.name), "choice": picked}
        after = {**state, "picks": {**state["picks"], player.id: entry}}
        word = "改成了" if before else "猜的是"
        reply = f"🔮 您{word}“{_called(choices, picked)}”，截止前还可以改。"
        return _turn(after, reply=reply, played=() if before else (player.id,))

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """The choices as buttons, the member's own marked; how many picked each once picking has
        closed."""
        chosen = cast(Options, options)
        lines = [told(chosen.question)]
        own = state["picks"].get(member)
        if own is not None:
            lines.append(f"您猜的是“{_called(chosen.choices, own['choice'])}”。")
        if state["over"]:
            return View((*lines, *plain(state["over"]["closing"])))
        if _closed(state, now):
            counts = plain(_counts(chosen.choices, state))
            return View((*lines, "已经截止，等主持人揭晓。", *counts))
        lines.append("截止前可以改，以最后一次为准；猜中的按随机号排先后。")
        buttons = tuple(f"猜 {number}：{one}" for number, one in _numbered(chosen.choices))
        picked = "" if own is None else buttons[own["choice"]]
        ends_at = datetime.fromisoformat(state["ends_at"])
        return View(tuple(lines), buttons, closes_at=ends_at, chosen=picked)

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """The last call, the closing of picks, and the end of a round that nobody decided."""
        chosen = cast(Options, options)
        if state["over"]:
            return _turn(state)
        if now >= datetime.fromisoformat(state["decide_by"]):
            late = f"🔮 **竞猜：{told(chosen.question)}**\n结果没有按时揭晓，这一期作废，不计名次。"
            return _close(state, "没有按时揭晓", [], late)
        if _closed(state, now):
            if state["announced"]:
                return _turn(state)
            counts = _counts(chosen.choices, state)
            post = f"⏰ **竞猜截止：{told(chosen.question)}**\n{counts}\n结果出来后由主持人揭晓。"
            return _turn({**state, "announced": True, "called": True}, posts=(post,))
        if state["called"] or now < datetime.fromisoformat(state["ends_at"]) - _LAST_CALL:
            return _turn(state)
        call = f"⏳ 竞猜还有 {_left(state, now)}截止：{told(chosen.question)}"
        post = f"{call}\n{_listed(chosen.choices)}\n说“猜 1”这样的话就能参加。"
        return _turn({**state, "called": True}, posts=(post,))

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Calls again."""
        chosen = cast(Options, options)
        if state["over"]:
            return _turn(state)
        if _closed(state, now):
            return _turn(state, reply="竞猜已经截止，结果出来后请发“揭晓”加编号，例如：揭晓 1")
        post = (
            f"🔮 {told(chosen.question)}\n{_listed(chosen.choices)}\n"
            f"说“猜 1”这样的话就能参加，还有 {_left(state, now)}截止。"
        )
        return _turn(state, posts=(post,))

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Shows how many picked each; the outcome needs its number."""
        if state["over"]:
            return _turn(state)
        counts = _counts(cast(Options, options).choices, state)
        return _turn(
            state,
            posts=(f"🔮 **目前**\n{counts}",),
            reply="要公布结果，请写上编号，例如：揭晓 1",
        )

    def decide(self, options: BaseModel, state: State, now: datetime, outcome: str) -> Turn:
        """The outcome: told once it is asked back, told again it stands."""
        if state["over"]:
            return _turn(state)
        choices = cast(Options, options).choices
        number = _meant(choices, outcome)
        if number is None:
            return _turn(state, reply=f"没有这个选项。请写编号：\n{_listed(choices)}")
        if state["pending"] != number:
            early = "" if _closed(state, now) else "竞猜还没截止，现在揭晓会提前截止。"
            ask = (
                f"结果是“{_called(choices, number)}”吗？{early}公布后不能改，"
                f"确认请再发一遍：揭晓 {number + 1}"
            )
            return _turn({**state, "pending": number}, reply=ask)
        right = {one: 0 for one, pick in state["picks"].items() if pick["choice"] == number}
        winners = ranked(state, right, "prediction")
        return _close(state, "结果揭晓", winners, _closing(options, state, number, winners))

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """More time to pick."""
        if state["over"]:
            return _turn(state)
        if _closed(state, now):
            return _turn(state, reply="竞猜已经截止，不能再延时。")
        more = timedelta(seconds=max(1, min(seconds, MOST_EXTENSION)))
        after = {
            **state,
            "ends_at": (datetime.fromisoformat(state["ends_at"]) + more).isoformat(),
            "decide_by": (datetime.fromisoformat(state["decide_by"]) + more).isoformat(),
        }
        return _turn(after, posts=(f"⏱ 竞猜延长，还有 {_left(after, now)}截止。",))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Calls the round off."""
        if state["over"]:
            return _turn(state)
        question = told(cast(Options, options).question)
        off = f"🔮 **竞猜：{question}**\n主持人取消了这一期，不计名次。"
        return _close(state, "主持人取消", [], off)


def _wake(state: State) -> datetime:
    if state["announced"]:
        return datetime.fromisoformat(state["decide_by"])
    ends_at = datetime.fromisoformat(state["ends_at"])
    return ends_at if state["called"] else ends_at - _LAST_CALL


_turn = turns(_wake)


def _closed(state: State, now: datetime) -> bool:
    return bool(state["announced"]) or now >= datetime.fromisoformat(state["ends_at"])


def _left(state: State, now: datetime) -> str:
    return spoken_duration(datetime.fromisoformat(state["ends_at"]) - now)


def _numbered(choices: Sequence[str]) -> list[tuple[int, str]]:
    return [(number, told(one)) for number, one in enumerate(choices, start=1)]


def _listed(choices: Sequence[str]) -> str:
    return "\n".join(f"{number}. {one}" for number, one in _numbered(choices))


def _inline(choices: Sequence[str]) -> str:
    return "，".join(f"{number} 是“{one}”" for number, one in _numbered(choices))


def _called(choices: Sequence[str], index: int) -> str:
    return told(choices[index])


def _picked(choices: Sequence[str], text: str) -> int | None:
    """The index that a message picks; -1 for a number without a choice; None: no pick.

    A choice's own words are a pick too, if there are two characters of them at least; a bare
    number is not: another game may be asking.
    """
    if len(text) > _LONGEST_PICK:
        return None
    said = unicodedata.normalize("NFKC", text).strip()
    words = [normalise(one) for one in choices]
    named = normalise(_VERB.sub("", said, count=1))
    if named in words and (named != normalise(said) or len(named) > 1):
        return words.index(named)
    found = _PICK.fullmatch(said)
    if found is None:
        return None
    index = _index(found[1])
    inside = 0 <= index < len(choices)
    if found[2] is not None and normalise(found[2]):
        return index if inside and normalise(found[2]) == words[index] else None
    return index if inside else -1


def _index(digit: str) -> int:
    return _NUMERALS.index(digit) if digit in _NUMERALS else int(digit) - 1


def _meant(choices: Sequence[str], outcome: str) -> int | None:
    """The choice that a host names by its number or its words."""
    meant, words = normalise(outcome), [normalise(one) for one in choices]
    if re.fullmatch("[1-8]", meant) and int(meant) <= len(choices):
        return int(meant) - 1
    return words.index(meant) if meant in words else None


def _counts(choices: Sequence[str], state: State) -> str:
    picks: list[dict[str, Any]] = list(state["picks"].values())
    return "\n".join(
        f"{number}. {one}　{sum(pick['choice'] == number - 1 for pick in picks)} 人"
        for number, one in _numbered(choices)
    )


def _closing(options: BaseModel, state: State, number: int, winners: list[str]) -> str:
    chosen = cast(Options, options)
    lines = [
        f"🏁 **竞猜揭晓：{told(chosen.question)}**",
        f"结果是“{_called(chosen.choices, number)}”。",
        f"{len(state['picks'])} 人参加，{len(winners)} 人猜中"
        + ("，名次按开局前定下的随机号：" if winners else "。"),
    ]
    names = [state["picks"][one]["name"] for one in winners[:TOP]]
    lines += [f"{place}. {name}" for place, name in enumerate(names, start=1)]
    return "\n".join(lines)


def _close(state: State, reason: str, winners: list[str], closing: str) -> Turn:
    over = {"reason": reason, "winners": winners, "closing": closing}
    return _turn({**state, "over": over}, posts=(closing,))


GAME = Prediction()
