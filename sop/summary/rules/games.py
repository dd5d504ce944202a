"""Games against the week before, and against each other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sop.summary.details import RoundFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.share import SMALLEST_GAP, Share
from sop.summary.step_names import short, weekday

_MOST_DAYS = 2


@dataclass(frozen=True, slots=True)
class _Game:
    title: str
    days: tuple[date, ...]
    times: int
    share: Share
    """Of the average time that it was played."""

    @property
    def named(self) -> str:
        """`周二掷骰子`."""
        days = "、".join(weekday(day) for day in self.days[:_MOST_DAYS])
        return (days if len(self.days) <= _MOST_DAYS else "") + short(self.title)

    @property
    def fraction(self) -> str:
        """`62/200`; of several times their mean."""
        several = "平均每次 " if self.times > 1 else ""
        return f"{several}{self.share.hits:,}/{self.share.of:,}"


def games(period: Period) -> Iterator[Finding]:
    """The worst beside the best, then every other game that clearly changed."""
    now, before = _by_game(period.details.rounds), _by_game(period.details_before.rounds)
    both = sorted(now.keys() & before.keys())
    # Every game against every other, and against itself a week ago.
    comparisons = len(now) * (len(now) - 1) // 2 + len(both)
    moved = [one for one in both if now[one].share.apart(before[one].share, comparisons)]
    best, pair = _best_and_worst(now, before, moved, comparisons)
    if pair is not None:
        yield pair
    for one in moved:
        if pair is None or one != best:
            yield _changed(now[one], before[one])


def _by_game(rounds: Iterable[RoundFigures]) -> dict[str, _Game]:
    """Each game as its average round: who plays twice a week is one person, not two."""
    found: dict[str, list[RoundFigures]] = defaultdict(list)
    for one in rounds:
        found[one.game].append(one)
    return {
        game: _Game(
            all_of[0].title,
            tuple(sorted({one.day for one in all_of})),
            len(all_of),
            Share(
                round(sum(one.players for one in all_of) / len(all_of)),
                round(sum(one.members for one in all_of) / len(all_of)),
            ),
        )
        for game, all_of in sorted(found.items())
    }


def _best_and_worst(
    now: Mapping[str, _Game], before: Mapping[str, _Game], moved: list[str], comparisons: int
) -> tuple[str, Finding | None]:
    if len(now) < 2:
        return "", None
    ranked = sorted(now, key=lambda one: (-now[one].share.value, one))
    best, worst = ranked[0], ranked[-1]
    low = now[worst].share
    better = [one for one in ranked if now[one].share.above(low, comparisons, SMALLEST_GAP)]
    if best not in better:
        return "", None
    change = f"，上周 {before[best].share.percent}" if best in moved else ""
    high = now[best].share
    return best, Finding(
        "games",
        65 + 10 * (high.value - low.value),
        f"{now[best].named}参与率 {high.percent}（{now[best].fraction}{change}），"
        f"{now[worst].named}只有 {low.percent}（{now[worst].fraction}）。",
        _swap(now[worst], [now[one] for one in better]),
    )


def _swap(worst: _Game, better: list[_Game]) -> str:
    """The second best in its place, since the best is played already; else the best once more."""
    day = f"下{weekday(worst.days[0])}建议"
    if len(better) == 1:
        return f"{day}也换成{short(better[0].title)}。"
    return f"{day}换成{short(better[1].title)}（本周 {better[1].share.percent}）。"


def _changed(now: _Game, before: _Game) -> Finding:
    rose = now.share.value > before.share.value
    return Finding(
        "games",
        (50 if rose else 60) + 10 * abs(now.share.value - before.share.value),
        f"{now.named}的参与率{'升到' if rose else '降到'} {now.share.percent}（{now.fraction}），"
        f"上周 {before.share.percent}。",
        "下周保留。" if rose else "下周换一批题目或换一种玩法再看。",
    )


RULE = games
