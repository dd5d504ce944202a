"""Private messages (私信): a text to chosen members one by one, sent by their RM in person.

No interface lets a bot write to a customer by itself (wecom-protocol.md H.1): the RM is handed
the text and the list of names. Nobody is written to more often than the step allows, nor anybody
who wears the label 勿扰.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, model_validator

from sop.choosing import UNDISTURBED, Chosen, ToMembers, listed, title
from sop.community import Member
from sop.effects import Effect, HandOver
from sop.model import Strict
from sop.prepared import Prepared
from sop.step import NothingToDo, StepContext
from sop.summary.weeks import midnight
from sop.templates import LINKS, MEMBER, PersonalText, names
from sop.times import Duration, wrong
from sop.tracked import made
from sop.wording import shown

if TYPE_CHECKING:
    from sop.library import Library

ONE_BY_ONE = 20
"""So many texts of their own an RM is handed at once (30 messages a minute is WeCom's limit)."""
AT_ONCE = 50
"""So many members get the same text at once, where the step says nothing else."""
USUAL_REST = timedelta(days=7)
_DAY = timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class PerPerson(Strict):
    """How many private messages are enough for one member."""

    times: int = Field(default=1, ge=1, le=31, description="最多几条")
    per: Duration = Field(description="多久以内，例如 7d")


class Personal(Prepared, ToMembers):
    """What a private message is, whatever it is about."""

    in_person: ClassVar[bool] = True

    text: PersonalText | None = Field(
        default=None,
        description="正文，可用变量 community.name、date、weekday、owner、bot，"
        "以及成员的称呼 member 和 links 里的链接（用了这两样，客户经理会收到每人一条）",
    )
    at_most: int | None = Field(
        default=None,
        ge=1,
        le=200,
        description="一次最多几人，久未联系的优先，其余的下次再发；不写是 50，每人一条时是 20",
    )
    not_again_within: Duration | None = Field(
        default=None,
        description="多久以内收过私信的成员不再发；不写是 7d，入群后的步骤不写则不限",
    )

    max_per_person: PerPerson | None = Field(
        default=None, description="每人最多收几条私信，所有计划合起来算"
    )

    @model_validator(mode="after")
    def _not_too_many_texts(self) -> "Personal":
        if self.text is not None and (found := self._too_many(self.text)):
            text, hint = found
            raise wrong("value", text, hint, ("at_most",))
        return self

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """A script may have a text for each member, too."""
        script = library.scripts.get(self.from_script or "")
        found = None if script is None else self._too_many(script.text)
        many = [] if found is None else [(("at_most",), "".join(found))]
        return [*super().problems(library), *many]

    def _too_many(self, text: str) -> tuple[str, str] | None:
        """What is wrong with `at_most` for this text, and what to do."""
        if (self.at_most or 0) <= ONE_BY_ONE:
            return None
        single = f"每人单独一条，一次最多 {ONE_BY_ONE} 人。"
        if MEMBER in names(text):
            return f"话术里用了 {{{{ {MEMBER} }}}}，{single}", "请改小 at_most，或去掉称呼。"
        if LINKS in names(text):
            return f"话术里用了链接，{single}", "请改小 at_most，或去掉链接。"
        return None

    def one_by_one(self, library: "Library") -> bool:
        """Whether each member gets a text of their own."""
        script = library.scripts.get(self.from_script or "")
        text = (self.text or "") if script is None else script.text
        return not names(text).isdisjoint((MEMBER, LINKS))

    def body(self, context: StepContext, called: str, member: str = "") -> str:
        """The message; `called` is what the member is called in it, `member` whose it is alone."""
        return self.filled(context, {MEMBER: called}, member)

    def afterwards(self, context: StepContext) -> tuple[str, ...]:
        """More texts for the RM, after the messages."""
        return ()

    def advice(self, context: StepContext) -> str:
        """A line for the RM on how to go about it; empty: nothing special."""
        return ""

    def run(self, context: StepContext) -> list[Effect]:
        """Hands over the texts with the names. Raises NothingToDo when it is nobody's turn."""
        turn = self.turn(context)
        bodies = self._bodies(context, turn.members)
        alike = len(bodies) == 1
        handed = HandOver(
            community=context.community.id,
            title=title(context),
            note=self._note(context, turn, alike),
            texts=(*bodies, *self.afterwards(context)),
            occurrence=context.occurrence,
            members=tuple(one.id for one in turn.members),
            as_task=alike and not context.variants,  # who share an occurrence: one task at most
            expires_at=context.step.expires_at(context.due_at, context.now),
            variant=context.step.variant,
        )
        return [*(link for one in turn.members for link in made(context, one.id)), handed]

    def script(self, context: StepContext) -> str:
        """The text, and that the names will follow."""
        texts = [self.body(context, "〔称呼〕"), *self.afterwards(context)]
        return "\n\n".join([f"到点把名单交给您（{self.audience(context)}），话术是：", *texts])

    def turn(self, context: StepContext) -> Chosen:
        """Those to be written to now, who was written to longest ago first."""
        last = context.facts.last_written(context.community.id)
        since = self._rests_since(context)
        tired = self._had_enough(context)
        free = [
            one
            for one in self.chosen(context, [UNDISTURBED])
            if one.id not in tired and (since is None or last.get(one.id, _NEVER) < since)
        ]
        if not free:
            raise NothingToDo("符合条件的成员最近都收过私信")
        free.sort(key=lambda one: last.get(one.id, _NEVER))
        most = self.at_most or (ONE_BY_ONE if self.one_by_one(context.library) else AT_ONCE)
        return Chosen(free[:most], len(free[most:]))

    def _rests_since(self, context: StepContext) -> datetime | None:
        """Who was written to since then rests."""
        usual = None if context.cohort is not None else USUAL_REST
        rest = self.not_again_within or usual
        return None if rest is None else _since(context, rest)

    def _had_enough(self, context: StepContext) -> set[str]:
        """Who may be written to no more for now, by whatever plan it was done."""
        limit = self.max_per_person
        if limit is None:
            return set()
        since = _since(context, limit.per)
        times = context.facts.times_written(context.community.id, since)
        return {member for member, count in times.items() if count >= limit.times}

    def _bodies(self, context: StepContext, members: Sequence[Member]) -> list[str]:
        """A text for each, or one where all would read the same."""
        if not self.one_by_one(context.library):
            return [self.body(context, "")]
        each = [self.body(context, shown(one.name), one.id) for one in members]
        return each if len(set(each)) > 1 else each[:1]

    def _note(self, context: StepContext, turn: Chosen, alike: bool) -> str:
        count = len(turn.members)
        each = "话术在下面" if alike else "下面每人一条，顺序和名单相同"
        do = f"请私信这 {count} 位成员（{self.audience(context)}），{each}："
        if alike and context.community.tasks and not context.variants:
            do = f"要私信这 {count} 位成员（{self.audience(context)}），请在企业群发里确认发送："
        lines = [f"💌 **{title(context)}**　{context.community.name}", do, listed(turn.members)]
        if turn.waiting:
            lines.append(f"> 还有 {turn.waiting} 位这次没排上，下次优先。")
        if advice := self.advice(context):
            lines.append(f"> {advice}")
        lines.append(f"> 不想再收私信的成员，请发：标签 名字 {UNDISTURBED}")
        return "\n".join(lines)


def _since(context: StepContext, length: timedelta) -> datetime:
    """So long ago; whole days begin with the local one, so that a weekly step finds the same
    members again."""
    if length < _DAY:
        return context.now - length
    zone = context.community.zone
    return midnight((context.now - length).astimezone(zone).date() + _DAY, zone)
