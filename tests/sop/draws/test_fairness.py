"""100,000 simulated draws of each kind: nobody and no card is favoured.

The seeds are counted, so each run is the same. The bounds are the 99.9 % quantiles of the
chi-square distribution: a fair program passes each of these with p > 0.001.
"""

from collections import Counter
from collections.abc import Hashable, Iterable

from sop.draws.deck import DeckLine, build
from sop.draws.entrants import order
from sop.draws.verify import verify
from tests.evidence_files import entrants, instant

CARDS = [DeckLine("cash", f"红包 {number}", number, 0, 1) for number in range(10)]
CODES = [f"{number:016x}" for number in range(10)]
DRAWS = 100_000
NINE_DEGREES = 27.88
EIGHTY_ONE_DEGREES = 126.08
NINETEEN_DEGREES = 43.82


def seed(number: int) -> bytes:
    return number.to_bytes(32, "big")


def chi_square(seen: Iterable[Hashable], cells: int) -> float:
    """How far these are from falling into every cell alike."""
    counts = Counter(seen)
    expected = counts.total() / cells
    missing = (cells - len(counts)) * expected
    return missing + sum((one - expected) ** 2 / expected for one in counts.values())


def test_first_card_is_each_card_alike() -> None:
    firsts = (build(CARDS, seed(number))[0].amount_fen for number in range(DRAWS))
    assert chi_square(firsts, 10) < NINE_DEGREES


def test_every_place_of_a_deck_holds_each_card_alike() -> None:
    places = [
        (place, card.amount_fen)
        for number in range(DRAWS // 10)
        for place, card in enumerate(build(CARDS, seed(number)))
    ]
    # Rows and columns are both fixed: 9 × 9 degrees of freedom; the statistic is scaled to it.
    assert chi_square(places, 100) * 9 / 10 < EIGHTY_ONE_DEGREES


def test_large_prizes_are_spread_over_the_deck_alike() -> None:
    cards = [DeckLine("cash", "大奖", 888, 0, 5), DeckLine("cash", "小奖", 88, 0, 95)]
    places = [
        place // 5
        for number in range(DRAWS // 5)
        for place, card in enumerate(build(cards, seed(number)))
        if card.amount_fen == 888
    ]
    assert len(places) == DRAWS
    assert chi_square(places, 20) < NINETEEN_DEGREES


def test_first_among_entrants_is_everybody_alike_over_values() -> None:
    winners = (order(seed(1), CODES, str(number))[0] for number in range(DRAWS))
    assert chi_square(winners, 10) < NINE_DEGREES


def test_first_among_entrants_is_everybody_alike_over_seeds() -> None:
    winners = (order(seed(number), CODES, "3 11 17")[0] for number in range(DRAWS))
    assert chi_square(winners, 10) < NINE_DEGREES


def test_every_draw_of_a_season_is_rebuilt_from_evidence() -> None:
    """A year of weekly rounds in eight communities, half of them decided by a public value."""
    cards = [
        DeckLine("cash", "红包 8.88 元", 888, 0, 1),
        DeckLine("coupon", "咖啡券", 1500, 0, 5),
        DeckLine("points", "积分 20", 0, 20, 44),
    ]
    drawn = 0
    for number in range(52 * 8):
        members = [f"wm{(number * 7 + one) % 900:03}" for one in range(number % 60)]
        make = entrants if number % 2 else instant
        value = make(members, cards=cards, seed=seed(number))
        assert verify(value) == []
        drawn += sum(entry["type"] == "draw" for entry in value["log"])
    assert drawn == 11_875
