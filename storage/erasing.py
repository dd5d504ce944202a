"""Erases a member (个人信息保护法 第四十七条), and proves that it was done.

What only describes the member is deleted. What the law or other people need (draws, prizes,
points, coming and going) stays under a name drawn at random, which nothing maps back: logs and
ledgers hold no member's id, so their chains still verify. What mentions the member elsewhere is
blanked. `TREATED` says it for each table; a test holds that no table is forgotten.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Table, Text, cast, delete, insert, select, update

from storage import people, points
from storage.mentions import Mentions, blank_letters, mended
from storage.privacy import hash_of
from storage.rows import every, pick
from storage.tables import METADATA
from storage.tables.customers import Alias
from storage.tables.people import Member
from storage.tables.play import Deck, Entrant
from storage.tables.privacy import Erasure
from storage.types import table

NOBODY = "已注销成员"
"""The name under which legal records stay."""
_ALIAS = table(Alias)
_DECK = table(Deck)
_ENTRANT = table(Entrant)
_MEMBER = table(Member)
_ERASURE = table(Erasure)

Deed = Literal["deleted", "renamed", "cleared"]


@dataclass(frozen=True, slots=True)
class Treated:
    """What erasing does to the rows of one table."""

    table: str
    whose: tuple[str, ...] = ()
    """Columns that name the member."""
    deed: Deed = "deleted"
    """Of these rows: gone, kept under another name, or kept without any."""
    mentions: tuple[str, ...] = ()
    """Texts and JSON that may name the member: mended in these rows, or, where a table has none
    of its own, in every row that does."""
    blank: Mapping[str, str] | None = None
    """What these columns of renamed rows become."""


def _deleted(*names: str) -> tuple[Treated, ...]:
    return tuple(Treated(one, ("member",)) for one in names)


TREATED = (
    *_deleted("activity", "daily", "player", "reply", "tag", "follow_up", "private_message"),
    *_deleted("consent", "relation", "invitation", "opt_out", "noticed", "erasure_request"),
    *_deleted("archive_consent", "assist_receiver", "alias"),
    *_deleted("tag_mark", "tag_push", "remark_write", "right_answer"),
    *_deleted("standing", "standing_change", "arrival", "welcome", "gate_check", "lead"),
    Treated("link", ("member",), "cleared"),
    Treated("click", ("member",), "cleared"),
    Treated("membership", ("member",), "renamed", blank={"invitor": ""}),
    Treated("draw", ("member",), "renamed"),
    Treated("entrant", ("member",), "renamed"),
    Treated("award", ("member",), "renamed", ("key",)),
    Treated("points_wallet", ("member",), "renamed"),
    Treated("points_entry", ("member",), "renamed", ("key",), {"reason": ""}),
    Treated("redemption", ("member",), "renamed", ("key",)),
    Treated("referral", ("inviter", "invited"), "renamed", blank={"reason": ""}),
    Treated("repair", ("member",), "renamed", ("detail",)),
    Treated("payout", mentions=("reason", "flags")),
    Treated("audit", mentions=("actor", "subject", "detail", "undo")),
    Treated("game_session", mentions=("state", "winners", "reason")),
    Treated("game_piece", mentions=("text",)),
    Treated("gathering", mentions=("options", "result", "reason")),
    Treated("inbox", mentions=("dedup_key", "order_key", "event", "error")),
    Treated("outbox", mentions=("dedup_key", "target", "body", "order_key", "reason")),
    Treated("reconciliation", mentions=("differences",)),
)

IMPERSONAL = frozenset(
    {
        "archive_cursor",
        "asked_question",
        "assist_task",
        "budget",
        "card",
        "channel_way",
        "community",
        "corp_tag",
        "coupon",
        "deck",
        "deck_log",  # members stand in it under their codes
        "deck_request",
        "erasure",  # only a hash
        "group_state",
        "ledger",  # order numbers
        "member",  # its row goes at the end
        "occurrence",
        "paying",
        "points_item",
        "practice",  # invented members
        "review_stamp",
        "sending",
        "spending",
        "used_item",
        "watermark",
        "summary",  # sums; a colleague's name at most
        "summary_asked",
        "summary_told",
    }
)
"""Tables that say nothing about any one member."""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """One proof."""

    id: int
    at: datetime
    member_hash: str
    by: str
    reason: str
    counts: dict[str, int]
    proof: str


def erase(
    tx: Connection,
    member: str,
    shown: Collection[str],
    pseudonym: str,
    by: str,
    reason: str,
    now: datetime,
) -> ErasureRow:
    """Erases a member whose prizes are settled, and writes the proof down.

    `shown` are spellings of the name in messages. Does what concerns the database alone; the
    bytes are gone once `Database.scrub` was called.
    """
    counts: Counter[str] = Counter()
    # Each id has a name of its own: two of one person may both have drawn from a deck.
    for number, id in enumerate([member, *_earlier_ids(tx, member)]):
        name = f"{pseudonym}-{number}" if number else pseudonym
        counts += _forget(tx, Mentions(id, name, NOBODY, tuple(shown)), now)
    return _prove(tx, member, by, reason, dict(counts), now)


def _earlier_ids(tx: Connection, member: str) -> list[str]:
    query = select(_ALIAS.c.old).where(_ALIAS.c.member == member).order_by(_ALIAS.c.old)
    return list(tx.execute(query).scalars())


def _forget(tx: Connection, names: Mentions, now: datetime) -> "Counter[str]":
    counts: Counter[str] = Counter()
    for community in sorted(people.communities_of(tx, names.id)):
        people.depart(tx, community, names.id, now)
    if balance := points.balance(tx, names.id):
        key = f"closed/{names.pseudonym}"
        points.spend(tx, names.id, "", balance, "closed", "", key, now)
    tx.execute(insert(_MEMBER).values(id=names.pseudonym, name=NOBODY, first_seen=now))
    counts.update(blank_letters(tx, names))
    for one in TREATED:
        counts.update(_treat(tx, METADATA.tables[one.table], one, names))
    gone = tx.execute(delete(_MEMBER).where(_MEMBER.c.id == names.id)).rowcount
    counts["member: deleted"] += gone
    return +counts


def _treat(tx: Connection, place: Table, one: Treated, names: Mentions) -> dict[str, int]:
    counts = {}
    for column in one.whose:
        mine = place.c[column] == names.id
        if one.deed == "deleted":
            done = tx.execute(delete(place).where(mine)).rowcount
        else:
            value = names.pseudonym if one.deed == "renamed" else None
            done = tx.execute(
                update(place).where(mine).values({column: value} | dict(one.blank or {}))
            ).rowcount
        if done:
            counts[f"{one.table}.{column}: {one.deed}"] = done
    renamed = [place.c[column] == names.pseudonym for column in one.whose]
    if one.mentions and (done := mended(tx, place, one.mentions, names, renamed)):
        counts[f"{one.table}: mended"] = done
    return counts


def is_known(tx: Connection, member: str) -> bool:
    """Whether anything is kept about a member."""
    if tx.execute(select(_MEMBER.c.id).where(_MEMBER.c.id == member)).first() is not None:
        return True
    places = [(METADATA.tables[one.table], column) for one in TREATED for column in one.whose]
    return any(
        tx.execute(select(place.c[column]).where(place.c[column] == member).limit(1)).first()
        for place, column in places
    )


def awaits_draw(tx: Connection, member: str) -> bool:
    """Whether a member has entered a draw that is still to come: a prize could go to nobody."""
    query = (
        select(_ENTRANT.c.deck)
        .join(_DECK, _DECK.c.id == _ENTRANT.c.deck)
        .where(_ENTRANT.c.member == member, _DECK.c.closed_at.is_(None))
    )
    return tx.execute(query.limit(1)).first() is not None


def traces(tx: Connection, member: str) -> dict[str, int]:
    """In which columns, of all tables, a member's id is found; empty after erasing."""
    found = {}
    for name, place in METADATA.tables.items():
        for column in place.columns:
            if column.type.python_type not in (str, dict, list):
                continue
            there = cast(column, Text).contains(member, autoescape=True)
            rows = tx.execute(select(column).where(there)).scalars()
            names = Mentions(member, "", "", ())
            number = sum(names.in_text(str(one)) for one in rows)
            if number:
                found[f"{name}.{column.name}"] = number
    return found


