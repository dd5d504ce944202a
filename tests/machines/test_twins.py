"""The machine catches banks that are broken on purpose: one that cannot fail proves nothing.

Told the few steps, it catches each at once; in the long run it has to find them by itself.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from sop import eligibility
from storage import coupons, decks, draws, money, payouts, points
from storage.tables.money import Budget, Coupon
from storage.tables.play import Deck
from storage.tables.points import PointsWallet
from storage.types import table
from tests.machines.machine import LONG, Money

Patch = Callable[[pytest.MonkeyPatch], None]

SETTINGS = settings(
    max_examples=3000,
    stateful_step_count=40,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def forgets_the_day(patch: pytest.MonkeyPatch) -> None:
    """Chances are counted in the whole round only."""

    def left(campaign: Any, drawn: Any, today: Any) -> int:
        return max(campaign.chances.total - len(drawn), 0)

    patch.setattr(eligibility, "chances_left", left)


def counts_draws_only(patch: pytest.MonkeyPatch) -> None:
    """Takes a card whatever the log says that has grown since it was read."""
    deck = table(Deck)

    def move(tx: Connection, wish: Any, now: Any) -> Any:
        grown = update(deck).where(deck.c.id == wish.deck, deck.c.taken < deck.c.size)
        new = {"taken": deck.c.taken + 1, "head": wish.link.hash}
        row = grown.values(**new, log_length=deck.c.log_length + 1).returning(deck.c.campaign)
        return tx.execute(row).scalar_one()

    patch.setattr(draws, "_move", move)


def overspends(patch: pytest.MonkeyPatch) -> None:
    """Counts money without asking whether it is there."""
    budget = table(Budget)

    def commit(tx: Connection, source: str, amount_fen: int, budget_fen: int | None) -> None:
        new: dict[str, Any] = {"committed_fen": budget.c.committed_fen + amount_fen}
        if budget_fen is not None:
            new["budget_fen"] = budget_fen
        tx.execute(update(budget).where(budget.c.source == source).values(**new))

    patch.setattr(money, "_commit_money", commit)


def rejects_what_was_sent(patch: pytest.MonkeyPatch) -> None:
    """Takes money back that the payer may have paid."""
    sent = ("held", "due", "approved", "submitted")
    patch.setitem(payouts.MOVES, "reject", ("rejected", sent))


def returns_off_the_books(patch: pytest.MonkeyPatch) -> None:
    """Gives money back to the budget and writes no entry."""

    def give_back(tx: Connection, event: str, order_no: str, now: Any) -> None:
        row = money.get(tx, order_no)
        assert row is not None
        money.give_back(tx, row.source, row.deck, row.amount_fen, now)

    patch.setattr(payouts, "_return", give_back)


def keeps_what_was_not_drawn(patch: pytest.MonkeyPatch) -> None:
    """Leaves the money of a closed deck in the budget."""
    patch.setattr(decks.money, "release", lambda *given: 0)


def gives_a_code_twice(patch: pytest.MonkeyPatch) -> None:
    """Takes the oldest code, whosever it is."""
    coupon = table(Coupon)

    def reserve(tx: Connection, source: str, prize: str, order_no: str) -> None:
        mine = (coupon.c.source == source, coupon.c.prize == prize)
        oldest = select(coupon.c.code).where(*mine).order_by(coupon.c.number).limit(1)
        taken = update(coupon).where(*mine, coupon.c.code == oldest.scalar_subquery())
        tx.execute(taken.values(order_no=order_no))

    patch.setattr(coupons, "reserve", reserve)


def spends_on_credit(patch: pytest.MonkeyPatch) -> None:
    """Reads the balance nowhere, and stops at nothing."""
    wallet = table(PointsWallet)

    def spend(
        tx: Connection, member: str, community: str, worth: int, *given: Any, **more: Any
    ) -> bool:
        left = update(wallet).where(wallet.c.member == member)
        tx.execute(left.values(balance=wallet.c.balance - min(worth, points.balance(tx, member))))
        return True

    patch.setattr(points, "spend", spend)


def three_draws(machine: Money) -> None:
    machine.draw_again_and_again(machine.open_round("mixed", 30, 1), "wm1", 3)


def two_at_once(machine: Money) -> None:
    deck = machine.open_round("mixed", 30, 1)
    first = machine.read_before(deck, "wm1", "r1")
    machine.draw(deck, "wm2", "r1")
    machine.write_later(first)


def dear_reward(machine: Money) -> None:
    machine.reward("wm1", 700, 500, 1)


def late_rejection(machine: Money) -> None:
    order = machine.reward("wm1", 300, 500, 1)
    machine.night(0)
    machine.move_on(order, ["approve", "submit", "reject"], 1)


def rejection(machine: Money) -> None:
    machine.move_on(machine.reward("wm1", 300, 500, 1), ["reject"], 1)


def early_end(machine: Money) -> None:
    machine.close_early(machine.open_round("mixed", 30, 1))


def two_tickets(machine: Money) -> None:
    machine.redeem("wm1", 1, "r1")
    machine.redeem("wm2", 1, "r1")


def debt(machine: Money) -> None:
    machine.spend_points("wm3", 5, "undo", False)


TWINS: tuple[tuple[Patch, Callable[[Money], None]], ...] = (
    (forgets_the_day, three_draws),
    (counts_draws_only, two_at_once),
    (overspends, dear_reward),
    (rejects_what_was_sent, late_rejection),
    (returns_off_the_books, rejection),
    (keeps_what_was_not_drawn, early_end),
    (gives_a_code_twice, two_tickets),
    (spends_on_credit, debt),
)


def told(twin: Callable[[Money], None]) -> None:
    """The steps, with the books looked at before and after."""
    machine = Money()
    machine.something_to_begin_with()
    machine.books_are_right()
    twin(machine)
    machine.books_are_right()
    machine.teardown()


@pytest.mark.parametrize(("twin", "script"), TWINS, ids=lambda one: one.__name__)
def test_broken_twin_is_caught(
    twin: Patch, script: Callable[[Money], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(script)  # the bank itself passes
    twin(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError)):
        told(script)


if LONG:

    @pytest.mark.timeout(1800)
    @pytest.mark.parametrize("twin", [one for one, _ in TWINS], ids=lambda one: one.__name__)
    def test_broken_twin_is_found(twin: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
        twin(monkeypatch)
        with pytest.raises((AssertionError, IntegrityError)):
            run_state_machine_as_test(Money, settings=SETTINGS)
