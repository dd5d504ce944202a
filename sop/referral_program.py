"""Member gets member (老带新): when somebody who came by a personal invitation counts.

Files begin with `referral:`. The first by name that includes a community is its program.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sop.audience import AppliesTo
from sop.community import Community
from sop.compliance.waiver import Waiver
from sop.model import Strict
from sop.spoken import Spoken
from sop.terms import Name
from sop.times import Duration

if TYPE_CHECKING:
    from sop.library import Library


class Caps(Strict):
    """How many of those that an inviter brings can count."""

    per_day: int = Field(default=3, ge=1, le=1000, description="每天最多几位")
    per_month: int = Field(default=10, ge=1, le=10_000, description="每月最多几位")
    total: int = Field(default=50, ge=1, le=100_000, description="一共最多几位")


class Burst(Strict):
    """So many at once are looked at by a person first."""

    joins: int = Field(default=5, ge=2, le=1000, description="同一人带来几位")
    within: Duration = Field(default=timedelta(hours=1), description="在多久之内，例如 1h")


class ReferralProgram(Spoken):
    """The rules of personal invitations."""

    kind: ClassVar[str] = "referral"
    called: ClassVar[str] = "邀请规则"
    held: ClassVar[str] = "邀请码照给，不带这里写的话"
    uncovered: ClassVar[frozenset[str]] = frozenset({"stay", "most", "burst", "waive"})

    referral: Name = Field(description="邀请规则名")
    title: str = Field(min_length=1, max_length=20, description="叫什么，例如 老友介绍")
    applies_to: AppliesTo = Field(description="面向哪些社群")
    stay: Duration = Field(default=timedelta(days=7), description="新朋友要留满多久才计入，例如 7d")
    most: Caps = Field(default=Caps(), description="每位介绍人的上限")
    burst: Burst = Field(default=Burst(), description="短时间带来很多人时，先由人看一看")
    invitation: str = Field(
        default="把下面的二维码发给朋友，由朋友自己决定要不要进群。",
        min_length=1,
        max_length=300,
        description="给介绍人的话",
    )
    waive: list[Waiver] = Field(default=[], description="对合规检查的豁免，写明规则和理由")

    def speaks(self) -> bool:
        """Whether it has words of its own for inviters; the rules are told in the program's."""
        return "invitation" in self.model_fields_set


def referral_program_of(library: "Library", community: Community) -> ReferralProgram | None:
    """The community's rules; None where nobody is invited personally."""
    for name in sorted(library.referrals):
        if library.referrals[name].applies_to.includes(community):
            return library.referrals[name]
    return None
