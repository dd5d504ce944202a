"""Campaigns, their decks, and the pools that pay for game rewards: YAML in `campaigns/`.

Amounts are written in yuan and kept in fen. A deck never costs more than its budget: the sum of
its cards is the largest possible cost, checked here before anything can be drawn.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sop.audience import AppliesTo
from sop.compliance.waiver import Waiver
from sop.model import Strict
from sop.money import yuan
from sop.times import Amounts, Duration, Fen, wrong

Name = Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=64)]
"""An identifier: letters, digits, `-`, `_`, `.`; no blanks, no slashes."""

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
    amount_fen: Fen = Field(alias="amount", description="金额（元）")
    count: int = Field(ge=1, le=100_000, description="张数")


class Condition(Strict):
    """What a member must have done before drawing. Never a purchase: the law forbids it."""

    played_within: Duration = Field(description="最近多久内玩过一局社群游戏，例如 7d")


class Campaign(Strict):
    """A lottery hook in which every card wins (抽奖活动)."""

    campaign: Name = Field(description="活动名，计划里用它引用")
    title: str = Field(min_length=1, max_length=40, description="活动标题")
    organiser: str = Field(min_length=1, description="主办方，公示用")
    applies_to: AppliesTo = Field(description="面向哪些社群")
    round: Literal["standing", "event"] = Field(
        description="standing：常设一期，各社群共用；event：由计划里的 draw 步骤按社群逐期开启"
    )
    keyword: str = Field(min_length=1, max_length=20, description="成员说什么就抽一次")
    condition: Condition | None = Field(default=None, description="先做什么才能抽")
    chances: Literal[1] = Field(default=1, description="每人每期的抽奖次数：一次")
    budget_fen: Fen = Field(alias="budget", description="每期预算（元）")
    deck: list[DeckCards] = Field(min_length=1, description="奖池：每张都中奖，总额不超过预算")
    payable_after: int = Field(ge=0, le=60, description="中奖后几个工作日发奖")
    opening: str = Field(min_length=1, description="开始时的公告正文")
    rules: list[str] = Field(min_length=1, description="活动规则，逐条公示；开始后不再改动")
    waive: list[Waiver] = Field(default=[], description="对合规检查的豁免，写明规则和理由")

    @property
    def deck_sum_fen(self) -> int:
        """The largest possible cost of one round, in fen."""
        return sum(cards.amount_fen * cards.count for cards in self.deck)

    @property
    def deck_size(self) -> int:
        """How many can draw in one round."""
        return sum(cards.count for cards in self.deck)

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


class Pool(Strict):
    """A budget from which game rewards are paid (奖池)."""

    pool: Name = Field(description="奖池名，游戏的 rewards 用它引用")
    title: str = Field(min_length=1, max_length=40, description="奖池标题")
    prize: str = Field(default="游戏红包", min_length=1, max_length=40, description="奖品名称")
    budget_fen: Fen = Field(alias="budget", description="总预算（元），用完即止")
    payable_after: int = Field(default=5, ge=0, le=60, description="中奖后几个工作日发奖")