def of(tx: Connection, member: str) -> list[ErasureRow]:
    """The proofs about a member, oldest first."""
    query = pick(_ERASURE, ErasureRow).where(_ERASURE.c.member_hash == hash_of(member))
    return every(tx, query.order_by(_ERASURE.c.id), ErasureRow)


def broken(tx: Connection) -> list[int]:
    """Numbers of the proofs that were changed, or whose predecessor was; empty when all is
    well."""
    previous, wrong = "", []
    for row in every(tx, pick(_ERASURE, ErasureRow).order_by(_ERASURE.c.id), ErasureRow):
        if row.proof != _proof(previous, row.at, row.member_hash, row.by, row.reason, row.counts):
            wrong.append(row.id)
        previous = row.proof
    return wrong


def _prove(
    tx: Connection, member: str, by: str, reason: str, counts: dict[str, int], now: datetime
) -> ErasureRow:
    last = select(_ERASURE.c.proof).order_by(_ERASURE.c.id.desc()).limit(1)
    previous = tx.execute(last).scalar() or ""
    member_hash = hash_of(member)
    proof = _proof(previous, now, member_hash, by, reason, counts)
    values: dict[str, Any] = {
        "at": now,
        "member_hash": member_hash,
        "by": by,
        "reason": reason,
        "counts": counts,
        "proof": proof,
    }
    id = tx.execute(insert(_ERASURE).values(values).returning(_ERASURE.c.id)).scalar_one()
    return ErasureRow(int(id), **values)


def _proof(
    previous: str, at: datetime, member_hash: str, by: str, reason: str, counts: Mapping[str, int]
) -> str:
    content = {
        "previous": previous,
        "at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        "member_hash": member_hash,
        "by": by,
        "reason": reason,
        "counts": dict(counts),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
