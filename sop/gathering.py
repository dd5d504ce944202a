"""What a gathering is: a step that opens a call in one community and hears what members reply.

Members answer by a keyword while it is open: “@群运 投票 2”. Several may be open at once, beside a
running game; the keyword decides, and of two with one keyword the newer. A gathering keeps the
options that it was opened with; what becomes of it is decided by `sop.listening`.
"""

import hashlib
import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, Field, model_validator

from sop import wording
from sop.answers import normalise
from sop.community import Community, DeliveryMode
from sop.effects import CloseGathering, Effect, Json, OpenGathering, Post, Tell, TurnGathering
from sop.game import Player
from sop.member_page import way_in
from sop.members_words import CHECK_IN
from sop.prizes import CLAIM, MY_PRIZES
from sop.step import CannotRun, StepContext, StepKind
from sop.templates import LinkedText, render, words
from sop.times import Duration, spoken_duration, wrong

if TYPE_CHECKING:
    from sop.library import Library
    from sop.ports import Facts, GatheringFacts, ReplyFacts

OPEN = "open"
"""The phase of a gathering that has only one."""
_TEMPLATE = re.compile(r"\{(?=[{%#])")
_MOMENT = timedelta(minutes=1)
WORKDAY_ENDS = 18
"""Hour at which a follow-up of the next working day is due."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member's words come to. Without a value nothing was replied yet: the text helps."""

    reply: str
    value: Json | None = None
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Sitting:
    """A gathering in its community at an instant."""

    facts: "Facts"
    community: Community
    gathering: "GatheringFacts"
    now: datetime

    def replies(self) -> "Sequence[ReplyFacts]":
        """What members who are still there have replied, in the order of their first words."""
        return self.facts.replies(self.gathering.id)

    def post(self, text: str, expires_at: datetime | None = None) -> Post:
        """Into the group, not in the plan's quiet hours."""
        quiet = self.gathering.quiet_hours
        return Post(self.community.id, text, quiet_hours=quiet, expires_at=expires_at)

    def tell(self, text: str) -> Tell:
        """To the community's own RM, who alone may know who replied what."""
        return Tell(self.community.owner, f"**{self.community.name}**\n{text}")

    def close(self, reason: str, result: Json) -> CloseGathering:
        """It is over."""
        return CloseGathering(self.gathering.id, reason, result)

    def next_workday(self) -> datetime:
        """The end of the next Chinese working day; of tomorrow where the calendar ends."""
        from sop.workdays import UnknownYear  # imports Library, which imports the kinds

        here = self.now.astimezone(self.community.zone)
        try:
            day = self.facts.payable_on(here.date(), 1)
        except UnknownYear:
            day = here.date() + timedelta(days=1)
        return datetime(day.year, day.month, day.day, WORKDAY_ENDS, tzinfo=self.community.zone)


@dataclass(frozen=True, slots=True)
class Hearing:
    """A member says a keyword of an open gathering."""

    sitting: Sitting
    member: Player
    keyword: str
    words: str
    """What follows the keyword, as typed."""
    before: Json | None
    """What the member replied earlier."""

    @property
    def at_bot(self) -> str:
        """`@群运`, for examples."""
        return f"@{self.sitting.community.heard_as}"


