"""A library: every file that the bot runs by, already checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sop.bank import Bank
from sop.campaign import Campaign, Pool
from sop.channel import Channel
from sop.follow_rule import FollowRule
from sop.plan import Plan
from sop.points_program import PointsProgram
from sop.referral_program import ReferralProgram
from sop.scripts import ContentList, Script
from sop.segment import Segment, TagRule
from sop.tags import TagEntry, TagGroup


@dataclass(frozen=True, slots=True)
class Waived:
    """A compliance rule that a written reason excuses, for the audit."""

    file: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Library:
    """Values by the name that YAML files refer to them with."""

    plans: Mapping[str, Plan] = field(default_factory=dict)
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    banks: Mapping[str, Bank] = field(default_factory=dict)
    scripts: Mapping[str, Script] = field(default_factory=dict)
    lists: Mapping[str, ContentList] = field(default_factory=dict)
    segments: Mapping[str, Segment] = field(default_factory=dict)
    tag_rules: Mapping[str, TagRule] = field(default_factory=dict)
    points: Mapping[str, PointsProgram] = field(default_factory=dict)
    referrals: Mapping[str, ReferralProgram] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    tag_groups: Mapping[str, TagGroup] = field(default_factory=dict)
    follow_rules: Mapping[str, FollowRule] = field(default_factory=dict)
    waived: tuple[Waived, ...] = ()

    def label(self, name: str) -> TagEntry | None:
        """What is said of a label; None: no group has it."""
        every = (item for group in self.tag_groups.values() for item in group.items)
        return next((item for item in every if item.tag == name), None)

    def synced_labels(self) -> dict[str, str]:
        """Labels that stand on customers at WeCom too, with the group that each is in."""
        return {
            item.tag: group.tags
            for group in self.tag_groups.values()
            if group.sync
            for item in group.items
        }
