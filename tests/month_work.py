"""Games, prizes, payouts, planned steps and follow-ups of the constructed month."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from storage.tables.money import PAYOUT_STATUSES, Award, Budget, Payout
from storage.tables.people import FollowUp
from storage.tables.play import Card, Deck, Draw, GameSession, Player
from storage.tables.work import Occurrence
from storage.types import order_number
from tests.month import DAY, FIRST, LAST, MONDAY, ZONE, Month, Size, midnight, put

GAMES = ("quiz", "dice", "lyrics", "guess-number")
POOLS = ("pool/games", "pool/extra")
COUPONS = "points/shop"
SHARED = "autumn"
"""A campaign whose deck all communities share."""
STEPS = (
    ("welcome-week", "mon-hello", 0, 9),
    ("welcome-week", "tue-dice", 1, 19),
    ("welcome-week", "thu-quiz", 3, 19),
    ("care", "fri-read", 4, 10),
    ("care", "sun-report", 6, 23),
)
FOLLOWED = (
    ("rule", "rule/quiet"),
    ("step", "care/fri-read/2026-11-20"),
    ("step", "gathering/9"),
    ("command", "command"),
    ("link", "link"),
)
"""Where a follow-up comes from, and how its key begins."""
_ENDED = frozenset({"paid", "failed", "expired", "rejected"})


def work_of(tx: Connection, month: Month, size: Size) -> None:
    """All of it, stored."""
    games = _games(tx, month, size.groups * 20)
    awards = _decks(tx, month, size.members) + _rewards(month, games, size.members)
    _pay(tx, month, awards)
    put(tx, Occurrence, [row for one in month.communities for row in _occurrences(month, one.id)])
    put(tx, FollowUp, [_follow_up(month, number) for number in range(size.members // 3)])


def _games(tx: Connection, month: Month, number: int) -> list[tuple[int, str, datetime]]:
    """Rounds, and who took part: some only after midnight, in the next week."""
    rounds: list[tuple[int, str, datetime]] = []
    sessions, players = [], []
    stays_of: dict[str, list[str]] = {}
    for stay in month.stays:
        stays_of.setdefault(stay.community, []).append(stay.member)
    for id in range(1, number + 1):
        stay, at = month.some_stay()
        rounds.append((id, stay.community, at))
        sessions.append(
            {
                "id": id,
                "community": stay.community,
                "game": month.random.choice(GAMES),
                "options": {},
                "state": {},
                "seed": "00",
                "status": "finished",
                "started_at": at,
                "occurrence": month.random.choice(
                    (None, f"care/play/2026-11-20/{id}", f"care/more/2026-11-20/{id}")
                ),
                "finished_at": at + timedelta(minutes=30),
                "winners": [],
            }
        )
        members = stays_of[stay.community]
        for member in set(month.random.choices(members, k=month.random.randint(0, 9))):
            late = timedelta(minutes=month.random.choice((0, 1, 15, 600)))
            players.append(
                {"session": id, "member": member, "community": stay.community, "at": at + late}
            )
    put(tx, GameSession, sessions)
    put(tx, Player, players)
    return rounds


def _decks(tx: Connection, month: Month, draws: int) -> list[dict[str, Any]]:
    """A shared deck; of every third community two decks, one closed long ago."""
    decks: list[tuple[int, str, str, datetime, datetime | None]] = [
        (1, SHARED, "", midnight(FIRST), None)
    ]
    for place in month.communities[::3]:
        opened = month.instant(midnight(FIRST), midnight(MONDAY + 8 * DAY))
        closed = month.random.choice((None, opened + month.random.randint(1, 40) * DAY))
        decks.append((len(decks) + 1, f"c{len(decks) % 4}", place.id, opened, closed))
        early = midnight(FIRST) - 20 * DAY
        decks.append((len(decks) + 1, "c-old", place.id, early, midnight(MONDAY)))
    put(tx, Deck, [_deck(*one) for one in decks])
    cards, rows, awards = [], [], []
    taken: dict[int, int] = {}
    numbers: dict[tuple[int, str], int] = {}
    for _ in range(draws):
        stay, at = month.some_stay()
        here = [one for one in decks if one[2] in ("", stay.community) and one[3] <= at]
        if not here:
            continue
        deck, campaign, _, _, closed = month.random.choice(here)
        if closed is not None and at >= closed:
            continue
        position = taken[deck] = taken.get(deck, 0) + 1
        member = month.id_then(stay.member)
        number = numbers[deck, member] = numbers.get((deck, member), 0) + 1
        fen = month.random.choice((0, 88, 188, 888))
        cards.append({"deck": deck, "position": position, "prize": "红包", "amount_fen": fen})
        rows.append(
            {
                "deck": deck, "position": position, "community": stay.community,
                "member": member, "drawn_at": at, "number": number,
                "day": at.astimezone(ZONE).date(), "code": f"{deck}-{position}", "receipt": "0",
            }
        )  # fmt: skip
        if fen:
            key = f"draw/{deck}/{member}/{number}"
            award = _award(key, campaign, stay.community, member, fen, at)
            awards.append(award | {"deck": deck})
    put(tx, Card, cards)
    put(tx, Draw, rows)
    return awards


def _deck(
    id: int, campaign: str, community: str, opened: datetime, closed: datetime | None
) -> dict[str, Any]:
    return {
        "id": id, "campaign": campaign, "round": str(id), "community": community,
        "size": 100_000, "taken": 0, "sum_fen": 0, "budget_fen": 100_000 + id, "seed": "0",
        "commitment": "0", "rules_hash": "0", "rules": {}, "payable_after": 0,
        "opened_at": opened, "closed_at": closed,
    }  # fmt: skip


def _rewards(
    month: Month, games: list[tuple[int, str, datetime]], number: int
) -> list[dict[str, Any]]:
    """Prizes of rounds, from pools; and vouchers bought with points."""
    awards = {}
    for count in range(number):
        id, community, at = month.random.choice(games)
        stay, _ = month.some_stay()
        if count % 7 == 0:
            award = _award(f"points/{count}", COUPONS, stay.community, stay.member, 500, at)
        else:
            late = timedelta(minutes=month.random.choice((5, 29, 600)))
            source = POOLS[count % 2]
            key = f"game/{id}/{stay.member}"
            award = _award(key, source, community, stay.member, count % 90 + 10, at + late)
        awards[award["key"]] = award
    return list(awards.values())


def _award(
    key: str, source: str, community: str, member: str, fen: int, at: datetime
) -> dict[str, Any]:
    return {
        "order_no": order_number(key), "key": key, "source": source, "community": community,
        "member": member, "prize": "红包", "amount_fen": fen, "payable_on": at.date(),
        "won_at": at, "deck": 0,
    }  # fmt: skip


def _pay(tx: Connection, month: Month, awards: list[dict[str, Any]]) -> None:
    put(tx, Award, awards)
    payouts = []
    for award in awards:
        status = month.random.choice((*PAYOUT_STATUSES, "paid", "paid", "paid"))
        ended = month.instant(award["won_at"], midnight(LAST) + DAY)
        payouts.append(
            {
                "order_no": award["order_no"], "community": award["community"],
                "status": status,
                "amount_fen": award["amount_fen"], "payable_on": award["payable_on"],
                "finished_at": ended if status in _ENDED else None, "updated_at": ended,
            }
        )  # fmt: skip
    put(tx, Payout, payouts)
    sources = sorted({award["source"] for award in awards})
    put(tx, Budget, [{"source": one, "budget_fen": 900_000 + n} for n, one in enumerate(sources)])


def _occurrences(month: Month, community: str) -> list[dict[str, Any]]:
    """Every step of every week, however it ended."""
    days = [FIRST + n * DAY for n in range((LAST - FIRST).days)]
    return [
        _occurrence(month, community, plan, step, day, hour)
        for day in days
        for plan, step, weekday, hour in STEPS
        if day.weekday() == weekday and month.random.random() < 0.9
    ]


def _occurrence(
    month: Month, community: str, plan: str, step: str, day: date, hour: int
) -> dict[str, Any]:
    random = month.random
    planned = midnight(day) + timedelta(hours=hour)
    due = planned + random.choice((timedelta(), timedelta(), timedelta(hours=1)))
    ends = due + timedelta(minutes=30)
    status = random.choice(("done",) * 8 + ("skipped", "skipped", "asked", "failed", "planned"))
    ran = due + timedelta(minutes=random.choice((0, 1, 30, 31, 90)))
    has_run = status in ("done", "skipped") and random.random() < 0.95
    key = f"{plan}/{step}/{day}/{community}"
    return {
        "key": key, "identity": key, "plan": plan, "step": step, "day": day,
        "community": community, "phase": random.choice(("run",) * 9 + ("listed",)),
        "planned_for": planned, "due_at": due, "window_ends_at": ends, "status": status,
        "changed_by": random.choice((None, None, "rm00")), "listed_at": midnight(day),
        "ran_at": ran if has_run or status == "done" else None,
        "confirmed_at": ran if status == "done" and random.random() < 0.6 else None,
        "variant": random.choice("ABC") if step == "tue-dice" else "",
    }  # fmt: skip


def _follow_up(month: Month, number: int) -> dict[str, Any]:
    random = month.random
    stay, at = month.some_stay()
    status = random.choice(("open", "done", "done", "dropped"))
    planned = at + random.choice((timedelta(), DAY, timedelta(microseconds=1)))
    done = planned + random.choice((-DAY, timedelta(), timedelta(hours=2), 6 * DAY))
    by = random.choice(("rm00", "system"))
    source, key = random.choice(FOLLOWED)
    return {
        "key": f"{key}/{number}", "source": source,
        "community": stay.community, "member": stay.member,
        "staff": random.choice(sorted(month.staff)), "reason": "沉默", "due_at": planned,
        "created_at": at, "planned_for": planned, "status": status,
        "done_at": None if status == "open" else done, "done_by": None if status == "open" else by,
    }  # fmt: skip
