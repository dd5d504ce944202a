"""Answers to the core's questions about where members stand (`sop.standing_ports`), from rows;
and what conditions look at, as windows of instants and local days."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.facts_links import intent_span
from sop import standing
from sop.answers import LETTERS
from sop.community import Community, Member, Staff, is_staff
from sop.conditions import Conditions, Times
from sop.standing_ports import Deeds, Kept, Measured, Standing
from sop.summary.weeks import midnight
from storage import measures, occurrences, selection, standings

_DAY = timedelta(days=1)


class SqlStandingFacts:
    """One transaction's view."""

    def __init__(
        self,
        tx: Connection,
        communities: Mapping[str, Community],
        staff: Mapping[str, Staff],
    ) -> None:
        self._tx = tx
        self._communities = communities
        self._staff = staff

    def of(self, community: str, member: str) -> Standing | None:
        row = standings.of(self._tx, community, member)
        if row is None:
            return None
        zone = self._communities[community].zone
        night = occurrences.watermark(self._tx, f"standings/{community}")
        day = night.astimezone(zone).date() if night else row.day
        return standing.standing(_kept(row), day)

    def measured(self, member: Member, conditions: Conditions, now: datetime) -> Measured:
        zone = self._communities[member.community].zone
        asked = wanted(conditions, now, zone)
        found = measures.measure(self._tx, member.community, member.id, asked, now)
        return Measured(
            joined_at=member.joined_at,
            last_action=found.last_action,
            active_days=found.active_days,
            did=found.did,
            played=found.played,
            answered_right=found.right,
            answered=found.answered,
            clicked=found.clicked,
            channel=found.channel,
            written_at=found.written_at,
            reacted=found.reacted,
            stage=found.stage,
            value=found.value,
            rfm=found.rfm,
        )

    def holds(self, community: str, member: str, conditions: Conditions, now: datetime) -> bool:
        asked = wanted(conditions, now, self._communities[community].zone)
        return selection.holds(self._tx, community, member, asked)

    def kept(self, community: str) -> Mapping[str, Kept]:
        return {row.member: _kept(row) for row in standings.kept(self._tx, community)}

    def joined(self, community: str) -> Mapping[str, date]:
        zone = self._communities[community].zone
        stays = selection.choose(self._tx, community, selection.Wanted())
        return {
            one.member: one.joined_at.astimezone(zone).date()
            for one in stays
            if not is_staff(self._staff, one.member)
        }

    def deeds(
        self, community: str, first: date, last: date, members: Collection[str] | None = None
    ) -> Mapping[str, Deeds]:
        found = standings.deeds(
            self._tx, community, first, last, standing.WEIGHTS, standing.MOST_A_DAY, members
        )
        return {member: Deeds(*one) for member, one in found.items()}


def wanted(conditions: Conditions, now: datetime, zone: ZoneInfo) -> selection.Wanted:
    """Durations before now as instants, and as local days where days are counted."""

    def before(length: timedelta | None) -> datetime | None:
        return None if length is None else now - length

    def first_day(length: timedelta) -> date:
        return (now - length).astimezone(zone).date() + _DAY

    def often(asked: Times | None, name: str | None) -> selection.Often | None:
        if asked is None:
            return None
        since = midnight(first_day(asked.within), zone)
        return selection.Often(since, asked.least, asked.at_most, name)

    played, clicked = conditions.played, conditions.clicked
    days, right, rfm = conditions.active_days, conditions.answered_right, conditions.rfm
    return selection.Wanted(
        joined_since=before(conditions.joined_within),
        joined_until=before(conditions.joined_before),
        active_since=before(conditions.active_within),
        silent_since=before(conditions.silent_for),
        active_days=None if days is None else (first_day(days.within), days.at_least, days.at_most),
        did=tuple(
            (one.action, first_day(one.within), one.least, one.at_most) for one in conditions.did
        ),
        played=often(played, played.game if played else None),
        right=None if right is None else (first_day(right.within), right.least, right.at_most),
        survey=_chose(conditions),
        clicked=often(clicked, clicked.link if clicked else None),
        intent=selection.Intends(tuple(conditions.intent), intent_span(now))
        if conditions.intent
        else None,
        written=_written(conditions, now),
        channels=tuple(conditions.channel),
        stands=selection.Stands(
            tuple(conditions.lifecycle),
            midnight(now.astimezone(zone).date() - standing.NEWCOMER_DAYS * _DAY, zone),
        )
        if conditions.lifecycle
        else None,
        values=tuple(conditions.value),
        rfm=None if rfm is None else (rfm.r, rfm.f, rfm.m),
        tags=tuple(conditions.tags),
        without_tags=tuple(conditions.without_tags),
    )


def _chose(conditions: Conditions) -> selection.Chose | None:
    asked = conditions.survey
    if asked is None:
        return None
    choices = tuple(LETTERS.index(letter) for letter in asked.answer)
    return selection.Chose(asked.step, asked.question - 1, choices)


def _written(conditions: Conditions, now: datetime) -> selection.WrittenTo | None:
    asked = conditions.written
    if asked is None:
        return None
    until = None if asked.before is None else now - asked.before
    return selection.WrittenTo(asked.step, until, now - asked.within, asked.reacted)


def _kept(row: standings.StandingRow) -> Kept:
    return Kept(
        row.stage,
        row.stage_since,
        row.r,
        row.f,
        row.m,
        row.value,
        row.joined_on,
        row.last_on,
        row.days,
        row.weight,
        row.day,
    )
