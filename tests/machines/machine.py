"""The machine: people do things in any order, and after each of them the books must be right."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from sqlalchemy import Connection

from sop import effects as does
from sop.effects import Effect
from storage import payouts
from storage.deck_values import AlreadyDrawn, AlreadyEntered, CardGone, DeckClosed, LogMoved
from storage.money import NoCouponLeft, OverBudget
from storage.payouts import IllegalMove
from storage.points import NotEnough
from storage.types import order_number
from tests.house import FIRST
from tests.machines.bank import COLLEAGUE, MEMBERS, REISSUE, STRANGER, Bank
from tests.machines.books import check, proven
from tests.machines.effects import answered, follow
from tests.machines.model import ZONE, Deck, Model, Points, Prize

LONG = os.environ.get("QUNYUN_FAULTS") == "long"
TOO_LATE = (AlreadyDrawn, AlreadyEntered, CardGone, DeckClosed, LogMoved, NoCouponLeft, NotEnough)
CAMPAIGNS = ("mixed", "priced", "lots")
people = st.sampled_from(MEMBERS)
anybody = st.sampled_from((*MEMBERS, STRANGER, COLLEAGUE))
requests = st.sampled_from(("r1", "r2", "r3", "r4"))
moves = st.sampled_from(
    ("approve", "submit", "unknown", "paid", "failed", "hand_out", "found_paid", "reject", "expire")
)
steps = Counter[str]()
"""How often each rule ran in this process."""


@cache
def the_bank() -> Bank:
    """Made once; every run begins by emptying it."""
    return Bank()


class Money(RuleBasedStateMachine):
    """Campaigns, decks, ledger, payouts, points and coupons."""

    decks = Bundle("decks")
    orders = Bundle("orders")
    stale = Bundle("stale")

    def __init__(self) -> None:
        super().__init__()
        self.bank = the_bank()
        self.bank.reset()
        self.model = Model()
        self.rounds: set[tuple[str, str]] = set()
        self.numbers = 0

    @property
    def today(self) -> date:
        return self.bank.now.astimezone(ZONE).date()

    def _next(self) -> int:
        self.numbers += 1
        return self.numbers

    # --- rounds ------------------------------------------------------------------------------

    @initialize()
    def something_to_begin_with(self) -> None:
        self._give("wm1", 20)
        self._give("wm2", 9)
        for source in ("mixed", "lots", "points/shop"):
            self.bring_coupons(source, 2)

    @rule(
        target=decks,
        campaign=st.sampled_from(CAMPAIGNS),
        hours=st.integers(1, 60),
        luck=st.integers(0, 99),
    )
    def open_round(self, campaign: str, hours: int, luck: int) -> Any:
        steps["open"] += 1
        name = (campaign, self.today.isoformat())
        length = timedelta(hours=hours)
        opened = self.bank.open_round(campaign, length, luck)
        assert (opened is None) == (name in self.rounds)
        if opened is None:
            return multiple()
        self.rounds.add(name)
        written = self.bank.library.campaigns[campaign]
        number = len(self.model.decks) + 1
        cards = [(kind, prize, fen, points) for kind, prize, fen, points in opened.cards["cards"]]
        assert Counter(cards) == Counter(
            {
                (one.kind, one.prize, one.amount_fen, one.points or 0): one.count
                for one in written.deck
            }
        )
        self.model.opened(
            Deck(
                number,
                campaign,
                written.mode,
                written.chances.total,
                written.chances.per_day,
                written.price,
                written.budget_fen,
                cards,
                self.bank.now + length,
            )
        )
        return number

    @rule(target=orders, deck=decks, member=anybody, request=requests)
    def draw(self, deck: int, member: str, request: str) -> Any:
        steps["draw"] += 1
        expected = self._answer(member, deck, request)
        effects = self.bank.draw(member, deck, request)
        assert answered(effects) == expected.replace("again", "refused")
        return multiple(*self._happened(effects))

    @rule(target=orders, deck=decks, member=people, times=st.integers(2, 5))
    def draw_again_and_again(self, deck: int, member: str, times: int) -> Any:
        """Chances are what is asked for most."""
        won: list[str] = []
        for _ in range(times):
            steps["draw"] += 1
            request = f"n{self._next()}"
            expected = self._answer(member, deck, request)
            effects = self.bank.draw(member, deck, request)
            assert answered(effects) == expected
            won += self._happened(effects)
        return multiple(*won)

    def _answer(self, member: str, deck: int, request: str) -> str:
        if member not in MEMBERS:
            return "refused"
        return self.model.answer_to_wish(member, deck, request, self.bank.now)

    def _happened(self, effects: list[Effect]) -> list[str]:
        return follow(self.model, effects, self._last_day())

    def _last_day(self) -> date | None:
        return self.bank.library.points["shop"].last_day(self.today)

    @rule(target=stale, deck=decks, member=people, request=requests)
    def read_before(self, deck: int, member: str, request: str) -> Any:
        """Somebody else will be quicker: what the core says now is done later."""
        steps["read before"] += 1
        effects = self.bank.wish(member, deck, request)
        if answered(effects) not in ("taken", "entered"):
            return multiple()
        return effects, deck, member, self.model.decks[deck].links

    @rule(target=orders, read=consumes(stale))
    def write_later(self, read: tuple[list[Effect], int, str, int]) -> Any:
        """It is done only if it still fits."""
        steps["write later"] += 1
        effects, deck, member, links = read
        fits = self._still_fits(effects, self.model.decks[deck], member, links)
        with self._refused(TOO_LATE, not fits):
            self.bank.effect(*effects)
        return multiple(*(self._happened(effects) if fits else ()))

    def _still_fits(self, effects: list[Effect], deck: Deck, member: str, links: int) -> bool:
        if not deck.takes_wishes(self.bank.now):
            return False
        if deck.mode == "entrants":
            return member not in deck.entrants
        if deck.links != links or self.model.balance(member) < deck.price:
            return False
        (request,) = (one.request for one in effects if isinstance(one, does.TakeCard))
        if any(one.request == request for one in deck.of(member)):
            return False
        kind = deck.cards[len(deck.drawn)][0]
        return kind != "coupon" or self.model.free_codes(deck.campaign) > 0

    @rule(deck=decks)
    def close_early(self, deck: int) -> None:
        if self.model.decks[deck].closed:
            return
        steps["close"] += 1
        self.bank.close(deck)
        self.model.close(deck)

    @rule(target=orders, deck=decks, value=st.sampled_from(("03 11 17", "红球 7", "——", "x")))
    def decide(self, deck: int, value: str) -> Any:
        if self.model.decks[deck].mode != "entrants" or self.model.decks[deck].closed:
            return multiple()
        steps["decide"] += 1
        expected = self.model.can_decide(deck, value) and value != "——"
        effects = self.bank.decide(deck, value)
        assert (effects is not None) == expected
        return multiple(*self._happened(effects or []))

    @rule(hours=st.sampled_from((1, 5, 14, 24, 80)))
    def time_passes(self, hours: int) -> None:
        steps["time"] += 1
        self.bank.now += timedelta(hours=hours)
        self.bank.wake_decks()
        self.model.wake(self.bank.now)

    # --- money -------------------------------------------------------------------------------

    @rule(days=st.sampled_from((0, 1, 4, 31)))
    def night(self, days: int) -> None:
        steps["night"] += 1
        self.bank.now += timedelta(days=days)
        self.bank.night()
        self.model.night(self.bank.now)

    @rule(
        target=orders,
        member=people,
        fen=st.integers(1, 700),
        budget=st.sampled_from((500, 1000, 2000)),
        key=st.integers(1, 12),
    )
    def reward(self, member: str, fen: int, budget: int, key: int) -> Any:
        """A game pays from a pool whose file may have been edited; keys come again."""
        steps["reward"] += 1
        name = f"game/{key}"
        expected = self.model.reward(order_number(name), member, fen, budget, self.today)
        effect = does.Reward("p", FIRST, member, fen, "红包", budget, self.today.isoformat(), name)
        with self._refused((OverBudget,), expected == "over"):
            self.bank.effect(effect)
        return order_number(name) if expected == "new" else multiple()

    @rule(order=orders, moves=st.lists(moves, min_size=1, max_size=4), odd=st.integers(0, 9))
    def move_on(self, order: str, moves: list[str], odd: int) -> None:
        """People and payer move a payout on, or try to; now and then with another amount."""
        for move in moves:
            self._try(order, move, wrong=move == "approve" and odd == 0)
            self.books_are_right()

    @rule(order=orders, ends=st.sampled_from(("paid", "failed", "unknown", "hand_out", "reject")))
    def pay(self, order: str, ends: str) -> None:
        """The usual way, from the day on which it falls due."""
        self.night(0)
        for move in ("approve", "submit", ends):
            self._try(order, move)

    def _try(self, order: str, move: str, *, wrong: bool = False) -> None:
        prize = self.model.prizes[order]
        if move in ("submit", "found_paid") and prize.kind != "cash":
            return
        steps[move] += 1
        legal = self.model.may_move(order, move) and not wrong
        with self._refused((IllegalMove,), not legal):
            self._move(move, order, prize.fen + wrong)
        if legal:
            self.model.move(order, move, self.bank.now)

    def _move(self, move: str, order: str, fen: int) -> None:
        now = self.bank.now
        effects: dict[str, Effect] = {
            "approve": does.ApprovePayout(order, fen, "wang"),
            "reject": does.RejectPayout(order, "wang", "核对不上"),
            "hand_out": does.HandOutPrize(order, "li"),
        }
        works: dict[str, Callable[[Connection], None]] = {
            "submit": lambda tx: payouts.submit(tx, order, now, now),
            "unknown": lambda tx: payouts.unknown(tx, order, "超时", now, now),
            "paid": lambda tx: payouts.paid(tx, order, "回执", now),
            "failed": lambda tx: payouts.failed(tx, order, "退回", now),
            "found_paid": lambda tx: payouts.found_paid(tx, order, "回执", now),
            "expire": lambda tx: payouts.expire(tx, order, "过期", now),
        }
        if move in effects:
            self.bank.effect(effects[move])
        else:
            self.bank.act(works[move])

    @rule(order=orders, member=people)
    def claim(self, order: str, member: str) -> None:
        if self.model.prizes[order].kind != "coupon":
            return
        steps["claim"] += 1
        expected = self.model.may_claim(member, order, self.bank.now)
        assert self.bank.claim(member, order) == expected
        if expected:
            self.model.move(order, "hand_out", self.bank.now)

    @rule(target=orders, order=orders)
    def reissue(self, order: str) -> Any:
        if self.model.prizes[order].status not in ("failed", "expired", "rejected", "due"):
            return multiple()
        steps["reissue"] += 1
        new = order_number(f"reissue/{order}")
        expected = self.model.reissue(order, new, self.bank.now, REISSUE)
        refusals = {"illegal": IllegalMove, "over": OverBudget, "coupons": NoCouponLeft}
        refusal = refusals.get(expected)
        with self._refused((refusal,) if refusal else (), refusal is not None):
            self.bank.effect(does.ReissuePayout(order, "li", "补发"))
        return new if refusal is None else multiple()

    @precondition(lambda self: len(self.model.prizes) > 3)
    @rule(member=people)
    def forfeit(self, member: str) -> None:
        steps["forfeit"] += 1
        assert self.bank.forfeit(member) == self.model.forfeit(member, self.bank.now)

    # --- coupons and points ------------------------------------------------------------------

    @rule(source=st.sampled_from(("mixed", "lots", "points/shop")), count=st.integers(1, 3))
    def bring_coupons(self, source: str, count: int) -> None:
        steps["bring"] += 1
        codes = [f"C{self._next()}" for _ in range(count)]
        if count == 3:
            codes.append("TWICE")
        assert self.bank.bring_coupons(source, codes) == self.model.bring(source, codes)

    @rule(member=people, worth=st.integers(1, 9), again=st.booleans())
    def give_points(self, member: str, worth: int, again: bool) -> None:
        steps["give"] += 1
        if again and self.model.entries:
            key = self.model.entries[-1].key
            self.bank.effect(does.GivePoints(member, FIRST, worth, "manual", "补", key))
            return
        self._give(member, worth)

    def _give(self, member: str, worth: int) -> None:
        key = f"give/{self._next()}"
        self.model.change(Points(key, member, worth, "manual", self._last_day()))
        self.bank.effect(does.GivePoints(member, FIRST, worth, "manual", "加分", key))

    @rule(
        member=people,
        worth=st.integers(1, 12),
        kind=st.sampled_from(("expired", "undo")),
        again=st.booleans(),
    )
    def spend_points(self, member: str, worth: int, kind: str, again: bool) -> None:
        steps["spend"] += 1
        key = f"spend/{self._next()}"
        if again and self.model.entries:
            key = self.model.entries[-1].key
        allowed = self.model.change(Points(key, member, -worth, kind, None))
        with self._refused((NotEnough,), not allowed):
            self.bank.effect(does.SpendPoints(member, FIRST, worth, kind, "扣", key))

    @rule(target=orders, member=people, number=st.sampled_from((1, 2)), request=requests)
    def redeem(self, member: str, number: int, request: str) -> Any:
        steps["redeem"] += 1
        program = self.bank.library.points["shop"]
        item = program.item(number)
        assert item is not None
        key = f"redeem/shop/{member}/{request}"
        expected = self.model.may_redeem(
            member, number, key, item.points, item.stock, item.each, self.bank.now
        )
        done = self.bank.redeem(member, number, request)
        assert (done is not None) == expected
        if done is None:
            return multiple()
        value, order = item.value_fen, order_number(key)
        from_day, until = map(date.fromisoformat, (done.payable_on, done.claim_by))
        what = ("points/shop", member, item.item, item.kind, value, 0, "held", from_day, until)
        prize = Prize(order, *what)
        self.model.redeem(prize, number, item.points, key, program.budget_fen, self.bank.now)
        return prize.order

    @contextmanager
    def _refused(self, kinds: tuple[type[Exception], ...], wanted: bool) -> Iterator[None]:
        """The block is refused in one of these ways, or not at all."""
        try:
            yield
        except kinds:
            assert wanted
            return
        assert not wanted

    # --- what always holds -------------------------------------------------------------------

    @invariant()
    def books_are_right(self) -> None:
        steps["steps"] += 1
        self.bank.act(lambda tx: check(tx, self.model))

    def teardown(self) -> None:
        self.bank.act(lambda tx: proven(tx, self.model))
