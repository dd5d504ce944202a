"""Riddles (猜谜语): one after the other, the first right answer scores, wrong guesses are limited.

What the riddle asks for stands in itself (打一动物); the hints then go from the bank's own over the
number of characters to the first character.
"""

from typing import ClassVar, cast

from pydantic import BaseModel, Field

from sop.bank import Bank, Question
from sop.race import SCORING, Race, RaceOptions, length


class Options(RaceOptions):
    """Options of a round in YAML."""

    bank: str = Field(default="riddles", description="题库名")
    questions: int = Field(default=3, ge=1, le=20, description="题数")
    seconds: int = Field(default=90, ge=20, le=600, description="每题作答秒数")


class Riddle(Race):
    """A riddle is guessed at more wildly than a line is continued: fewer guesses are heard."""

    name: ClassVar[str] = "riddle"
    title: ClassVar[str] = "猜谜语"
    Options: ClassVar[type[BaseModel]] = Options
    most_guesses: ClassVar[int] = 3
    wanted: ClassVar[str] = "谜底"

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"🏮 {chosen.questions} 个谜语，每个 {chosen.seconds} 秒，谁先猜中谁得分。\n"
            f"每人每个谜语可以猜 {self.most_guesses} 次，猜不出有提示。带上孩子一起猜更热闹。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"猜谜语，{chosen.questions} 个，每个 {chosen.seconds} 秒，"
            "先猜中的得分，到点自动揭晓。您可以这样带：\n"
            "1. 开场说：“老规矩，打一样东西，想到什么就发什么，猜错不丢人。”\n"
            "2. 猜偏了就说：“有点意思，再往身边想一想”，别把谜底说破。\n"
            "3. 冷场发“提示”，一次比一次明白；都猜到了发“揭晓”，想多给时间发“延时 30s”。\n"
            "4. 收尾说：“谁还有拿手的谜语，出一个考考大家？”想提前收尾发“结束”。"
        )

    def opening(self, options: RaceOptions, bank: Bank, count: int) -> str:
        """The first post."""
        return (
            f"🏮 **{bank.title}，开始！**\n"
            f"共 {count} 个谜语，每个 {options.seconds} 秒，直接发谜底。\n"
            f"{SCORING}\n"
            f"> 每人每个谜语可以猜 {self.most_guesses} 次；公布以后照着说不算"
        )

    def ladder(self, question: Question) -> list[str]:
        """What helps, how long, how it begins; a single character is never given away."""
        answer = question.answer
        hints = [question.hint] if question.hint else []
        hints.append(f"谜底有 {length(answer)} 个字。")
        if length(answer) > 1:
            hints.append(f"第一个字是“{answer[0]}”。")
        return hints


GAME = Riddle()
"""Found by scanning `sop/games`."""
