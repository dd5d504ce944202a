"""Answers to the core's questions (`sop.ports.Facts`), read inside the current transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.facts_assist import SqlAssistFacts
from bot.facts_decks import SqlDeckFacts
from bot.facts_follow_ups import SqlFollowUps
from bot.facts_links import SqlLinkFacts
from bot.facts_onboarding import SqlOnboardingFacts
from bot.facts_payouts import SqlPayoutFacts
from bot.facts_points import SqlPointsFacts
from bot.facts_privacy import SqlPrivacyFacts
from bot.facts_questions import SqlQuestionFacts
from bot.facts_referrals import SqlReferralFacts
from bot.facts_standings import SqlStandingFacts, wanted
from bot.links import Links
from bot.week import period
from sop.community import Community, Member, Role, Staff, accounts, is_staff
from sop.library import Library
from sop.play import pools_of
from sop.ports import (
    Contribution,
    GameSession,
    GatheringFacts,
    OccurrenceFacts,
    ReplyFacts,
)
from sop.segment import Conditions
from sop.summary.period import Period
from sop.summary.weeks import midnight
from sop.workdays import Workdays
from storage import (
    activity,
    assist_tasks,
    contacts,
    follow_ups,
    games,
    gatherings,
    lists,
    money,
    occurrences,
    people,
    relations,
    reviews,
    selection,
    tags,
)


class SqlFacts:
    """One transaction's view."""

    def __init__(
        self,
        tx: Connection,
        communities: Sequence[Community],
        staff: Mapping[str, Staff],
        workdays: Workdays,
        library: Library,
        links: Links | None,
        gated: bool = False,
        weeks_are_sent: bool = False,
    ) -> None:
        self._tx = tx
        self.weeks_are_sent = weeks_are_sent
        self.assist = SqlAssistFacts(tx)
        self.decks = SqlDeckFacts(tx)
        self.questions = SqlQuestionFacts(tx)
        self.links = SqlLinkFacts(tx, links)
        self.onboarding = SqlOnboardingFacts(tx, gated)
        self.payouts = SqlPayoutFacts(tx)
        self.points = SqlPointsFacts(tx, staff)
        self.privacy = SqlPrivacyFacts(tx)
        self.referrals = SqlReferralFacts(tx)
        self._links = links
        self._library = library
        self._communities = {one.id: one for one in communities}
        self.standings = SqlStandingFacts(tx, self._communities, staff)
        self.follow_ups = SqlFollowUps(tx, self._communities, staff)
        self._staff = staff
        self._workdays = workdays

    def communities(self) -> Sequence[Community]:
        paused = people.paused(self._tx)
        return [replace(one, paused=one.id in paused) for one in self._communities.values()]

    def community(self, community: str) -> Community | None:
        one = self._communities.get(community)
        return one and replace(one, paused=one.id in people.paused(self._tx))

    def community_of_chat(self, chat_id: str) -> Community | None:
        for one in self._communities.values():
            if one.chat_id == chat_id:
                return self.community(one.id)
        return None

    def page_link(self, community: str, now: datetime) -> str:
        return "" if self._links is None else self._links.link(community, now)

    def staff(self, userid: str) -> Staff | None:
        return self._staff.get(userid)

    def is_staff(self, person: str) -> bool:
        return is_staff(self._staff, person)

    def managers(self) -> Sequence[Staff]:
        return [one for one in self._staff.values() if Role.MANAGER in one.roles]

    def operators(self) -> Sequence[Staff]:
        return [one for one in self._staff.values() if Role.OPERATOR in one.roles]

    def reviewers(self) -> Sequence[Staff]:
        return [one for one in self._staff.values() if Role.REVIEWER in one.roles]

    def admins(self) -> Sequence[Staff]:
        return [one for one in self._staff.values() if Role.ADMIN in one.roles]

    def member(self, community: str, member: str) -> Member | None:
        row = people.membership(self._tx, community, member)
        if row is None:
            return None
        return _member(row)

    def communities_of(self, member: str) -> Collection[str]:
        return people.communities_of(self._tx, member) & self._communities.keys()

    def is_customer(self, member: str) -> bool:
        return relations.is_customer(self._tx, member)

    def find_members(self, communities: Sequence[str], name: str) -> Sequence[Member]:
        return [_member(row) for row in people.find(self._tx, communities, name, 10)]

    def member_count(self, community: str) -> int:
        return people.count_present(self._tx, community)

    def played_since(self, community: str, member: str, since: datetime) -> bool:
        return games.played_since(self._tx, community, member, since)

    def posts_on(self, community: str, day: date) -> int:
        return self._posts(community, day, day)

    def posts_in_month(self, community: str, day: date) -> int:
        first = day.replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        return self._posts(community, first, following - timedelta(days=1))

    def _posts(self, community: str, first: date, last: date) -> int:
        """Steps that ran, without those that are no message to the group."""
        ran = occurrences.ran(self._tx, community, first, last)
        return sum(n for (plan, step), n in ran.items() if self._posts_in(community, plan, step))

    def _posts_in(self, community: str, plan_name: str, step_id: str) -> bool:
        plan = self._library.plans.get(plan_name)
        step = None if plan is None else plan.in_community(community).step(step_id)
        return step is None or not (step.spec.to_members or step.spec.in_person)

    def used_items(self, community: str, list: str) -> Sequence[str]:
        return lists.used(self._tx, community, list)

    def joined_on(self, community: str, day: date) -> Sequence[Member]:
        zone = self._communities[community].zone
        start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        return [_member(row) for row in people.joined_between(self._tx, community, start, end)]

    def choose(self, community: str, conditions: Conditions, now: datetime) -> Sequence[Member]:
        zone = self._communities[community].zone
        rows = selection.choose(self._tx, community, wanted(conditions, now, zone))
        staff = accounts(self._staff)
        return [_member(row) for row in rows if row.member not in staff]

    def last_written(self, community: str) -> Mapping[str, datetime]:
        # Whom an open task is about to write to counts as written to until it is settled.
        about_to = assist_tasks.being_written(self._tx, community)
        known = contacts.last(self._tx, community)
        return {**known, **{one: max(at, known.get(one, at)) for one, at in about_to.items()}}

    def times_written(self, community: str, since: datetime) -> Mapping[str, int]:
        known = contacts.times(self._tx, community, since)
        about_to = assist_tasks.being_written(self._tx, community)
        return known | {one: known.get(one, 0) + 1 for one in about_to}

    def followed_up(self, community: str, step: str) -> Collection[str]:
        return follow_ups.waiting(self._tx, community, f"{step}/")

    def most_active(self, community: str, since: date) -> Sequence[Contribution]:
        present = {row.member: _member(row) for row in people.present(self._tx, community)}
        rows = activity.active(self._tx, community, since, None)
        return [
            Contribution(present[member], days, actions)
            for member, days, actions in rows
            if member in present
        ]

    def wearing(self, community: str, tag: str) -> Mapping[str, str]:
        return tags.wearing(self._tx, community, tag)

    def taken_off(self, community: str, tag: str, since: datetime) -> Mapping[str, Collection[str]]:
        return tags.taken_off(self._tx, community, tag, since)

    def expired_labels(self, community: str, day: date) -> Sequence[tuple[str, str, str]]:
        return tags.expired(self._tx, community, day)

    def occurrence(self, identity: str) -> OccurrenceFacts | None:
        row = occurrences.get(self._tx, identity)
        if row is None:
            return None
        return OccurrenceFacts(
            row.identity, row.due_at, row.status, row.reason, row.ran_at, row.confirmed_at
        )

    def stamped(self, plan: str, step: str, hash: str) -> bool:
        return reviews.is_stamped(self._tx, plan, step, hash)

    def running_game(self, community: str) -> GameSession | None:
        loud = [one for one in games.running(self._tx, community) if one.beside is None]
        return game_session(loud[0]) if loud else None

    def running_games(self, community: str) -> Sequence[GameSession]:
        return [game_session(one) for one in games.running(self._tx, community)]

    def pool_left(self, pool: str, budget_fen: int) -> int:
        promised = sum(
            fen
            for row in games.all_running(self._tx)
            if (held := pools_of(game_session(row))) is not None
            for name, fen in [held]
            if name == pool
        )
        return budget_fen - money.committed(self._tx, f"pool/{pool}") - promised

    def tags(self, member: str) -> Sequence[tuple[str, str]]:
        return [(row.tag, row.reason) for row in tags.of(self._tx, member)]

    def checked_in(self, community: str, member: str, day: date) -> bool:
        return activity.checked_in(self._tx, community, member, day)

    def check_in_days(self, community: str, member: str, since: date) -> int:
        return activity.check_in_days(self._tx, community, member, since)

    def answered(self, community: str, member: str, step: str) -> bool:
        return gatherings.answered(self._tx, community, member, step)

    def check_ins(self, community: str, day: date) -> Sequence[tuple[str, str]]:
        found = activity.check_ins(self._tx, community, day)
        return [(member, name) for member, name in found if member not in self._staff]

    def gatherings(self, community: str, closed_since: datetime) -> Sequence[GatheringFacts]:
        rows = gatherings.recent(self._tx, community, closed_since)
        return [gathering_facts(one) for one in rows]

    def reply(self, gathering: int, member: str) -> dict[str, Any] | None:
        return gatherings.reply(self._tx, gathering, member)

    def reply_count(self, gathering: int) -> int:
        return gatherings.reply_count(self._tx, gathering)

    def replies(self, gathering: int) -> Sequence[ReplyFacts]:
        return [
            ReplyFacts(row.member, row.name, row.value, row.at)
            for row in gatherings.replies(self._tx, gathering)
            if row.member not in self._staff
        ]

    def period(
        self, communities: Sequence[str], monday: date, zone: ZoneInfo, scope: str
    ) -> Period:
        chosen = [self._communities[one] for one in communities]
        return period(self._tx, self._library, self._staff, chosen, monday, zone, scope)

    def payable_on(self, drawn_on: date, working_days: int) -> date:
        return self._workdays.add(drawn_on, working_days)


def _member(row: people.MembershipRow) -> Member:
    return Member(row.member, row.name, row.community, row.joined_at, row.left_at)


def game_session(row: games.SessionRow) -> GameSession:
    """A row as the core sees it."""
    return GameSession(
        row.id,
        row.community,
        row.game,
        row.options,
        row.rewards,
        row.state,
        row.version,
        row.seed,
        row.started_at,
        row.next_at,
        row.occurrence,
    )


def gathering_facts(row: gatherings.GatheringRow) -> GatheringFacts:
    """A row as the core sees it."""
    return GatheringFacts(
        row.id,
        row.community,
        row.kind,
        row.occurrence,
        row.options,
        row.phase,
        row.seed,
        row.quiet_hours,
        row.opened_at,
        row.next_at,
        row.closes_at,
        row.closed_at,
    )
