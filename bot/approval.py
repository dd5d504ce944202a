"""Payouts that wait for a person: put together by what paid for them, approved for exactly the
sum that was read, never by somebody concerned.

Who is concerned: the relationship manager of the winner's community, and whoever asked for a
prize to be given once more. Up to the threshold of config.yaml (`payouts: {approve_above: …}`)
anybody who may approve may approve.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sop.community import Role, Staff
from sop.effects import ApprovePayout, Button, Effect, Record, SettleCard, Tell
from sop.library import Library
from sop.money import yuan
from sop.prizes import prize_title
from storage.payout_rows import PayoutRow

APPROVERS = frozenset({Role.MANAGER, Role.ADMIN})
TAIL = 4
"""Last characters of an order number that name it in chat, where no other ends so."""
_MOST_FLAGGED = 10
_MOST_CARDS = 5
_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Payouts of one source that may be approved together."""

    source: str
    title: str
    rows: tuple[PayoutRow, ...]

    @property
    def fen(self) -> int:
        """Their sum."""
        return sum(row.amount_fen for row in self.rows)

    @property
    def digest(self) -> str:
        """Stands for exactly these orders and amounts."""
        lines = sorted(f"{row.order_no} {row.amount_fen}" for row in self.rows)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one person."""

    bundles: tuple[Bundle, ...]
    flagged: tuple[PayoutRow, ...]
    """To be approved one by one."""
    others: tuple[PayoutRow, ...]
    """Another person must approve these."""


def waiting(rows: Sequence[PayoutRow], staff: Staff, library: Library, above_fen: int) -> Waiting:
    """Sorts due payouts for one who may approve."""
    mine = [row for row in rows if not concerned(row, staff, above_fen)]
    others = tuple(row for row in rows if concerned(row, staff, above_fen))
    plain: dict[str, list[PayoutRow]] = {}
    for row in mine:
        if not row.flags:
            plain.setdefault(row.source, []).append(row)
    bundles = tuple(
        Bundle(source, title(source, library), tuple(ones)) for source, ones in plain.items()
    )
    return Waiting(bundles, tuple(row for row in mine if row.flags), others)


def concerned(row: PayoutRow, staff: Staff, above_fen: int) -> bool:
    """Whether another person must approve."""
    by_two = row.amount_fen > above_fen or above_fen == 0
    return row.requested_by == staff.id or (by_two and row.community in staff.communities)


def title(source: str, library: Library) -> str:
    """What people call a source."""
    kind, _, name = source.partition("/")
    if kind == "pool" and name in library.pools:
        return library.pools[name].title
    if kind == "points" and name in library.points:
        return library.points[name].title
    return library.campaigns[source].title if source in library.campaigns else source


def sources(typed: str, known: Iterable[str], library: Library) -> list[str]:
    """The sources that a word means: by id, with or without its kind, or by title."""
    word = typed.strip().casefold()
    return [
        one
        for one in sorted(set(known))
        if word
        in (one.casefold(), one.partition("/")[2].casefold(), title(one, library).casefold())
    ]


def fen_of(typed: str) -> int | None:
    """An amount as typed (`1,022.56`, `22.5 元`), in fen; None if it is none."""
    found = _AMOUNT.fullmatch(typed.strip().replace(",", "").replace("，", "").removesuffix("元"))
    if found is None:
        return None
    whole, part = found.groups()
    return int(whole) * 100 + int((part or "0").ljust(2, "0"))


def tail(row: PayoutRow) -> str:
    """How an order is named in chat."""
    return row.order_no[-TAIL:]


def summary(found: Waiting) -> list[str]:
    """What waits, a line each, with what to type."""
    lines = []
    titles = [one.title for one in found.bundles]
    for one in found.bundles:
        name = one.title if titles.count(one.title) == 1 else one.source
        typed = f"批准 {name} {yuan(one.fen).replace(',', '')}"
        lines.append(f"· {one.title}：{len(one.rows)} 笔，{yuan(one.fen)} 元　批准请发：{typed}")
    if found.flagged:
        lines.append(f"⚠️ {len(found.flagged)} 笔要逐笔看：")
    if found.others:
        total = yuan(sum(row.amount_fen for row in found.others))
        lines.append(f"另有 {len(found.others)} 笔（{total} 元）与您有关，要由另一位主管批准")
    return lines


def flagged_lines(rows: Sequence[PayoutRow], names: Sequence[str], library: Library) -> list[str]:
    """Payouts that a person must look at, each with why; `names` are their winners'."""
    lines = []
    for row, name in list(zip(rows, names, strict=True))[:_MOST_FLAGGED]:
        amount = yuan(row.amount_fen).replace(",", "")
        lines.append(
            f"· {name}　{title(row.source, library)}·{prize_title(row)}"
            f"　批准请发：批准 {tail(row)} {amount}"
        )
        lines += [f"> {reason}" for reason in row.flags.split("\n")]
    if len(rows) > _MOST_FLAGGED:
        lines.append(f"（只列出前 {_MOST_FLAGGED} 笔）")
    return lines


def cards(staff: Staff, found: Waiting) -> list[Effect]:
    """A card for each bundle, whose button approves exactly what it shows."""
    return [
        Tell(
            staff.id,
            f"{len(one.rows)} 笔，共 {yuan(one.fen)} 元。按下即批准，不能撤销。",
            title=f"批准发奖：{one.title}",
            buttons=(Button("批准", f"payout|approve|{one.source}|{one.digest}"),),
        )
        for one in found.bundles[:_MOST_CARDS]
    ]


def approve(rows: Sequence[PayoutRow], by: str) -> list[Effect]:
    """Approves these payouts, each for its amount, with one line for the audit."""
    total = yuan(sum(row.amount_fen for row in rows))
    source = rows[0].source if len({row.source for row in rows}) == 1 else "多个活动"
    subject = rows[0].order_no if len(rows) == 1 else source
    return [
        *(ApprovePayout(row.order_no, row.amount_fen, by) for row in rows),
        Record(by, "批准发奖", subject, f"{len(rows)} 笔，{total} 元"),
    ]


def pressed(
    rows: Sequence[PayoutRow], staff: Staff, library: Library, above_fen: int, shown: str
) -> list[Effect]:
    """The button of a card that showed a bundle: `<source>|<digest>`."""
    if not staff.roles & APPROVERS:
        return [SettleCard("您没有权限")]
    source, _, digest = shown.rpartition("|")
    for one in waiting(rows, staff, library, above_fen).bundles:
        if one.source == source:
            if one.digest != digest:
                return [SettleCard("名单已变，请重新发“批准”")]
            return [*approve(one.rows, staff.id), SettleCard(f"已批准 {yuan(one.fen)} 元")]
    return [SettleCard("已没有待批准的")]