class Gathering(StepKind):
    """The options of a gathering, with what it says. It opens, reminds and closes."""

    goes_on_unheard: ClassVar[bool] = False
    """Whether it makes sense where the bot hears nobody (only reminders, then)."""
    on_page: ClassVar[bool] = False
    """Whether members can reply to it on the member page."""

    text: LinkedText = Field(
        description="开场的话，可用变量 community.name、date、weekday、owner、bot"
    )

    @property
    @abstractmethod
    def headline(self) -> str:
        """What it is about, in a few words: `下期想听什么`."""

    @abstractmethod
    def ends(self, context: StepContext) -> datetime:
        """When it closes if it opens now."""

    @abstractmethod
    def opening(self, context: StepContext, closes_at: datetime) -> str:
        """What the group reads when it opens."""

    @abstractmethod
    def by_hand(self, context: StepContext) -> str:
        """The same where the bot hears nobody: members write to the RM."""

    @abstractmethod
    def closing(self, sitting: Sitting) -> list[Effect]:
        """Its time is over: among the effects is `sitting.close(…)`, or a TurnGathering."""

    def how(self, community: Community, phase: str) -> str:
        """How to take part: `请发“@群运 投票 2”`."""
        return ""

    def page_lines(self) -> Sequence[str]:
        """What the member page shows below the opening words."""
        return ()

    def alarms(self, phase: str, closes_at: datetime) -> Sequence[datetime]:
        """When it wants to say something before it closes."""
        return ()

    def rings(self, sitting: Sitting) -> list[Effect]:
        """One of the alarms."""
        return []

    def called(self, library: "Library") -> str:
        """`投票：下期想听什么`."""
        return f"{self.title}：{self.headline}"

    def run(self, context: StepContext) -> list[Effect]:
        """Opens it; where the bot hears nobody, hands over what the RM can do by hand. Raises
        CannotRun when it would be over at once."""
        community, plan = context.community, context.plan
        quiet = plan.quiet_hours
        if not self._replies_reach(community) and not self.goes_on_unheard:
            text = self.by_hand(context)
            expires_at = context.step.expires_at(context.due_at, context.now)
            told = (
                f"“{community.name}”里机器人听不到成员说话，“{self.called(context.library)}”"
                "没有开启，不会自动收集和统计。\n话术已交给您，请您自己记下大家的回复。"
            )
            script = Post(community.id, text, quiet_hours=quiet, expires_at=expires_at)
            # Not between the script and the card that asks whether it was sent.
            return [script, Tell(community.owner, told, not_before=context.now + _MOMENT)]
        closes_at = self.ends(context)
        if closes_at <= context.now:
            raise CannotRun(f"“{self.called(context.library)}”没有开启：开始时间已经过了。")
        text = self.opening(context, closes_at)
        if self.on_page:
            text = f"{text}\n{way_in(context.facts, community, context.now)}".strip()
        opened = OpenGathering(
            community.id,
            self.kind,
            context.occurrence,
            self._as_opened(context),
            OPEN,
            context.seed.hex(),
            quiet,
            next_alarm(self.alarms(OPEN, closes_at), closes_at, context.now),
            closes_at,
        )
        return [opened, Post(community.id, text, quiet_hours=quiet, expires_at=closes_at)]

    def _replies_reach(self, community: Community) -> bool:
        """Whether members can reply: the bot hears them, or the page takes it."""
        return bool(community.heard_as) or (self.on_page and community.page)

    def _as_opened(self, context: StepContext) -> Json:
        """Its options with the text as it was read: a template of yesterday's variables could
        not be read again."""
        text = _TEMPLATE.sub("{ ", filled(self.text, context)) or "…"
        opened = self.model_copy(update={"text": text})
        return opened.model_dump(mode="json", by_alias=True)

    def script(self, context: StepContext) -> str:
        """What will be posted, or how it is done by hand."""
        if not self._replies_reach(context.community) and not self.goes_on_unheard:
            return (
                f"{self.by_hand(context)}\n\n> 机器人听不到这个群，请您发出后自己记下大家的回复。"
            )
        then = replace(context, now=max(context.now, context.due_at))
        return self.opening(then, self.ends(then))

    def announcement(self, context: StepContext) -> str:
        """When it opens, and how to take part."""
        if not self._replies_reach(context.community):
            return ""
        at = context.due_at.astimezone(context.plan.zone)
        how = self.how(context.community, OPEN)
        return f"⏰ **{at:%H:%M} {self.called(context.library)}**\n{f'届时{how}。' if how else ''}"


class Listening(Gathering):
    """A gathering that members reply to by a keyword."""

    @abstractmethod
    def keywords(self, phase: str) -> tuple[str, ...]:
        """What it listens for; the first is the usual one."""

    @abstractmethod
    def heard(self, hearing: Hearing) -> Answer:
        """A member said a keyword."""

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """A campaign must not listen for the same word."""
        taken = {normalise(one.keyword): one for one in library.campaigns.values()}
        return [
            (("keyword",), f"关键词“{word}”已是活动“{taken[normalise(word)].title}”的口令。")
            for word in self.keywords(OPEN)
            if normalise(word) in taken
        ]


