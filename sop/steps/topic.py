"""topic: something to talk about; members may submit stories and vote for the best (话题)."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from pydantic import Field, model_validator

from sop.answers import normalise
from sop.community import Community
from sop.effects import Effect, Post
from sop.gathering import (
    OPEN,
    Answer,
    Hearing,
    Keyword,
    Line,
    Listening,
    Sitting,
    check_last_call,
    commitment,
    filled,
    goes_on,
    last_call,
    to_rm,
    until,
)
from sop.gathering_words import chart
from sop.step import StepContext
from sop.stories import (
    LONGEST_STORY,
    MOST_VERSIONS,
    SHORTEST_STORY,
    Poll,
    Story,
    poll,
    stories,
    taken,
)
from sop.times import Duration, wrong
from sop.wording import quoted, shown

VOTE = "vote"
"""The second phase."""
_NUMBER = re.compile(r"(?:给|投|第|选)*(\d{1,4})(?:号|个|票|吧)*")


class Topic(Listening):
    """Without `submit` a text and no more. With it: submissions for `open_for`, read by the RM in
    private; then, with `vote_for`, what the RM has taken is shown with numbers and voted on.

    Equal votes are decided by lot: the seed's SHA-256 is posted before the first vote, the seed
    with the result. Replies: see `sop.stories`; result: `{"stories", "taken", "voters", "votes",
    "best"}`.
    """

    kind: ClassVar[str] = "topic"
    title: ClassVar[str] = "话题"

    subject: Line = Field(description="话题，一句话，例如：我的第一笔投资")
    submit: bool = Field(default=False, description="true：征集投稿，客户经理采用后才会展示")
    open_for: Duration | None = Field(default=None, description="征集多久，例如 2d")
    vote_for: Duration | None = Field(
        default=None, description="征集结束后群里投票多久，例如 1d；不写就不投票"
    )
    last_call: Duration | None = Field(
        default=None, description="征集、投票截止前多久各提醒一次，例如 1h；不写就不提醒"
    )
    keyword: Keyword = Field(default="投稿", description="投稿的关键词")
    vote_keyword: Keyword = Field(default="投票", description="给投稿投票的关键词")

    @model_validator(mode="after")
    def _whole(self) -> "Topic":
        if not self.submit:
            for key in ("open_for", "vote_for", "last_call"):
                if getattr(self, key) is not None:
                    hint = "征集投稿请加上 submit: true，只聊话题就删掉这一行。"
                    raise wrong("value", f"没有征集投稿，用不到 {key}。", hint, (key,))
            return self
        if self.open_for is None:
            hint = "请加上 open_for: 2d。"
            raise wrong("value", "征集投稿要写明征集多久。", hint, ("submit",))
        check_last_call(self.last_call, min(self.open_for, self.vote_for or self.open_for))
        if normalise(self.keyword) == normalise(self.vote_keyword):
            text = "投稿和投票的关键词不能相同。"
            raise wrong("duplicate", text, at=("vote_keyword",))
        return self

    @property
    def headline(self) -> str:
        """The subject."""
        return self.subject

    def keywords(self, phase: str) -> tuple[str, ...]:
        """Submissions first, then votes; who submits late is told so."""
        return (self.vote_keyword, self.keyword) if phase == VOTE else (self.keyword,)

    def how(self, community: Community, phase: str) -> str:
        """How to submit, or to vote."""
        if not self.submit:
            return ""
        if phase == VOTE:
            return f"请发“@{community.heard_as} {self.vote_keyword} 编号”"
        return f"请发“@{community.heard_as} {self.keyword} 您的故事”"

    def ends(self, context: StepContext) -> datetime:
        """When submissions end."""
        return context.now if self.open_for is None else context.now + self.open_for

    def alarms(self, phase: str, closes_at: datetime) -> Sequence[datetime]:
        """The last call of each phase."""
        return [] if self.last_call is None else [closes_at - self.last_call]

    def run(self, context: StepContext) -> list[Effect]:
        """Opens the submissions, or only posts."""
        if self.submit:
            return super().run(context)
        quiet = context.plan.quiet_hours
        expires_at = context.step.expires_at(context.due_at, context.now)
        text = self.opening(context, context.now)
        return [Post(context.community.id, text, quiet_hours=quiet, expires_at=expires_at)]

    def opening(self, context: StepContext, closes_at: datetime) -> str:
        """The topic, and how to submit."""
        sheet = f"💭 **{self.subject}**\n{filled(self.text, context)}"
        if not self.submit:
            return sheet
        ends = until(closes_at, context.community, context.now)
        voted = "，采用的稿件由大家投票选出最佳" if self.vote_for else ""
        return (
            f"{sheet}\n\n{self.how(context.community, OPEN)}，每人一篇，最多 {LONGEST_STORY} 字"
            f"{voted}。\n> {ends} 截止；审核后会署群昵称在群里展示，再发一次就替换上一篇。"
        )

    def by_hand(self, context: StepContext) -> str:
        """The topic; stories go to the RM."""
        sheet = f"💭 **{self.subject}**\n{filled(self.text, context)}"
        return f"{sheet}\n\n欢迎{to_rm(context)}您的故事，最多 {LONGEST_STORY} 字。"

    def script(self, context: StepContext) -> str:
        """What will be posted, and the RM's part in it."""
        if not self.submit:
            return self.opening(context, context.now)
        text = super().script(context)
        if not context.community.heard_as:
            return text
        return f"{text}\n\n> 每篇投稿会私信给您，您发“采用 编号”的才会在群里展示。"

    def heard(self, hearing: Hearing) -> Answer:
        """A story, or a vote."""
        phase = hearing.sitting.gathering.phase
        if phase != VOTE:
            return self._submitted(hearing)
        if hearing.keyword == self.keyword:
            how = self.how(hearing.sitting.community, VOTE)
            return Answer(f"投稿已经截止，现在可以给喜欢的稿件投票：{how}。")
        return self._voted(hearing)

    def rings(self, sitting: Sitting) -> list[Effect]:
        """The last call; and the RM is told what still waits for a decision."""
        effects: list[Effect] = [last_call(self, sitting)]
        if sitting.gathering.phase != VOTE and (open_ := _undecided(sitting)):
            effects.append(sitting.tell(f"📥 “{self.subject}”即将截止，还没决定的投稿：{open_}。"))
        return effects

    def closing(self, sitting: Sitting) -> list[Effect]:
        """Ends the submissions (and begins the vote), or the vote."""
        if sitting.gathering.phase == VOTE:
            return self._best(sitting)
        replies = sitting.replies()
        shown_now = taken(replies)
        effects: list[Effect] = []
        if open_ := _undecided(sitting):
            text = f"📥 “{self.subject}”征集截止。{open_}没有采用，不会展示。"
            effects.append(sitting.tell(text))
        if self.vote_for is not None and len(shown_now) > 1:
            closes_at = sitting.now + self.vote_for
            turn = goes_on(self, sitting, VOTE, closes_at)
            return [turn, self._ballot(sitting, shown_now, closes_at), *effects]
        result = {"stories": len(stories(replies)), "taken": len(shown_now)}
        return [sitting.close("征集截止", result), self._shown(sitting, shown_now), *effects]

    def _submitted(self, hearing: Hearing) -> Answer:
        sitting, text = hearing.sitting, hearing.words
        how = self.how(sitting.community, OPEN)
        if len(text) > LONGEST_STORY:
            count = len(text)
            return Answer(
                f"投稿最多 {LONGEST_STORY} 字，您写了 {count} 字，这次没有收下。请删短后再发。"
            )
        if len(normalise(text)) < SHORTEST_STORY:
            return Answer(f"稿件太短了，至少写 {SHORTEST_STORY} 个字。{how}。")
        before = hearing.before
        version = before["version"] + 1 if before else 1
        if version > MOST_VERSIONS:
            return Answer(f"这篇已经改过 {MOST_VERSIONS - 1} 次，不能再改了，以最后一次为准。")
        number = before["n"] if before else sitting.facts.reply_count(sitting.gathering.id) + 1
        name = shown(hearing.member.name)
        place = _place(sitting)
        told = (
            f"📥 “{self.subject}”投稿 {number} 号　{name}{'（修改）' if before else ''}\n"
            f"{quoted(text)}\n\n采用请发：采用 {number}{place}\n不采用请发：不采用 {number}{place}"
        )
        again = "已换成这一篇" if before else "收到您的投稿"
        return Answer(
            f"✅ {again}，{number} 号。审核通过后会署名“{name}”在群里展示。",
            {"n": number, "story": text, "taken": None, "version": version},
            (sitting.tell(told),),
        )

    def _voted(self, hearing: Hearing) -> Answer:
        sitting = hearing.sitting
        choices = {one.n: one for one in taken(sitting.replies())}
        known = "、".join(str(one) for one in choices)
        found = _NUMBER.fullmatch(normalise(hearing.words[:LONGEST_STORY]))
        story = choices.get(int(found[1])) if found else None
        if story is None:
            return Answer(f"没看懂要投给几号。可以投：{known}，一次投一篇。")
        if story.member == hearing.member.id:
            return Answer("不能投自己的那一篇，请投给别的群友。")
        before = hearing.before or {}
        changed = "改投" if "vote" in before else "投给"
        return Answer(f"✅ 已{changed} {story.n} 号，截止前可以再改。", {**before, "vote": story.n})

    def _ballot(self, sitting: Sitting, choices: Sequence[Story], closes_at: datetime) -> Post:
        ends = until(closes_at, sitting.community, sitting.now)
        shown_now = "\n\n".join(one.titled() for one in choices)
        return sitting.post(
            f"📖 **{self.subject}·请投票**\n\n{shown_now}\n\n"
            f"{self.how(sitting.community, VOTE)}，每人一票，不能投自己。\n"
            f"> {ends} 截止。同票抽签，签由种子算出，种子的 SHA-256："
            f"`{commitment(sitting.gathering.seed)}`"
        )

    def _shown(self, sitting: Sitting, choices: Sequence[Story]) -> Post:
        if not choices:
            return sitting.post(f"💭 “{self.subject}”的征集结束了，谢谢大家关注。")
        text = "\n\n".join(one.titled() for one in choices)
        return sitting.post(f"📖 **{self.subject}·群友投稿**\n\n{text}\n\n谢谢每一位投稿的群友！")

    def _best(self, sitting: Sitting) -> list[Effect]:
        replies = sitting.replies()
        choices = {one.n: one for one in taken(replies)}
        counted = poll(replies, sitting.gathering.seed)
        result = {
            "stories": len(stories(replies)),
            "taken": len(choices),
            "voters": counted.voters,
            "votes": {str(number): count for number, count in counted.counts.items()},
            "best": counted.best,
        }
        closed = sitting.close("投票截止", result)
        if counted.best is None:
            text = f"📖 “{self.subject}”的投票结束了，没有人投票，每一篇都是好故事。"
            return [closed, sitting.post(text)]
        rows = [
            (f"{number} 号　{shown(choices[number].name)}", count)
            for number, count in sorted(counted.counts.items(), key=lambda one: -one[1])
        ]
        text = (
            f"🏆 **{self.subject}·本期最佳**\n{choices[counted.best].titled()}\n\n"
            f"{chart(rows, counted.voters, '票')}\n"
            f"> 共 {counted.voters} 人投票。{_lots(counted, sitting.gathering.seed)}"
        )
        return [closed, sitting.post(text)]


def _lots(counted: Poll, seed: str) -> str:
    """How equal votes were decided, so that anybody can check it."""
    if not counted.tied:
        return ""
    tied = "、".join(f"{one} 号" for one in counted.tied)
    return (
        f"\n> {tied}票数相同，抽签选出 {counted.best} 号：“种子/编号”的 SHA-256 最小者为先，"
        f"种子 `{seed}`"
    )


def _undecided(sitting: Sitting) -> str:
    """`1 号、3 号`: the stories that the RM has not decided on."""
    return "、".join(f"{one.n} 号" for one in stories(sitting.replies()) if one.taken is None)


def _place(sitting: Sitting) -> str:
    """The community's name, where its RM has several to tell apart."""
    owner = sitting.community.owner
    mine = [one for one in sitting.facts.communities() if one.owner == owner]
    return f" {sitting.community.name}" if len(mine) > 1 else ""


STEP = Topic
