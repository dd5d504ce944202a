"""Campaigns, their decks, and the pools that pay for game rewards: YAML in `campaigns/`.

Amounts are written in yuan and kept in fen. A deck never costs more than its budget: the sum of
its cards is the largest possible cost, checked here before anything can be drawn.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from sop.audience import AppliesTo
from sop.compliance.waiver import Waiver
from sop.diagnostics import did_you_mean
from sop.draws.deck import DeckLine
from sop.model import Strict
from sop.money import yuan
from sop.named_segments import spelled_out
from sop.spoken import Spoken
from sop.terms import ANSWERED, AnyChances, Chances, Condition, Name, Who
from sop.times import Amounts, Date, Duration, Fen, wrong

if TYPE_CHECKING:
    from sop.community import Community
    from sop.deck_ports import DeckFacts
    from sop.library import Library
    from sop.segment import Segment

__all__ = ["TOP_PRIZE_FEN", "Campaign", "Condition", "DeckCards", "Name", "Pool", "Rewards"]

TOP_PRIZE_FEN = 5_000_000
"""规范促销行为暂行规定 §17: at most 50,000 yuan for one person over all chances."""


class Rewards(Strict):
    """What the best of a game get."""

    winners: int = Field(ge=1, le=50, description="前几名有奖")
    amount: Amounts = Field(description="每人金额（元）：5.00，或区间 5.00-10.00")
    pool: Name = Field(description="由哪个奖池支付")


class DeckCards(Strict):
    """Equal cards of a deck."""

    prize: str = Field(min_length=1, max_length=40, description="奖品名称")
    kind: Literal["cash", "coupon", "gift", "points"] = Field(
        default="cash",
        description="奖品种类，cash：现金红包，coupon：券码，gift：实物，points：积分",
    )
    amount_fen: Fen = Field(
        default=0, alias="amount", description="金额（元）；券码和实物写市场价值，积分不写"
    )
    points: int | None = Field(
        default=None, ge=0, le=1_000_000, description="多少积分（kind 为 points）"
    )
    count: int = Field(ge=1, le=100_000, description="张数")
    redeem: str = Field(
        default="",
        max_length=200,
        description="怎么兑换、在哪里、有效期和限制，公示用（券码、实物、积分必写）",
    )

    @model_validator(mode="after")
    def _worth_something(self) -> "DeckCards":
        if self.kind == "points":
            if self.amount_fen:
                text = "积分不占预算，不写 amount。"
                raise wrong("value", text, "请删掉 amount。", ("amount",))
            if not self.points:
                raise wrong("value", "没有写多少积分。", "请加上 points: 50。")
        elif self.points:
            raise wrong("value", "只有 kind 为 points 的奖品写 points。", at=("points",))
        elif not self.amount_fen:
            raise wrong("value", "没有写金额。", "请写 amount，例如 5.00。")
        return self


class Campaign(Spoken):
    """A lottery: cards for everybody who asks, or for some of those who enter (抽奖活动)."""

    kind: ClassVar[str] = "campaign"
    called: ClassVar[str] = "活动"
    held: ClassVar[str] = "不开启；已经开启的照常进行"
    uncovered: ClassVar[frozenset[str]] = frozenset({"waive"})

    campaign: Name = Field(description="活动名，计划里用它引用")
    title: str = Field(min_length=1, max_length=40, description="活动标题")
    organiser: str = Field(min_length=1, description="主办方，公示用")
    applies_to: AppliesTo = Field(description="面向哪些社群")
    round: Literal["standing", "event"] = Field(
        description="standing：常设一期，各社群共用；event：由计划里的 draw 步骤按社群逐期开启"
    )
    shared: bool = Field(default=False, description="event：同一天各社群共用一副牌")
    mode: Literal["instant", "entrants"] = Field(
        default="instant",
        description="instant：说关键词当场抽一张；entrants：先报名，截止后按公开值开奖",
    )
    public_value: str = Field(
        default="",
        max_length=100,
        description="entrants：事先说定用哪个公开值开奖，例如 2026-11-27 双色球第 2026136 期红球",
    )
    starts: Date | None = Field(default=None, description="standing：从哪天开始，例如 2026-12-01")
    ends: Date | None = Field(default=None, description="standing：到哪天为止（含当天）")
    keyword: str = Field(min_length=1, max_length=20, description="成员说什么就抽一次（或报名）")
    who: Who = Field(default=Who(), description="哪些人可以参加；员工一律不参加")
    condition: Condition | None = Field(default=None, description="先做什么才能抽，写了的都要做到")
    chances: AnyChances = Field(
        default=Chances(), description="每人每期的抽奖次数：1，或 {total: 3, per_day: 1}"
    )
    budget_fen: Fen = Field(alias="budget", description="每期预算（元）")
    deck: list[DeckCards] = Field(min_length=1, description="奖池：总额不超过预算")
    payable_after: int = Field(ge=0, le=60, description="中奖后几个工作日发奖")
    claim_within: Duration = Field(
        default=timedelta(days=30), description="中奖后多久内要领取，过期退回预算，例如 30d"
    )
    opening: str = Field(min_length=1, description="开始时的公告正文")
    rules: list[str] = Field(min_length=1, description="活动规则，逐条公示；开始后不再改动")
    waive: list[Waiver] = Field(default=[], description="对合规检查的豁免，写明规则和理由")

    def waits(self, community: "Community") -> bool:
        """A standing round is opened where members can take part; one of an event by a step,
        whose stamp covers the campaign."""
        heard = bool(community.heard_as) or community.page
        return not self.with_steps() and heard and super().waits(community)

    def with_steps(self) -> bool:
        """A step opens each round of an event."""
        return self.round == "event"

    def links(self, library: "Library") -> Sequence[Strict]:
        """The segment that alone may take part."""
        asked = self.who.asked
        segment = None if asked is None else library.segments.get(asked.segment or "")
        return () if segment is None else (segment,)

    def over(self, decks: "DeckFacts", now: datetime) -> bool:
        """A standing round is opened once; what its members were told then is what counts."""
        ended = self.ends is not None and now.date() > self.ends
        return ended or decks.named(self.campaign, "standing", None) is not None

    @property
    def deck_sum_fen(self) -> int:
        """The largest possible cost of one round, in fen."""
        return sum(cards.amount_fen * cards.count for cards in self.deck)

    @property
    def cards(self) -> list[DeckLine]:
        """The deck as draws and their commitment know it."""
        return [
            DeckLine(one.kind, one.prize, one.amount_fen, one.points or 0, one.count)
            for one in self.deck
        ]

    @property
    def deck_size(self) -> int:
        """How many cards there are in one round."""
        return sum(cards.count for cards in self.deck)

    @property
    def price(self) -> int:
        """Points that one draw costs."""
        return (self.condition.points or 0) if self.condition else 0

    def spelled_out(self, segments: "Mapping[str, Segment]") -> "Campaign":
        """With the conditions of the segment that `who` names in its place: what is published
        says by itself who may take part, whatever becomes of the segment's file."""
        if self.who.asked is None:
            return self
        conditions = spelled_out(self.who.asked, segments)
        who = self.who.model_copy(update={"segment": None, "conditions": conditions})
        return self.model_copy(update={"who": who})

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """Broken links to other files: (path in this file, message in Chinese)."""
        found: list[tuple[tuple[str | int, ...], str]] = []
        others = [one for one in library.campaigns if one != self.campaign]
        for number, name in enumerate(self.who.not_in):
            if name not in others:
                near = did_you_mean(name, others, "计划库里没有别的活动。")
                found.append((("who", "not_in", number), f"没有名为“{name}”的活动。{near}"))
        if self.condition and self.condition.answered:
            plan_name, _, step_id = self.condition.answered.partition("/")
            plan = library.plans.get(plan_name)
            step = None if plan is None else plan.step(step_id)
            if step is None or step.spec.kind not in ANSWERED:
                text = (
                    f"“{self.condition.answered}”不是成员能回答的步骤（问卷、投票、打分、话题）。"
                )
                found.append((("condition", "answered"), text))
        return found

    @model_validator(mode="after")
    def _affordable(self) -> "Campaign":
        total = self.deck_sum_fen
        if total > self.budget_fen:
            raise wrong(
                "budget",
                f"奖池合计 {yuan(total)} 元，超出预算 {yuan(self.budget_fen)} 元。",
                f"减少 {yuan(total - self.budget_fen)} 元的奖品，或提高预算。",
                ("budget",),
            )
        if self.deck_size > 100_000:
            raise wrong("budget", f"奖池共 {self.deck_size} 张，超过 100000 张。", at=("deck",))
        if max(cards.amount_fen for cards in self.deck) > TOP_PRIZE_FEN:
            raise wrong(
                "law",
                "最高奖超过 50000 元。",
                "《规范促销行为暂行规定》：抽奖式有奖销售最高奖不得超过五万元。",
                ("deck",),
            )
        return self

    @model_validator(mode="after")
    def _round_fits(self) -> "Campaign":
        if self.round == "event":
            for key in ("starts", "ends"):
                if getattr(self, key) is not None:
                    text = f"event 活动的时间由计划里的 draw 步骤定，不写 {key}。"
                    raise wrong("value", text, f"请删掉 {key}，或改成 round: standing。", (key,))
        elif self.shared:
            text = "standing 本来就是各社群共用一副牌。"
            raise wrong("value", text, "请删掉 shared。", ("shared",))
        if self.starts and self.ends and self.starts > self.ends:
            raise wrong("value", "结束日期早于开始日期。", at=("ends",))
        return self

    @model_validator(mode="after")
    def _mode_fits(self) -> "Campaign":
        if self.mode == "instant":
            if self.public_value:
                text = "当场抽的活动不用公开值。"
                hint = "请删掉 public_value，或写 mode: entrants。"
                raise wrong("value", text, hint, ("public_value",))
            return self
        if not self.public_value.strip():
            text = "没有说定用哪个公开值开奖。"
            hint = "请写 public_value，例如 2026-11-27 双色球第 2026136 期红球。"
            raise wrong("value", text, hint, ("mode",))
        if self.round == "standing" and self.ends is None:
            raise wrong("value", "报名没有截止日期。", "请写 ends。", ("mode",))
        if self.chances != Chances():
            raise wrong("value", "报名开奖每人一次。", "请删掉 chances。", ("chances",))
        if self.price:
            text = "报名开奖不是人人中奖，不能收积分。"
            raise wrong("value", text, "请删掉 condition 里的 points。", ("condition", "points"))
        return self


class Pool(Strict):
    """A budget from which game rewards are paid (奖池)."""

    unspoken: ClassVar[str] = "只有游戏步骤用奖池，那一步的章包括它。"

    pool: Name = Field(description="奖池名，游戏的 rewards 用它引用")
    title: str = Field(min_length=1, max_length=40, description="奖池标题")
    prize: str = Field(default="游戏红包", min_length=1, max_length=40, description="奖品名称")
    budget_fen: Fen = Field(alias="budget", description="总预算（元），用完即止")
    payable_after: int = Field(default=5, ge=0, le=60, description="中奖后几个工作日发奖")
