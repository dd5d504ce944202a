"""Scam spotting (反诈判断): short messages as people get them, scam or genuine; most right wins.

A quiz with two choices that are also answered in plain words, 真 and 假. As in a quiz, what is
right stays hidden until the time is up, and time only separates members with equally many right
answers. Every explanation says what to do; the closing leaves one habit to remember.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from sop.answers import LONGEST, normalise
from sop.bank import Bank
from sop.draws.stream import Stream
from sop.game import Player, State, Turn, View
from sop.games import quiz
from sop.questions import fitting

CHOICES = ["是诈骗", "不是诈骗"]
"""Of every case in a bank for this game, so that the words for them mean the same each time."""

_LEAD = (
    "(?:我|俺)?(?:觉得|认为|感觉|看|猜|选)?(?:这|那)?(?:条|个)?(?:肯定|绝对|一定|明显|应该|可能)?"
)
_LIE = "(?:假|骗|诈|诈骗|骗子|骗人|骗局|有诈|有鬼)"
_TAIL = "的?(?:消息|短信|电话)?(?:吧|啊|呀|啦|哦)?"
_SCAM = re.compile(f"{_LEAD}是?{_LIE}{_TAIL}")
_GENUINE = re.compile(f"{_LEAD}(?:是?(?:真|正常|正规|没问题)|(?:不是|并非|非|不|没){_LIE}){_TAIL}")
_HABITS = (
    "不点陌生链接，要办的事自己打开官方应用办。",
    "验证码谁要都不给，银行和警察都不会要。",
    "凡是催您马上转账的，先挂断，再打官方电话核实。",
    "不下载陌生软件，不和陌生人共享屏幕。",
    "拿不准就打 96110 问一句，被骗了立刻打 110。",
    "没有见过面的人带您赚钱，一分也不要投。",
)


class Options(quiz.Options):
    """Options of a round in YAML: a quiz's, with a bank of its own."""

    bank: str = Field(
        default="scam-cases", description="题库名，每题都是“是诈骗、不是诈骗”两个选项"
    )
    questions: int = Field(default=6, ge=1, le=20, description="判断几条消息")
    seconds: int = Field(default=45, ge=10, le=600, description="每条判断秒数")


class ScamSpotting(quiz.Quiz):
    """State: a quiz's."""

    name: ClassVar[str] = "scam_spotting"
    title: ClassVar[str] = "反诈判断"
    Options: ClassVar[type[BaseModel]] = Options

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """A quiz's, and questions that are no cases of this game."""
        chosen = cast(Options, options)
        bank = banks.get(chosen.bank)
        cases = fitting(bank, chosen.difficulty) if bank else []
        others = [one.id for one in cases if one.choices != CHOICES]
        if not others:
            return super().problems(options, banks)
        return [
            f"题库“{chosen.bank}”有 {len(others)} 道题不能用来判断（例如“{others[0]}”）："
            f"选项须是“{'”和“'.join(CHOICES)}”。"
        ]

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"🕵️ {chosen.questions} 条消息，真真假假，每条 {chosen.seconds} 秒。\n"
            "觉得是诈骗就说“假”，觉得不是就说“真”；判断对得多者胜，每条都讲该怎么办。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"反诈判断，{chosen.questions} 条消息，每条 {chosen.seconds} 秒，"
            "到点自动揭晓并出下一条。您可以这样带：\n"
            "1. 开局先说：“这些都是真收到过的那类消息，您会怎么判断？”\n"
            "2. 没人答时发“提示”；都答完了发“揭晓”，不必等到点；想多给时间发“延时 30s”。\n"
            "3. 揭晓后问一句：“谁家里也收到过？”有人讲，谢谢他提醒大家；有人被骗过，私下再聊。\n"
            "4. 收尾请大家把最后那句话转告家里老人；想提前收尾发“结束”。"
        )

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Picks the cases and shows the first."""
        turn = super().start(options, banks, seed, now)
        _, first = turn.posts
        opening = (
            "🕵️ **反诈判断，开始！**\n"
            f"共 {len(turn.state['questions'])} 条消息，每条 {cast(Options, options).seconds} 秒。"
            "觉得是诈骗就说“假”，觉得不是就说“真”，发 A、B 也行。\n"
            "> 每人每条只认第一次判断；不逐条回复，到点统一揭晓\n"
            "> 判断对的条数多者胜，条数相同的，用时短者在前"
        )
        return replace(turn, posts=(opening, first))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """A judgement, if `text` is one; 是不是诈骗 asks."""
        if "是不是" in text:
            return None
        return super().said(options, state, player, _letter(text) or text, now)

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """As a quiz's, with the habit to remember once it is over."""
        view = super().view(options, state, member, now)
        return replace(view, lines=(*view.lines, _habit(state))) if state["over"] else view

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the open case; the last one closes the round."""
        return _taught(state, super().reveal(options, state, now))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the round now."""
        return _taught(state, super().end(options, state, now))


def _letter(text: str) -> str | None:
    """The choice that plain words stand for."""
    if len(text) > LONGEST:
        return None
    word = normalise(text)
    if _SCAM.fullmatch(word):
        return "A"
    return "B" if _GENUINE.fullmatch(word) else None


def _taught(before: State, turn: Turn) -> Turn:
    """The turn that ends the round, with the habit to remember."""
    if before["over"] or turn.over is None:
        return turn
    *others, closing = turn.posts
    return replace(turn, posts=(*others, f"{closing}\n> {_habit(turn.state)}"))


def _habit(state: State) -> str:
    number = Stream(bytes.fromhex(state["seed"]), "scam-spotting/habit").below(len(_HABITS))
    return f"记住一句话：{_HABITS[number]}"


GAME = ScamSpotting()
