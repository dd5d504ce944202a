"""Next line (歌词诗词接龙): a line of a song or poem is given, the first with the next one scores.

Only texts whose copyright has ended: the shipped banks say so of each line. The line alone counts,
or the given one and the next together, as people sing it; a wrong character is forgiven as in
every free answer (sop/answers.py).
"""

import re
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from sop.answers import Verdict, match, normalise
from sop.bank import Bank, Question
from sop.race import SCORING, Race, RaceOptions, length

_LINE = re.compile("“([^”]+)”")
_TOO_DIFFERENT = 2
"""Characters by which a guess may be longer or shorter than the line."""


class Options(RaceOptions):
    """Options of a round in YAML."""

    bank: str = Field(default="poem-lines", description="题库名；默认诗词，歌词写 folk-lyrics")


class Lyrics(Race):
    """Its hints: the bank's own, the length, the first character, the first half."""

    name: ClassVar[str] = "lyrics"
    title: ClassVar[str] = "歌词诗词接龙"
    Options: ClassVar[type[BaseModel]] = Options
    most_guesses: ClassVar[int] = 5
    wanted: ClassVar[str] = "下一句"

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"🎵 {chosen.questions} 道题，每题 {chosen.seconds} 秒：机器人出上句，您接下句。\n"
            "谁先接对谁得分，打错一个字也算。都是耳熟能详的，哼着就来了。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"歌词诗词接龙，{chosen.questions} 道题，每题 {chosen.seconds} 秒，"
            "机器人出上句，先接对的得分，到点自动揭晓。您可以这样带：\n"
            "1. 开场说：“都是小时候背过、哼过的，想到就发，打错一个字也算。”\n"
            "2. 有人接上就夸：“这句接得漂亮！”再问：“谁还记得后面一句？”\n"
            "3. 半分钟没人接，说：“给大家提个醒”，发“提示”；"
            "太难就发“揭晓”，想多给时间发“延时 30s”。\n"
            "4. 收尾问：“今天哪一句最喜欢？”想提前收尾发“结束”，按已有得分排名。"
        )

    def opening(self, options: RaceOptions, bank: Bank, count: int) -> str:
        """The first post."""
        return (
            f"🎵 **{bank.title}，开始！**\n"
            f"共 {count} 题，每题 {options.seconds} 秒。我出上句，您接下句，只发下句就行。\n"
            f"{SCORING}\n"
            f"> 繁体、标点、错一个字都不要紧；公布以后照着说不算，每人每题可以试 "
            f"{self.most_guesses} 次"
        )

    def judge(self, question: Question, text: str) -> Verdict:
        """The next line, or the given line with the next one; other talk is none."""
        verdict = match(question, _next_only(question, text))
        off = abs(length(_next_only(question, text)) - length(question.answer))
        if verdict is Verdict.WRONG and off > _TOO_DIFFERENT:
            return Verdict.CHATTER
        return verdict

    def ladder(self, question: Question) -> list[str]:
        """The longer the line, the more of it."""
        answer = question.answer
        hints = [question.hint] if question.hint else []
        hints += [f"下句有 {length(answer)} 个字。", f"第一个字是“{answer[0]}”。"]
        if len(answer) >= 4:
            hints.append(f"前半句是“{answer[: len(answer) // 2]}”。")
        return hints


def _next_only(question: Question, text: str) -> str:
    """The text without the given line before it."""
    given = _LINE.search(question.ask)
    said = normalise(text)
    line = normalise(given[1]) if given else ""
    rest = said.removeprefix(line)
    return rest if line and rest and rest != said else text


GAME = Lyrics()
"""Found by scanning `sop/games`."""