class Timed(Gathering):
    """A gathering that is open for a while, with one last call."""

    open_for: Duration = Field(description="开放多久，例如 2h")
    last_call: Duration | None = Field(
        default=None, description="截止前多久在群里提醒一次，例如 10m；不写就不提醒"
    )

    def ends(self, context: StepContext) -> datetime:
        """So long after it opens."""
        return context.now + self.open_for

    def alarms(self, phase: str, closes_at: datetime) -> Sequence[datetime]:
        """The last call."""
        return [] if self.last_call is None else [closes_at - self.last_call]

    def rings(self, sitting: Sitting) -> list[Effect]:
        """How long there is still time, and how to take part."""
        return [last_call(self, sitting)]

    @model_validator(mode="after")
    def _in_time(self) -> "Timed":
        check_last_call(self.last_call, self.open_for)
        return self


def check_last_call(last_call: timedelta | None, open_for: timedelta) -> None:
    """Raises the error of a last call before the opening."""
    if last_call is not None and last_call >= open_for:
        hint = "请写得比 open_for 短。"
        raise wrong("value", "提醒会早于开始。", hint, ("last_call",))


def last_call(gathering: Gathering, sitting: Sitting) -> Post:
    """`⏰ 还有 10 分钟……`, worthless once the gathering is closed."""
    closes_at = sitting.gathering.closes_at
    minutes = max(round((closes_at - sitting.now).total_seconds() / 60), 1)
    left = spoken_duration(timedelta(minutes=minutes))
    how = gathering.how(sitting.community, sitting.gathering.phase)
    text = f"⏰ {gathering.title}“{gathering.headline}”还有 {left}截止，{how}。"
    return sitting.post(text, closes_at)


def next_alarm(alarms: Sequence[datetime], closes_at: datetime, now: datetime) -> datetime:
    """The next instant at which a gathering wants to be woken."""
    return min((one for one in alarms if now < one < closes_at), default=closes_at)


def goes_on(
    gathering: Gathering, sitting: Sitting, phase: str, closes_at: datetime
) -> TurnGathering:
    """The gathering stays open, perhaps in another phase and until another time."""
    at = next_alarm(gathering.alarms(phase, closes_at), closes_at, sitting.now)
    return TurnGathering(sitting.gathering.id, phase, at, closes_at)


def filled(text: str, context: StepContext) -> str:
    """A text of the file with its variables."""
    return render(text, words(context)).strip()


def begins(at: datetime, community: Community, now: datetime) -> str:
    """`20:30`, `明天 09:00` or `11 月 25 日 20:00`, for a beginning."""
    return wording.clock(at, community.zone, now)


def until(closes_at: datetime, community: Community, now: datetime) -> str:
    """The same for an end, where midnight is `24:00`."""
    return wording.until(closes_at, community.zone, now)


def to_rm(context: StepContext) -> str:
    """Who shall be written to where the bot hears nobody, in the voice of who posts it."""
    if context.community.mode is DeliveryMode.ASSIST:
        return "大家私信我"
    return f"大家私信客户经理 {words(context).owner}"


def lot(seed: str, name: str) -> str:
    """The lot of one of those with equal votes: the smallest is drawn. SHA-256 of
    `seed/name`, so that anybody can compute it once the seed is shown."""
    return hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()


def commitment(seed: str) -> str:
    """What is published of a seed before anybody votes: SHA-256 of its hex digits."""
    return hashlib.sha256(seed.encode()).hexdigest()


def _line(text: str) -> str:
    if "{{" in text or "{%" in text:
        raise wrong("value", "这里不能用变量。", "变量可以写在 text 里。")
    if "\n" in text.strip():
        raise wrong("value", "这里只能写一行。")
    return text.strip()


Line = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_line)]
"""A short text without variables, said again while the gathering is open."""


def _keyword(word: str) -> str:
    plain = normalise(word)
    if not plain.isalpha() or len(plain) < 2:
        raise wrong("value", f"关键词“{word}”不能用。", "请用 2 到 8 个汉字，不用数字，例如 投票。")
    if plain in (CHECK_IN, MY_PRIZES, CLAIM):
        raise wrong("value", f"“{word}”已有别的用处。", "请换一个关键词。")
    return word.strip()


Keyword = Annotated[str, Field(min_length=2, max_length=8), AfterValidator(_keyword)]
"""What members say after @ to take part."""

__all__ = [
    "OPEN", "Answer", "Gathering", "Hearing", "Keyword", "Line", "LinkedText", "Sitting", "Timed",
    "begins", "check_last_call", "commitment", "filled", "goes_on", "last_call", "lot",
    "next_alarm", "to_rm", "until",
]  # fmt: skip
