"""Question banks: YAML files in a library's `banks/` folder."""

from typing import ClassVar, Literal

from pydantic import Field

from sop.model import Strict
from sop.spoken import Spoken

Difficulty = Literal["easy", "medium", "hard"]


class Question(Strict):
    """One question with its accepted answers."""

    id: str = Field(description="题目编号,在本题库内唯一")
    ask: str = Field(min_length=1, description="题面")
    choices: list[str] = Field(
        default=[], max_length=8, description="选项(选择题);按 A、B、C…… 编号"
    )
    answer: str = Field(description="正确答案:选择题写字母或选项原文,问答题写标准答案")
    accept: list[str] = Field(default=[], description="同样算对的说法")
    hint: str = Field(default="", description="提示")
    explain: str = Field(default="", description="揭晓时的讲解")
    source: str = Field(default="", description="出处")
    difficulty: Difficulty = Field(default="medium", description="难度")


class Bank(Spoken):
    """A question bank."""

    kind: ClassVar[str] = "bank"
    called: ClassVar[str] = "题库"
    held: ClassVar[str] = "不能用来开局"

    bank: str = Field(description="题库名,计划里用它引用")
    title: str = Field(description="题库标题")
    topic: str = Field(default="", max_length=12, description="主题，例如 反诈；统计按它归类")
    questions: list[Question] = Field(min_length=1, description="题目")

    def with_steps(self) -> bool:
        """Steps ask its questions."""
        return True
