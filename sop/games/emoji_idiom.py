"""Idioms in emoji (看表情猜成语): a row of emoji stands for an idiom, the first to say it scores.

Only a known idiom is a guess, so everybody can go on talking meanwhile.
"""

from collections.abc import Mapping
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from sop.answers import Verdict, match
from sop.bank import Bank, Question
from sop.idioms import find, four_characters
from sop.race import SCORING, Race, RaceOptions

_BLANK = "□"


class Options(RaceOptions):
    """Options of a round in YAML."""

    bank: str = Field(default="emoji-idioms", description="题库名，答案都是四字成语")


class EmojiIdiom(Race):
    """Its hints: what it means, one of its characters, two of them."""

    name: ClassVar[str] = "emoji_idiom"
    title: ClassVar[str] = "看表情猜成语"
    Options: ClassVar[type[BaseModel]] = Options
    most_guesses: ClassVar[int] = 8
    wanted: ClassVar[str] = "四字成语"

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """Besides what every bank must keep, an answer that is no word of four characters."""
        bank = banks.get(cast(Options, options).bank)
        odd = [one for one in bank.questions if not four_characters(one.answer)] if bank else []
        return super().problems(options, banks) + [
            f"题目“{one.id}”的答案“{one.answer}”不是四个字。" for one in odd
        ]

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"🧩 {chosen.questions} 道题，每题 {chosen.seconds} 秒：几个表情，猜一个四字成语。\n"
            "谁先猜中谁得分，年轻的、年长的各有各的高招。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"看表情猜成语，{chosen.questions} 道题，每题 {chosen.seconds} 秒，"
            "先猜中的得分，到点自动揭晓。您可以这样带：\n"
            "1. 开场说：“把表情念出声来，十有八九就猜到了。”\n"
            "2. 没人应，说：“先猜里面的一个字”，再发“提示”。\n"
            "3. 有人猜中就追问：“这个成语平时怎么用？”想多给时间发“延时 30s”，太难发“揭晓”。\n"
            "4. 收尾说：“下次谁来出一题？”想提前收尾发“结束”，按已有得分排名。"
        )

    def opening(self, options: RaceOptions, bank: Bank, count: int) -> str:
        """The first post."""
        return (
            f"🧩 **{bank.title}，开始！**\n"
            f"共 {count} 题，每题 {options.seconds} 秒，看表情，发四字成语。\n"
            f"{SCORING}\n"
            f"> 每人每题可以猜 {self.most_guesses} 次；公布以后照着说不算"
        )

    def judge(self, question: Question, text: str) -> Verdict:
        """Anything but an idiom is talk."""
        verdict = match(question, text)
        if verdict is Verdict.WRONG and find(text) is None:
            return Verdict.CHATTER
        return verdict

    def ladder(self, question: Question) -> list[str]:
        """The third character first: the first one would give most idioms away."""
        answer = question.answer
        hints = [question.hint] if question.hint else []
        hints.append(f"{_BLANK}{_BLANK}{answer[2]}{_BLANK}")
        hints.append(f"{answer[0]}{_BLANK}{answer[2]}{_BLANK}")
        return hints


GAME = EmojiIdiom()
"""Found by scanning `sop/games`."""
