"""What must come of it, told once more in plain Python: lists, sums, and nothing of the program.

Each method says what the bank should answer and, where that is a yes, remembers it. Amounts are
integers of fen.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
TO_TAKE = ("coupon", "gift")
OPEN = ("held", "due", "approved", "submitted", "unknown", "failed")
GIVEN_UP = ("failed", "expired", "rejected")
FAILED_WAITS = timedelta(days=30)
LEGAL = {
    "approve": {"due"},
    "reject": {"held", "due", "approved"},
    "submit": {"approved"},
    "unknown": {"submitted", "unknown"},
    "paid": {"submitted", "unknown"},
    "failed": {"submitted", "unknown"},
    "hand_out": {"approved"},
    "found_paid": {"held", "due", "approved", "submitted", "unknown", "failed"},
    "expire": {"held", "due", "approved", "failed"},
}
ENDS = {
    "approve": "approved",
    "reject": "rejected",
    "submit": "submitted",
    "unknown": "unknown",
    "paid": "paid",
    "failed": "failed",
    "hand_out": "paid",
    "found_paid": "paid",
    "expire": "expired",
}


@dataclass
class Prize:
    """An award."""

    order: str
    source: str
    member: str
    name: str
    kind: str
    fen: int
    points: int
    status: str
    payable_on: date
    claim_by: date | None = None
    failed_at: datetime | None = None
    again: bool = False
    """Given once more already."""


@dataclass
class Drawn:
    """A card that a member took."""

    member: str
    number: int
    day: date
    request: str | None


@dataclass
class Deck:
    """A round."""

    id: int
    campaign: str
    mode: str
    total: int
    per_day: int | None
    price: int
    budget: int
    cards: list[tuple[str, str, int, int]]
    """(kind, prize, fen, points) in drawing order."""
    closes_at: datetime
    drawn: list[Drawn] = field(default_factory=list)
    entrants: set[str] = field(default_factory=set)
    frozen: bool = False
    closed: bool = False
    links: int = 0
    """Entries of the log."""

    def takes_wishes(self, now: datetime) -> bool:
        return not self.closed and not self.frozen and now < self.closes_at

    def of(self, member: str) -> list[Drawn]:
        return [one for one in self.drawn if one.member == member]


@dataclass
class Budget:
    """A source of money."""

    budget: int = 0
    committed: int = 0
    settled: int = 0
    returned: int = 0

    @property
    def free(self) -> int:
        return self.budget - self.committed + self.returned


@dataclass
class Points:
    """An entry of a wallet."""

    key: str
    member: str
    points: int
    kind: str
    expires_on: date | None


class Model:
    """The whole bank."""

    def __init__(self) -> None:
        self.decks: dict[int, Deck] = {}
        self.budgets: dict[str, Budget] = defaultdict(Budget)
        self.prizes: dict[str, Prize] = {}
        self.coupons: dict[str, list[list[str | None]]] = defaultdict(list)
        """By source: [code, order number], in the order of import."""
        self.entries: list[Points] = []
        self.redeemed: list[tuple[str, int, datetime]] = []

    # decks

    def opened(self, deck: Deck) -> None:
        self.decks[deck.id] = deck
        self.budgets[deck.campaign].budget += deck.budget

    def answer_to_wish(self, member: str, deck: int, request: str, now: datetime) -> str:
        """taken, entered, again, or refused."""
        one = self.decks[deck]
        if any(drawn.request == request for drawn in one.of(member)):
            return "again"
        if not one.takes_wishes(now):
            return "refused"
        if one.mode == "entrants":
            return "refused" if member in one.entrants else "entered"
        mine, today = one.of(member), now.astimezone(ZONE).date()
        if len(mine) >= one.total or len(one.drawn) >= len(one.cards):
            return "refused"
        if one.per_day and sum(drawn.day == today for drawn in mine) >= one.per_day:
            return "refused"
        if self.balance(member) < one.price:
            return "refused"
        kind = one.cards[len(one.drawn)][0]
        if kind == "coupon" and not self.free_codes(one.campaign):
            return "refused"
        return "taken"

    def take(
        self,
        deck: int,
        member: str,
        order: str,
        payable_on: date,
        claim_by: date,
        day: date,
        request: str | None,
    ) -> None:
        """A member has the next card."""
        one = self.decks[deck]
        kind, name, fen, points = one.cards[len(one.drawn)]
        number = len(one.of(member)) + 1
        one.drawn.append(Drawn(member, number, day, request))
        one.links += 1
        prize = Prize(
            order, one.campaign, member, name, kind, fen, points, "held", payable_on, claim_by
        )
        self._award(prize)
        if one.price:
            self.entries.append(
                Points(f"price/{deck}/{member}/{number}", member, -one.price, "draw", None)
            )
        if one.mode == "instant" and len(one.drawn) == len(one.cards):
            self.close(deck)

    def freeze(self, deck: int) -> None:
        self.decks[deck].frozen = True
        self.decks[deck].links += 1

    def close(self, deck: int) -> None:
        """What was not drawn leaves the budget, as far as it is free."""
        one, source = self.decks[deck], self.budgets[self.decks[deck].campaign]
        one.closed = True
        one.links += 1
        drawn = sum(card[2] for card in one.cards[: len(one.drawn)])
        source.budget -= max(min(one.budget - drawn, source.free), 0)

    def wake(self, now: datetime) -> None:
        for one in self.decks.values():
            if one.closed or one.frozen or now < one.closes_at:
                continue
            if one.mode == "entrants" and one.entrants:
                self.freeze(one.id)
            else:
                self.close(one.id)

    def can_decide(self, deck: int, value: str) -> bool:
        one = self.decks[deck]
        if not one.frozen or one.closed or not any(char.isalnum() for char in value):
            return False
        won = one.cards[: len(one.entrants)]
        wanted = sum(card[0] == "coupon" for card in won)
        return wanted <= self.free_codes(one.campaign)

    # money

    def reward(self, order: str, member: str, fen: int, budget: int, payable_on: date) -> str:
        """new, again or over."""
        if order in self.prizes:
            return "again"
        source = self.budgets["pool/p"]
        if source.committed - source.returned + fen > budget:
            return "over"
        source.budget = budget
        self._award(Prize(order, "pool/p", member, "红包", "cash", fen, 0, "held", payable_on))
        return "new"

    def may_move(self, order: str, move: str) -> bool:
        prize = self.prizes[order]
        if move == "hand_out" and prize.kind not in TO_TAKE:
            return False
        return prize.status in LEGAL[move]

    def move(self, order: str, move: str, now: datetime) -> None:
        prize = self.prizes[order]
        prize.status = ENDS[move]
        source = self.budgets[prize.source]
        if prize.status == "paid":
            source.settled += prize.fen
        elif prize.status in ("rejected", "expired"):
            source.returned += prize.fen
            for code in self.coupons[prize.source]:
                if code[1] == order:
                    code[1] = None
        elif prize.status == "failed":
            prize.failed_at = now

    def night(self, now: datetime) -> None:
        today = now.astimezone(ZONE).date()
        for prize in self.prizes.values():
            if prize.status == "held" and prize.payable_on <= today:
                prize.status = "due"
        for order in list(self.prizes):
            prize = self.prizes[order]
            late = prize.kind in TO_TAKE and prize.claim_by is not None and prize.claim_by < today
            dead = prize.failed_at is not None and prize.failed_at < now - FAILED_WAITS
            if (late and prize.status in ("held", "due", "approved")) or (
                dead and prize.status == "failed"
            ):
                self.move(order, "expire", now)

    def may_claim(self, member: str, order: str, now: datetime) -> bool:
        prize = self.prizes[order]
        today = now.astimezone(ZONE).date()
        in_time = prize.claim_by is None or prize.claim_by >= today
        return (
            prize.member == member
            and prize.kind == "coupon"
            and prize.status == "approved"
            and in_time
        )

    def reissue(self, order: str, new: str, now: datetime, claim_within: timedelta) -> str:
        """new, illegal, over or coupons."""
        prize = self.prizes[order]
        if prize.status not in GIVEN_UP or prize.again:
            return "illegal"
        source = self.budgets[prize.source]
        freed = prize.fen if prize.status == "failed" else 0
        if source.free + freed < prize.fen:
            return "over"
        if prize.kind == "coupon" and not self.free_codes(prize.source):
            return "coupons"
        if prize.status == "failed":
            self.move(order, "expire", now)
        prize.again = True
        today = now.astimezone(ZONE).date()
        until = None if prize.claim_by is None else today + claim_within
        self._award(
            Prize(
                new,
                prize.source,
                prize.member,
                prize.name,
                prize.kind,
                prize.fen,
                prize.points,
                "held",
                today,
                until,
            )
        )
        self.prizes[new].status = "due"
        return "new"

    def forfeit(self, member: str, now: datetime) -> tuple[int, int]:
        """(given up, still on their way)."""
        mine = [one for one in self.prizes.values() if one.member == member]
        given_up = [one for one in mine if one.status in LEGAL["reject"]]
        for one in given_up:
            self.move(one.order, "reject", now)
        return len(given_up), sum(one.status in ("submitted", "unknown") for one in mine)

    def _award(self, prize: Prize) -> None:
        source = self.budgets[prize.source]
        source.committed += prize.fen
        if prize.kind == "coupon":
            next(code for code in self.coupons[prize.source] if code[1] is None)[1] = prize.order
        if prize.kind == "points":
            prize.status = "paid"
            source.settled += prize.fen
        self.prizes[prize.order] = prize

    # coupons and points

    def free_codes(self, source: str) -> int:
        return sum(order is None for _, order in self.coupons[source])

    def bring(self, source: str, codes: list[str]) -> list[str]:
        """Those that were there already; then nothing is taken in."""
        known = {code for code, _ in self.coupons[source]}
        twice = [one for one in codes if one in known]
        if not twice:
            self.coupons[source] += [[one, None] for one in codes]
        return twice

    def balance(self, member: str) -> int:
        return sum(one.points for one in self.entries if one.member == member)

    def change(self, entry: Points) -> bool:
        """Whether the wallet allows it; a known key changes nothing."""
        if any(one.key == entry.key for one in self.entries):
            return True
        if self.balance(entry.member) + entry.points < 0:
            return False
        self.entries.append(entry)
        return True

    def may_redeem(
        self,
        member: str,
        number: int,
        key: str,
        price: int,
        stock: int,
        each: int | None,
        now: datetime,
    ) -> bool:
        mine = [at for who, what, at in self.redeemed if (who, what) == (member, number)]
        if any(one.key == key for one in self.entries):
            return False
        if mine and now - max(mine) < timedelta(minutes=1):
            return False
        if each is not None and len(mine) >= each:
            return False
        gone = sum(what == number for _, what, _ in self.redeemed)
        if gone >= stock or self.balance(member) < price:
            return False
        return number != 1 or self.free_codes("points/shop") > 0

    def redeem(
        self, prize: Prize, number: int, price: int, key: str, budget: int, now: datetime
    ) -> None:
        self.redeemed.append((prize.member, number, now))
        self.entries.append(Points(key, prize.member, -price, "redeem", None))
        self.budgets[prize.source].budget = budget
        self._award(prize)
