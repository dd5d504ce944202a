"""Channels (渠道): how customers come, what they are told first, and where they are invited.

Files begin with `channel:`. A channel has a QR code of its own at WeCom whose `state` is its name
and comes back with everybody who scans it; so every number can be told apart by channel. Inviting
at once scares people off (playbook A3): first who I am, then what the group gives, then the way in.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from sop.audience import AppliesTo
from sop.compliance.waiver import Waiver
from sop.model import Strict
from sop.spoken import Spoken
from sop.templates import MEMBER, Text, Variables, may_use
from sop.terms import Name
from sop.times import Duration, wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sop.community import Community
    from sop.library import Library

MOST_STAFF = 100
"""Colleagues behind one contact way (wecom-protocol.md D.6)."""
ChannelName = Annotated[Name, Field(max_length=30)]
"""Goes to WeCom as `state`, which takes 30 characters."""
Userid = Annotated[str, Field(min_length=1, max_length=64)]
First = Annotated[Text, Field(max_length=1000)]
"""A first message: WeCom takes 4,000 bytes."""

WHILE_CHECKING = "您好，我是{{ owner }}，很高兴认识您。有需要随时留言，我看到就回。"
STRANGER = (
    "您好，我是{{ owner }}，谢谢您添加我。我们的社群目前只面向本行客户，"
    "有业务上的问题可以随时问我，也欢迎到网点来坐坐。"
)
INVITATION = (
    "谢谢您愿意来“{{ community.name }}”。扫下面的二维码就能进群，"
    "群里觉得吵可以设成免打扰，想退随时可以退。"
)


BENEFIT = "benefit"
"""The variable of a text for a lead: what the lead is offered."""
LeadText = Annotated[str, Field(min_length=1, max_length=2000), may_use(MEMBER, BENEFIT)]


class Benefit(Strict):
    """One benefit that leads may be offered; which one a lead gets, its number decides."""

    name: Name = Field(description="权益代号，统计时用它分开")
    text: str = Field(
        min_length=1, max_length=40, description="对客户怎么说，话术里写 {{ benefit }}"
    )


def _once(benefits: list[Benefit]) -> list[Benefit]:
    seen: set[str] = set()
    for number, one in enumerate(benefits):
        if one.name in seen:
            text = f"权益“{one.name}”写了两次。"
            raise wrong("duplicate-id", text, "每种权益的 name 都不能相同。", (number, "name"))
        seen.add(one.name)
    return benefits


class Scripts(Strict):
    """What to say on the phone or when adding, by the lead's priority."""

    first: LeadText | None = Field(default=None, description="优先级 1 的话术")
    second: LeadText | None = Field(default=None, description="优先级 2 的话术")
    third: LeadText | None = Field(default=None, description="优先级 3 的话术")

    def of(self, priority: int) -> str | None:
        """The script of a priority; without one of its own the next higher one's."""
        own = (self.first, self.second, self.third)[:priority]
        return next((one for one in reversed(own) if one is not None), None)


class Leads(Strict):
    """How colleagues work off a list of leads that belongs to the channel."""

    verification: LeadText = Field(
        description="加好友时写的验证语：我是谁、为什么加您、有什么好处、怎么办；"
        "可用 member、benefit",
    )
    scripts: Scripts = Field(default=Scripts(), description="各优先级的话术")
    benefits: Annotated[list[Benefit], AfterValidator(_once)] = Field(
        default=[], max_length=8, description="拿来比较的几种权益；每条线索固定分到一种"
    )


class Channel(Spoken):
    """One way by which customers come."""

    kind: ClassVar[str] = "channel"
    called: ClassVar[str] = "渠道"
    held: ClassVar[str] = "不自动发欢迎语，自我介绍、邀请的话和线索话术都不给"
    uncovered: ClassVar[frozenset[str]] = frozenset({"way", "staff", "silence", "waive"})

    channel: ChannelName = Field(description="渠道名，也是企业微信里二维码的 state，30 个字以内")
    title: str = Field(min_length=1, max_length=20, description="叫什么，例如 电话外呼")
    applies_to: AppliesTo = Field(description="把客户请进哪些社群")
    way: Literal["contact", "group", "none"] = Field(
        default="contact",
        description="contact：扫码加客户经理；group：扫码直接进群；"
        "none：没有二维码，用于不是扫码来的客户",
    )
    staff: list[Userid] = Field(
        default=[],
        max_length=MOST_STAFF,
        description="扫码后加哪些同事（userid）；不写就是这些社群的客户经理",
    )
    variables: Variables = Field(default={}, description="话术里可用的自定变量：名字 → 文字")
    welcome: First | None = Field(
        default=None, description="加上好友 20 秒内自动发的第一句话；不写就不发"
    )
    while_checking: First = Field(
        default=WHILE_CHECKING, description="还没核对完客户身份时发的第一句话，里面不要邀请"
    )
    stranger: First = Field(default=STRANGER, description="核对下来不是本行客户时发的第一句话")
    introduction: Text | None = Field(
        default=None, description="客户经理接着发的自我介绍，说清群里有什么、回复什么进群"
    )
    keyword: str = Field(
        default="进群", min_length=1, max_length=10, description="客户回复它就是想进群"
    )
    invitation: Text = Field(default=INVITATION, description="邀请的话，后面会附上入群二维码")
    silence: Duration = Field(
        default=timedelta(days=3), description="加了好友多久还没进群，就提醒客户经理，例如 3d"
    )
    group_welcome: Annotated[str, Field(min_length=1, max_length=900)] | None = Field(
        default=None,
        description="群主可以选用的入群欢迎语，%NICKNAME% 是新成员的昵称",
    )
    leads: Leads | None = Field(default=None, description="这个渠道的名单线索怎么跟")
    waive: list[Waiver] = Field(default=[], description="对合规检查的豁免，写明规则和理由")

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """Who comes is no member yet."""
        if key not in ("segment", "who", "to"):
            return None
        hint = "进群以后要分人群做的事，请写成计划里 after_join 的步骤，用 to: 选成员。"
        return f"渠道面向还没进群的客户，不能用“{key}”选成员。", hint

    @model_validator(mode="after")
    def _greets_whom_it_adds(self) -> "Channel":
        if self.way == "group" and self.staff:
            text = "扫码直接进群的渠道不加同事。"
            raise wrong("value", text, "请去掉 staff，或把 way 改成 contact。", ("staff",))
        return self

    def speaks(self) -> bool:
        """A channel that only leads into the group says nothing of its own."""
        silent = self.uncovered | {"author", "channel", "title", "applies_to", "variables"}
        return bool(self.model_fields_set - silent - {"keyword"})

    def communities(self, every: "Sequence[Community]") -> "list[Community]":
        """Those into which it leads, in the order of the configuration."""
        return [one for one in every if self.applies_to.includes(one)]

    def colleagues(self, every: "Sequence[Community]") -> list[str]:
        """Whom its customers add."""
        return list(dict.fromkeys(self.staff or [one.owner for one in self.communities(every)]))

    def home(self, every: "Sequence[Community]", staff: str) -> "Community | None":
        """The community to which a colleague invites: an own one before any other."""
        there = self.communities(every)
        own = [one for one in there if one.owner == staff]
        return next(iter(own or there), None)


def channel_for(
    library: "Library", every: "Sequence[Community]", staff: str, state: str
) -> Channel | None:
    """The channel that a `state` names; for any other state the first without a code of its own
    that the colleague belongs to."""
    named = library.channels.get(state)
    if named is not None:
        return named
    for name in sorted(library.channels):
        one = library.channels[name]
        if one.way == "none" and staff in one.colleagues(every):
            return one
    return None
