"""What the tables of the constructed month need besides: ways in, standings, scores, group-send
tasks, private messages with links and variants, prizes given once more."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from sop.community import Community
from storage import spending
from storage.tables.assist_tasks import AssistTask
from storage.tables.contacts import PrivateMessage
from storage.tables.customers import REPAIR_KINDS, Alias, GroupState, Repair
from storage.tables.gatherings import Gathering
from storage.tables.links import Click, Link
from storage.tables.money import Award, Payout
from storage.tables.onboarding import Arrival
from storage.tables.pieces import PIECE_STATUSES, GamePiece
from storage.tables.play import GameSession
from storage.tables.referrals import Relation
from storage.tables.standings import STAGES, VALUES, StandingChange
from storage.tables.work import Occurrence
from storage.types import order_number, table
from tests.month import DAY, LAST, MONDAY, ZONE, Month, midnight, put

CHANNELS = ("", "branch", "lobby", "spring")


def more_of(tx: Connection, month: Month) -> None:
    """All of it, stored."""
    put(tx, Arrival, [_arrival(month, number) for number in range(len(month.stays) // 3)])
    put(tx, Relation, list(_relations(month)))
    put(tx, StandingChange, [_change(month) for _ in range(len(month.stays))])
    put(tx, Gathering, [_score(month, number) for number in range(40)])
    members = sorted({stay.member for stay in month.stays})
    put(tx, Alias, [_alias(member) for member in members if member.endswith("7")])
    put(tx, GroupState, [_group(one) for one in month.communities])
    put(tx, Repair, [_repair(month) for _ in range(300)])
    sessions = tx.execute(select(table(GameSession).c.id)).scalars().all()
    put(tx, GamePiece, [_piece(month, session) for session in sessions[:400]])
    _given_again(tx, month)
    spending.rebuild(tx)
    occurrence = table(Occurrence)
    query = select(occurrence).where(occurrence.c.day >= MONDAY - 30 * DAY)
    ran = tx.execute(query.order_by(occurrence.c.key)).mappings().all()
    put(tx, AssistTask, [_task(month, one) for one in ran if one["step"] != "fri-read"])
    _write(tx, month, [one for one in ran if one["step"] == "fri-read"])


def _arrival(month: Month, number: int) -> dict[str, Any]:
    stay, at = month.some_stay()
    by = f"rm{number}"  # one open arrival for each pair
    channel = month.random.choice(CHANNELS)
    return {"member": stay.member, "staff": by, "channel": channel, "at": at}


def _relations(month: Month) -> Iterator[dict[str, Any]]:
    for member in sorted({stay.member for stay in month.stays}):
        for staff in sorted(month.staff)[:2]:
            if month.random.random() < 0.3:
                _, at = month.some_stay()
                state = month.random.choice(CHANNELS)
                yield {"member": member, "staff": staff, "state": state, "since": at}


def _change(month: Month) -> dict[str, Any]:
    stay, at = month.some_stay()
    what, names = month.random.choice((("stage", STAGES), ("value", VALUES)))
    before, after = month.random.sample(names[:4], 2)
    return {
        "community": stay.community, "member": stay.member, "day": at.astimezone(ZONE).date(),
        "what": what, "before": before, "after": after,
    }  # fmt: skip


def _alias(member: str) -> dict[str, Any]:
    return {
        "old": f"old-{member}", "member": member, "by": "rm00", "reason": "换了微信",
        "at": midnight(LAST),
    }  # fmt: skip


def _group(one: Community) -> dict[str, Any]:
    """Some were dismissed: at a midnight, or in the middle of the week."""
    at = {"g002": midnight(MONDAY - 5 * DAY), "g004": midnight(MONDAY) + timedelta(hours=60)}
    return {"chat_id": one.chat_id, "community": one.id, "dismissed_at": at.get(one.id)}


def _repair(month: Month) -> dict[str, Any]:
    stay, at = month.some_stay()
    kind = month.random.choice(REPAIR_KINDS)
    groups = [*(one.chat_id for one in month.communities), "wr-unknown"]
    colleagues = [*sorted(month.staff), "rm-without-groups"]
    subject = month.random.choice(colleagues if kind.startswith("contact") else groups)
    return {"at": at, "kind": kind, "subject": subject, "member": stay.member, "detail": ""}


def _piece(month: Month, session: int) -> dict[str, Any]:
    stay, at = month.some_stay()
    until, minutes = at + timedelta(minutes=5), month.random.choice((1, 5, 9))
    return {
        "session": session, "community": stay.community,
        "owner": month.random.choice(sorted(month.staff)),
        "status": month.random.choice(PIECE_STATUSES), "text": "", "made_at": at,
        "until": until, "settled_at": at + timedelta(minutes=minutes),
    }  # fmt: skip


def _score(month: Month, number: int) -> dict[str, Any]:
    stay, at = month.some_stay()
    promoters, passives, detractors = (month.random.randrange(9) for _ in range(3))
    result = {
        "n": promoters + passives + detractors, "promoters": promoters, "detractors": detractors,
    }  # fmt: skip
    return {
        "community": stay.community, "kind": month.random.choice(("nps", "nps", "poll")),
        "occurrence": f"nps{number}", "options": {}, "phase": "closed", "seed": "0",
        "opened_at": at - DAY, "closes_at": at, "closed_at": at,
        "result": month.random.choice((result, result, {})),
    }  # fmt: skip


def _given_again(tx: Connection, month: Month) -> None:
    """Some prizes that came to nothing, and then some of these once more."""
    award, payout = table(Award), table(Payout)
    for chance in (0.5, 0.3):
        query = (
            select(award, payout.c.finished_at)
            .join(payout, payout.c.order_no == award.c.order_no)
            .where(payout.c.status.in_(("expired", "rejected")), award.c.key.not_like("points/%"))
            .where(award.c.order_no.not_in(select(award.c.replaces).where(
                award.c.replaces.is_not(None))))
            .order_by(award.c.order_no)
        )  # fmt: skip
        awards, payouts = [], []
        for row in tx.execute(query).mappings().all():
            if month.random.random() > chance:
                continue
            key = f"reissue/{row['order_no']}"
            order, at = order_number(key), row["finished_at"]
            fields = ("source", "community", "member", "prize", "amount_fen", "payable_on", "deck")
            again = {name: row[name] for name in fields}
            replaces = {"key": key, "order_no": order, "replaces": row["order_no"]}
            awards.append(again | replaces | {"won_at": at})
            ended = month.instant(at, midnight(LAST) + 2 * DAY)
            status = month.random.choice(("paid", "expired", "due"))
            payouts.append(
                {
                    "order_no": order, "community": row["community"], "status": status,
                    "amount_fen": row["amount_fen"],
                    "payable_on": row["payable_on"], "updated_at": ended,
                    "finished_at": None if status == "due" else ended,
                }
            )  # fmt: skip
        put(tx, Award, awards)
        put(tx, Payout, payouts)


def _task(month: Month, ran: RowMapping) -> dict[str, Any]:
    random = month.random
    return {
        "occurrence": ran["key"], "community": ran["community"], "owner": "rm00", "title": "话术",
        "way": "task", "status": random.choice(("sent", "sent", "capped", "expired", "skipped")),
        "due_at": ran["due_at"], "window_ends_at": ran["window_ends_at"],
        "ends_at": ran["window_ends_at"], "on_time": random.choice((None, True, False)),
        "capped": random.random() < 0.2,
    }  # fmt: skip


def _write(tx: Connection, month: Month, ran: list[RowMapping]) -> None:
    """Private messages of a step to members, and the links that some open."""
    random = month.random
    members: dict[str, list[str]] = {}
    for stay in month.stays:
        members.setdefault(stay.community, []).append(stay.member)
    sent, links, clicks = [], [], []
    for one in ran:
        key, community = one["key"], one["community"]
        chosen = sorted(set(random.sample(members[community], min(9, len(members[community])))))
        for number, member in enumerate(chosen):
            at = one["due_at"] + timedelta(hours=random.choice((0, 5, 80, 200)))
            variant = random.choice(("甲", "乙", ""))
            sent.append({"member": member, "occurrence": key, "at": at, "variant": variant})
            if community.endswith("7"):  # this step has no links here
                continue
            token = f"{key}/{number}"
            links.append(
                {
                    "token": token, "url": "https://example.com/", "community": community,
                    "member": member, "occurrence": key, "name": "a", "made_at": at,
                    "expires_at": at + 30 * DAY,
                }
            )  # fmt: skip
            if random.random() < 0.5:
                clicked = at + timedelta(hours=random.choice((0, 24, 70, 96, 150)))
                clicks.append(
                    {
                        "link": token, "community": community, "at": clicked,
                        "member": None if random.random() < 0.1 else member,
                        "day": clicked.astimezone(ZONE).date(), "counted": random.random() < 0.9,
                    }
                )  # fmt: skip
    put(tx, PrivateMessage, sent)
    put(tx, Link, links)
    put(tx, Click, clicks)
