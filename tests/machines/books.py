"""What always holds: the books of the bank against the model, and against themselves."""

from collections import Counter

from sqlalchemy import Connection

from bot.evidence import evidence_of
from sop.draws.verify import verify
from storage import decks, ledger, money
from tests.machines import read
from tests.machines.bank import MEMBERS
from tests.machines.model import OPEN, Model


def check(tx: Connection, model: Model) -> None:
    """Everything that must hold after every step."""
    assert ledger.broken(tx) == []
    _budgets(tx, model)
    _prizes(tx, model)
    _decks(tx, model)
    _points(tx, model)
    expected = sorted((source, *code) for source, codes in model.coupons.items() for code in codes)
    assert read.coupons(tx) == expected


def _budgets(tx: Connection, model: Model) -> None:
    lines = {
        one.source: (one.budget_fen, one.committed_fen, one.settled_fen, one.returned_fen)
        for one in money.budget_lines(tx)
    }
    wanted = {
        source: (one.budget, one.committed, one.settled, one.returned)
        for source, one in model.budgets.items()
    }
    assert lines == {source: one for source, one in wanted.items() if source in lines}
    assert all(one == (0, 0, 0, 0) for source, one in wanted.items() if source not in lines)
    accounts = ledger.balances(tx)
    assert sum(accounts.values()) == 0
    for source, (budget, committed, settled, returned) in lines.items():
        assert committed - returned <= budget
        assert settled + returned <= committed
        assert accounts.get(f"budget/{source}", 0) == budget - committed + returned
    prizes = model.prizes.values()
    assert accounts.get("owed", 0) == sum(one.fen for one in prizes if one.status in OPEN)
    assert accounts.get("paid", 0) == sum(one.fen for one in prizes if one.status == "paid")


def _prizes(tx: Connection, model: Model) -> None:
    expected = sorted(
        (
            one.order,
            one.source,
            one.member,
            one.name,
            one.kind,
            one.fen,
            one.points,
            one.status,
            one.payable_on,
            one.claim_by,
        )
        for one in model.prizes.values()
    )
    assert read.prizes(tx) == expected


def _decks(tx: Connection, model: Model) -> None:
    every = model.decks.values()
    assert read.decks(tx) == [
        (one.id, len(one.drawn), one.links, one.closed, one.frozen) for one in every
    ]
    assert read.draws(tx) == [
        (deck.id, place, one.member, one.number, one.day, one.request)
        for deck in every
        for place, one in enumerate(deck.drawn)
    ]
    assert read.entrants(tx) == [(one.id, who) for one in every for who in sorted(one.entrants)]
    for deck in every:
        often = Counter(one.member for one in deck.drawn)
        assert max(often.values(), default=0) <= deck.total
        if deck.per_day is not None:
            days = Counter((one.member, one.day) for one in deck.drawn)
            assert max(days.values(), default=0) <= deck.per_day


def _points(tx: Connection, model: Model) -> None:
    assert read.entries(tx) == [
        (one.key, one.member, one.points, one.kind, one.expires_on)
        for one in sorted(model.entries, key=lambda one: one.key)
    ]
    wallets = read.wallets(tx)
    assert wallets == {one: model.balance(one) for one in wallets}
    assert all(model.balance(one) == wallets.get(one, 0) >= 0 for one in MEMBERS)


def proven(tx: Connection, model: Model) -> None:
    """A stranger finds nothing wrong with any closed deck."""
    for deck in model.decks.values():
        if deck.closed:
            row = decks.get(tx, deck.id)
            assert row is not None
            assert verify(evidence_of(tx, row)) == []
