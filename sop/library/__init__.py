"""A library: every plan, campaign, pool and question bank that the bot runs, already checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sop.bank import Bank
from sop.campaign import Campaign, Pool
from sop.plan import Plan


@dataclass(frozen=True, slots=True)
class Library:
    """Values by the name that YAML files refer to them with."""

    plans: Mapping[str, Plan] = field(default_factory=dict)
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    banks: Mapping[str, Bank] = field(default_factory=dict)
