"""survey: a few questions with choices, answered at once; answers label members (问卷)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, model_validator

from sop.answers import LETTERS
from sop.community import Community
from sop.effects import Effect, FollowUp, Tag
from sop.gathering import (
    Answer,
    Hearing,
    Keyword,
    Line,
    Listening,
    Sitting,
    Timed,
    filled,
    to_rm,
    until,
)
from sop.gathering_words import chart, letters
from sop.member_page import please
from sop.model import Strict
from sop.step import StepContext
from sop.times import KEY, wrong
from sop.wording import shown

if TYPE_CHECKING:
    from sop.ports import ReplyFacts

MOST = len(LETTERS)
NAMED = 30
"""Members that a message to the RM names; the rest is counted."""
TagName = Annotated[str, Field(min_length=1, max_length=30)]


class Question(Strict):
    """One question; its choices are lettered from A."""

    ask: Line = Field(description="题目")
    choices: list[Line] = Field(min_length=2, max_length=MOST, description="选项，2 到 8 个")
    tags: dict[str, TagName] = Field(default={}, description="选了哪项加什么标签：A → 标签")
    follow_up: list[str] = Field(default=[], description="选了哪几项要客户经理跟进，例如 [A]")

    @model_validator(mode="after")
    def _letters(self) -> "Question":
        known = LETTERS[: len(self.choices)]
        wanted: list[tuple[tuple[str | int, ...], str]]
        wanted = [(("tags", one, KEY), one) for one in self.tags]
        wanted += [(("follow_up", n), one) for n, one in enumerate(self.follow_up)]
        for path, letter in wanted:
            if len(letter) != 1 or letter not in known:
                hint = f"请写选项字母，A 到 {known[-1]}。"
                raise wrong("value", f"这道题没有选项“{letter}”。", hint, path)
        return self


class Survey(Listening, Timed):
    """Answered in one message, one letter a question; the last one counts. When it closes, the
    answers become labels and follow-ups. The group reads only how many took part; the RM reads
    the counts, and who shall be followed up.

    Reply: `{"choices": [indexes]}`; result: `{"members", "counts": [[…], …]}`.
    """

    kind: ClassVar[str] = "survey"
    on_page: ClassVar[bool] = True
    title: ClassVar[str] = "问卷"

    subject: Line = Field(description="问卷名称，一句话，例如：理财习惯小调查")
    questions: list[Question] = Field(min_length=1, max_length=MOST, description="题目，1 到 8 道")
    thanks: Line = Field(default="谢谢您的回答！", description="答完回复的话")
    keyword: Keyword = Field(default="问卷", description="成员 @机器人 说的关键词")

    @property
    def headline(self) -> str:
        """The subject."""
        return self.subject

    def keywords(self, phase: str) -> tuple[str, ...]:
        """Its one keyword."""
        return (self.keyword,)

    def how(self, community: Community, phase: str) -> str:
        """With as many letters as there are questions."""
        return please(community, f"{self.keyword} {self._example()}")

    def page_lines(self) -> Sequence[str]:
        """The questions with their choices."""
        return self._asked().splitlines()

    def opening(self, context: StepContext, closes_at: datetime) -> str:
        """The questions with their choices."""
        ends = until(closes_at, context.community, context.now)
        return (
            f"{self._sheet(context)}\n\n{self.how(context.community, '')}，"
            f"{self._rule()}。\n> {ends} 截止；截止前可以改，以最后一次为准。"
            "回答只用于为您提供更合适的服务；不想在群里答的，可以私信客户经理。"
        )

    def by_hand(self, context: StepContext) -> str:
        """The same, to be answered to the RM."""
        return f"{self._sheet(context)}\n\n请{to_rm(context)}答案，例如“{self._example()}”。"

    def heard(self, hearing: Hearing) -> Answer:
        """Keeps the answers, or says how many letters are wanted."""
        how = self.how(hearing.sitting.community, "")
        choices = letters(hearing.words, len(self.questions))
        if choices is None:
            return Answer(f"没看懂您的回答。{how}，{self._rule()}。")
        for number, (question, choice) in enumerate(zip(self.questions, choices, strict=True), 1):
            if choice >= len(question.choices):
                last = LETTERS[len(question.choices) - 1]
                return Answer(f"第 {number} 题只有 A 到 {last}，这次没有记下。{how}。")
        typed = "".join(LETTERS[one] for one in choices)
        changed = "改为" if hearing.before else "收到"
        return Answer(f"✅ 已{changed}：{typed}。{self.thanks}", {"choices": choices})

    def closing(self, sitting: Sitting) -> list[Effect]:
        """Labels, follow-ups, thanks to the group, the counts to the RM."""
        replies = sitting.replies()
        counts = [
            [
                sum(1 for one in replies if one.value["choices"][number] == choice)
                for choice in range(len(question.choices))
            ]
            for number, question in enumerate(self.questions)
        ]
        result = {"members": len(replies), "counts": counts}
        effects: list[Effect] = [sitting.close("时间到", result)]
        wanted = []
        for one in replies:
            effects += self._tags(sitting, one)
            if reasons := self._reasons(one):
                effects.append(self._follow_up(sitting, one.member, reasons))
                wanted.append(f"{shown(one.name)}　{'、'.join(reasons)}")
        thanks = f"一共 {len(replies)} 位群友参加，谢谢大家！" if replies else "谢谢大家关注。"
        effects.append(sitting.post(f"📋 问卷“{self.subject}”截止，{thanks}"))
        effects.append(sitting.tell(self._summary(len(replies), counts, wanted)))
        return effects

    def _tags(self, sitting: Sitting, reply: "ReplyFacts") -> list[Tag]:
        by = sitting.gathering.occurrence.rpartition("/")[0].rpartition("/")[0]
        return [
            Tag(
                reply.member,
                question.tags[LETTERS[choice]],
                by,
                f"问卷“{self.subject}”第 {number} 题选了“{question.choices[choice]}”",
            )
            for number, question, choice in self._answers(reply)
            if LETTERS[choice] in question.tags
        ]

    def _reasons(self, reply: "ReplyFacts") -> list[str]:
        return [
            f"{question.ask}：{question.choices[choice]}"
            for _, question, choice in self._answers(reply)
            if LETTERS[choice] in question.follow_up
        ]

    def _answers(self, reply: "ReplyFacts") -> list[tuple[int, Question, int]]:
        choices = reply.value["choices"]
        return [
            (number, question, choice)
            for number, (question, choice) in enumerate(
                zip(self.questions, choices, strict=True), start=1
            )
        ]

    def _follow_up(self, sitting: Sitting, member: str, reasons: Sequence[str]) -> FollowUp:
        return FollowUp(
            community=sitting.community.id,
            member=member,
            staff=sitting.community.owner,
            reason=f"问卷“{self.subject}”：{'；'.join(reasons)}",
            due_at=sitting.next_workday(),
            key=f"gathering/{sitting.gathering.id}/{member}",
        )

    def _summary(self, members: int, counts: Sequence[Sequence[int]], wanted: list[str]) -> str:
        if not members:
            return f"📋 问卷“{self.subject}”没有人参加。"
        parts = [f"📋 问卷“{self.subject}”结果，共 {members} 人"]
        for number, (question, found) in enumerate(zip(self.questions, counts, strict=True), 1):
            rows = [
                (f"{LETTERS[n]}. {choice}", count)
                for n, (choice, count) in enumerate(zip(question.choices, found, strict=True))
            ]
            parts.append(f"**{number}. {question.ask}**\n{chart(rows, members, '人')}")
        if wanted:
            more = [f"……共 {len(wanted)} 位"] if len(wanted) > NAMED else []
            parts.append("\n".join(["**请跟进**", *wanted[:NAMED], *more]))
        return "\n\n".join(parts)

    def _sheet(self, context: StepContext) -> str:
        text = filled(self.text, context)
        return f"📋 **问卷：{self.subject}**\n{text}\n\n{self._asked()}"

    def _asked(self) -> str:
        return "\n\n".join(
            "\n".join(
                [
                    f"**{number}. {one.ask}**",
                    *(f"{LETTERS[n]}. {choice}" for n, choice in enumerate(one.choices)),
                ]
            )
            for number, one in enumerate(self.questions, start=1)
        )

    def _example(self) -> str:
        """`ABA`: visibly one letter a question, and none that a question has not."""
        return "".join(LETTERS[number % 2] for number in range(len(self.questions)))

    def _rule(self) -> str:
        count = len(self.questions)
        return "写一个选项字母" if count == 1 else f"按题目顺序写 {count} 个字母"


STEP = Survey
