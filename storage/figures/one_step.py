"""One step of a plan over some weeks: what became of it in every community, and who did something
in what it opened: a round, a deck, a call, private messages."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, and_, or_, select

from storage import merging
from storage.figures import work
from storage.figures.money import POOLS
from storage.figures.work import Ran
from storage.tables.assist_tasks import AssistTask
from storage.tables.contacts import PrivateMessage
from storage.tables.gatherings import Gathering, Reply
from storage.tables.links import Click, Link
from storage.tables.money import Award, Payout
from storage.tables.people import Community, Membership
from storage.tables.play import Deck, Draw, Entrant, GameSession, Player
from storage.tables.work import Occurrence
from storage.types import table

_AWARD = table(Award)
_CLICK = table(Click)
_COMMUNITY = table(Community)
_DECK = table(Deck)
_DRAW = table(Draw)
_ENTRANT = table(Entrant)
_GATHERING = table(Gathering)
_LINK = table(Link)
_OCCURRENCE = table(Occurrence)
_PAYOUT = table(Payout)
_PLAYER = table(Player)
_REPLY = table(Reply)
_SENT = table(PrivateMessage)
_SESSION = table(GameSession)
_STAY = table(Membership)
_TASK = table(AssistTask)

_DAY = timedelta(days=1)
_AT_ONCE = 500
"""Values to a query: a database takes only so many parameters."""

Sets = dict[str, set[str]]
"""Members by occurrence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows count."""

    tx: Connection
    communities: tuple[str, ...]
    zone: ZoneInfo
    staff: frozenset[str]
    """Left out wherever persons are counted."""
    plan: str
    step: str
    campaign: str | None
    """Whose deck the step opens; None: none."""
    replies_since: datetime
    """Calls that were closed before it may have lost their replies."""


@dataclass(frozen=True, slots=True)
class Run:
    """The step on one day in one community."""

    key: str
    ran: Ran
    status: str
    reason: str
    planned_for: datetime
    ran_at: datetime | None
    confirmed_at: datetime | None
    task: str | None
    """`storage.tables.assist_tasks` status of what the RM was to send; None: nothing."""
    task_on_time: bool | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Took:
    """Who did something, by what and by occurrence. An occurrence is missing where nothing of the
    kind was opened, or where it is not known any more."""

    by: Mapping[str, Sets]
    """`written`, `opened`, `answered`, `played`, `entered`, `drew`, `paid`."""

    def of(self, which: str, keys: Iterable[str]) -> set[str] | None:
        """Distinct members over some occurrences; None where none is known."""
        sets = self.by.get(which, {})
        known = [sets[key] for key in keys if key in sets]
        return set().union(*known) if known else None


def runs(asked: Asked, since: date, until: date) -> list[Run]:
    """The occurrences of the days from `since` to before `until`, in the order of the days. What
    still waits is not among them."""
    row = _OCCURRENCE.c
    query = (
        select(_OCCURRENCE, _COMMUNITY.c.mode, _TASK.c.status, _TASK.c.on_time, _TASK.c.sent_at)
        .outerjoin(_COMMUNITY, _COMMUNITY.c.id == row.community)
        .outerjoin(_TASK, _TASK.c.occurrence == row.key)
        .where(
            row.community.in_(asked.communities),
            row.day >= since,
            row.day < until,
            row.plan == asked.plan,
            row.step == asked.step,
            row.phase == "run",
            row.status != "planned",
        )
        .order_by(row.day, row.planned_for, row.community)
    )
    return [
        Run(
            one[row.key],
            work.judged(one),
            one[row.status],
            one[row.reason],
            one[row.planned_for],
            one[row.ran_at],
            one[row.confirmed_at],
            one[_TASK.c.status],
            one[_TASK.c.on_time],
            one[_TASK.c.sent_at],
        )
        for one in asked.tx.execute(query).mappings()
    ]


def took_part(asked: Asked, runs: Sequence[Run]) -> Took:
    """Who did something in these occurrences; prizes count as paid as soon as they are."""
    keys = [one.key for one in runs]
    played, sessions = _played(asked, keys)
    entered, drew, decks = _drawn(asked, runs)
    by = {
        "written": _written(asked, keys),
        "opened": _opened(asked, keys),
        "answered": _answered(asked, keys),
        "played": played,
        "entered": entered,
        "drew": drew,
    }
    by["paid"] = {key: set[str]() for key in drew} | _paid(asked, sessions, decks)
    return Took({which: sets for which, sets in by.items() if sets})


def there(asked: Asked, places: Mapping[date, Collection[str]]) -> dict[tuple[str, date], set[str]]:
    """Who was in a community at some time of a local day, for each of these days and
    communities. Stays are read once for all days."""
    if not places:
        return {}
    bounds = {day: (_midnight(asked, day), _midnight(asked, day + _DAY)) for day in places}
    query = select(_STAY.c.community, _STAY.c.member, _STAY.c.joined_at, _STAY.c.left_at).where(
        _STAY.c.community.in_(sorted(set().union(*places.values()))),
        _STAY.c.joined_at < max(end for _, end in bounds.values()),
        or_(
            _STAY.c.left_at.is_(None), _STAY.c.left_at >= min(start for start, _ in bounds.values())
        ),
    )
    found: dict[tuple[str, date], set[str]] = {
        (community, day): set() for day, communities in places.items() for community in communities
    }
    for community, member, joined_at, left_at in asked.tx.execute(query):
        if member in asked.staff:
            continue
        for day, (start, end) in bounds.items():
            inside = joined_at < end and (left_at is None or left_at >= start)
            if inside and (community, day) in found:
                found[community, day].add(member)
    return found


def _midnight(asked: Asked, day: date) -> datetime:
    return datetime.combine(day, time(), asked.zone).astimezone(UTC)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _sets(asked: Asked, query: Select[str, str | None], key: str, keys: Sequence[str]) -> Sets:
    """(occurrence, member) as sets; a row without a member says only that there was something."""
    found: Sets = {}
    column = query.selected_columns[key]
    for some in _chunks(keys):
        for occurrence, member in asked.tx.execute(query.where(column.in_(some))):
            there = found.setdefault(occurrence, set())
            if member is not None and member not in asked.staff:
                there.add(member)
    return found


def _written(asked: Asked, keys: Sequence[str]) -> Sets:
    return _sets(asked, select(_SENT.c.occurrence, _SENT.c.member), "occurrence", keys)


def _opened(asked: Asked, keys: Sequence[str]) -> Sets:
    """Who opened a personal link: only there it is known whose it was."""
    clicked = and_(_CLICK.c.link == _LINK.c.token, _CLICK.c.counted)
    query = (
        select(_LINK.c.occurrence, _CLICK.c.member)
        .join_from(_LINK, _CLICK, clicked, isouter=True)
        .where(_LINK.c.member.is_not(None))
    )
    return _sets(asked, query, "occurrence", keys)


def _answered(asked: Asked, keys: Sequence[str]) -> Sets:
    """Replies are erased a while after their call has closed: then nothing is known."""
    replied = _REPLY.c.gathering == _GATHERING.c.id
    query = (
        select(_GATHERING.c.occurrence, _REPLY.c.member)
        .join_from(_GATHERING, _REPLY, replied, isouter=True)
        .where(
            or_(
                _GATHERING.c.closed_at.is_(None),
                _GATHERING.c.closed_at > asked.replies_since,
                _REPLY.c.member.is_not(None),
            )
        )
    )
    return _sets(asked, query, "occurrence", keys)


def _played(asked: Asked, keys: Sequence[str]) -> tuple[Sets, dict[int, str]]:
    """The players, and the occurrence of each round."""
    sessions: dict[int, str] = {}
    of = select(_SESSION.c.id, _SESSION.c.occurrence).where(
        _SESSION.c.community.in_(asked.communities)
    )
    for some in _chunks(keys):
        rows = asked.tx.execute(of.where(_SESSION.c.occurrence.in_(some)))
        sessions |= {id: occurrence for id, occurrence in rows if occurrence is not None}
    found: Sets = {one: set() for one in sessions.values()}
    ids = sorted(sessions)
    for start in range(0, len(ids), _AT_ONCE):
        query = select(_PLAYER.c.session, _PLAYER.c.member).where(
            _PLAYER.c.session.in_(ids[start : start + _AT_ONCE])
        )
        for session, member in asked.tx.execute(query):
            if member not in asked.staff:
                found[sessions[session]].add(member)
    return found, sessions


def _drawn(asked: Asked, runs: Sequence[Run]) -> tuple[Sets, Sets, dict[int, str]]:
    """Who entered and who drew, and the local day of each deck."""
    days = sorted({one.ran.day.isoformat() for one in runs})
    if asked.campaign is None or not days:
        return {}, {}, {}
    query = select(_DECK.c.id, _DECK.c.round, _DECK.c.mode).where(
        _DECK.c.campaign == asked.campaign,
        _DECK.c.round.in_(days),
        or_(_DECK.c.community == "", _DECK.c.community.in_(asked.communities)),
    )
    decks = asked.tx.execute(query).all()
    day_of = {id: day for id, day, _ in decks}
    done = [one for one in runs if one.ran.executed]
    opened = {one.key for one in done if one.ran.day.isoformat() in day_of.values()}
    lots = {day for _, day, mode in decks if mode == "entrants"}
    whose = merging.aliases(asked.tx)
    drew: Sets = {key: set() for key in opened}
    entered: Sets = {one.key: set() for one in done if one.ran.day.isoformat() in lots}
    for model, sets in ((_DRAW, drew), (_ENTRANT, entered)):
        rows = select(model.c.deck, model.c.community, model.c.member).where(
            model.c.deck.in_(sorted(day_of)), model.c.community.in_(asked.communities)
        )
        for deck, community, member in asked.tx.execute(rows):
            key = f"{asked.plan}/{asked.step}/{day_of[deck]}/{community}"
            if key in sets and member not in asked.staff:
                sets[key].add(whose.get(member, member))
    return entered, drew, day_of


def _paid(asked: Asked, sessions: Mapping[int, str], decks: Mapping[int, str]) -> Sets:
    """Whose prize has arrived, of rounds and decks; the award's key names them:
    `game/<session>/<member>`, `draw/<deck>/<member>/<number>`."""
    if not sessions and not decks:
        return {}
    since = min(_day_of(one) for one in (*sessions.values(), *decks.values()))
    query = (
        select(_AWARD.c.key, _AWARD.c.community, _AWARD.c.member, _PAYOUT.c.status)
        .join(_PAYOUT, _PAYOUT.c.order_no == _AWARD.c.order_no)
        .where(
            _AWARD.c.community.in_(asked.communities),
            or_(_AWARD.c.source == (asked.campaign or ""), _AWARD.c.source.like(POOLS)),
            _AWARD.c.won_at >= _midnight(asked, since),
        )
    )
    whose = merging.aliases(asked.tx)
    found: Sets = {}
    for key, community, member, status in asked.tx.execute(query):
        kind, _, rest = key.partition("/")
        number = rest.partition("/")[0]
        id = int(number) if number.isdigit() else 0
        occurrence = sessions.get(id) if kind == "game" else None
        if kind == "draw" and id in decks:
            occurrence = f"{asked.plan}/{asked.step}/{decks[id]}/{community}"
        if occurrence is not None and member not in asked.staff:
            there = found.setdefault(occurrence, set())
            there |= {whose.get(member, member)} if status == "paid" else set()
    return found


def _day_of(occurrence: str) -> date:
    """The day of `plan/step/day/community`, or of a deck's round."""
    *_, day = occurrence.split("/")[:3]
    return date.fromisoformat(day)
