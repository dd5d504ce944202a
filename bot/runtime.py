"""apply(effects): the only place where an effect becomes rows, inside the caller's transaction."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from bot.channel import Channel
from bot.crash import crash_point
from bot.letters import Letters, Origin
from bot.settings import Settings
from sop import effects as does
from sop.community import Community, DeliveryMode
from sop.effects_json import to_json
from sop.library import Library
from sop.planner import instant
from storage import (
    activity,
    audit,
    contacts,
    decks,
    follow_ups,
    games,
    gatherings,
    lists,
    money,
    occurrences,
    outbox,
    people,
    reviews,
    tags,
)


class Runtime:
    """Applies effects for one installation."""

    def __init__(
        self, settings: Settings, channels: Mapping[str, Channel], library: Library
    ) -> None:
        self._settings = settings
        self._channels = channels
        self._library = library
        self._communities = {one.id: one for one in settings.communities}

    def apply(self, tx: Connection, effects: Iterable[does.Effect], origin: Origin) -> None:
        """Turns effects into rows in their order. Raises what the database refuses."""
        letters = Letters(self._channels, self._communities, origin)
        batch = _Batch(self, tx, origin, letters)
        for effect in effects:
            batch.one(effect)
        batch.flush()

    def community(self, community: str) -> Community:
        """A configured community."""
        return self._communities[community]

    def planned(self, occurrence: str) -> occurrences.NewOccurrence | None:
        """The row of an occurrence as the plan has it; None if the plan has it no more."""
        plan_name, step_id, day, community = occurrence.split("/")
        written = self._library.plans.get(plan_name)
        plan = None if written is None else written.in_community(community)
        step = None if plan is None else plan.step(step_id)
        if plan is None or step is None:
            return None
        due_at = instant(date.fromisoformat(day), step.at, plan.zone)
        return occurrences.NewOccurrence(
            key=occurrence,
            identity=occurrence,
            plan=plan_name,
            step=step_id,
            day=date.fromisoformat(day),
            community=community,
            phase="run",
            due_at=due_at,
            window_ends_at=step.window_end(due_at),
        )

    def in_person(self, occurrence: str) -> bool:
        """Whether the RM sends it, and may still decide against it."""
        plan_name, step_id, _, community = occurrence.split("/")
        if self.community(community).mode is DeliveryMode.ASSIST:
            return True
        plan = self._library.plans.get(plan_name)
        step = None if plan is None else plan.in_community(community).step(step_id)
        return step is not None and step.spec.in_person

    def is_staff(self, person: str) -> bool:
        """Staff are never members."""
        return person in self._settings.staff


class _Batch:
    """One transaction's worth of effects; messages and counts are inserted together at the end."""

    def __init__(self, runtime: Runtime, tx: Connection, origin: Origin, letters: Letters) -> None:
        self._runtime = runtime
        self._tx = tx
        self._origin = origin
        self.letters = letters
        self._actions: list[activity.Action] = []

    def one(self, effect: does.Effect) -> None:
        handler: Callable[[_Batch, Any], None] = _HANDLERS[type(effect)]
        handler(self, effect)

    def flush(self) -> None:
        if self._actions:
            activity.count(self._tx, self._actions)
        if self.letters.owed:
            outbox.add(self._tx, self.letters.owed)

    # members

    def count(self, effect: does.Count) -> None:
        if self._runtime.is_staff(effect.member):
            return
        community = self._runtime.community(effect.community)
        day = self._origin.now.astimezone(community.zone).date()
        self._actions.append(
            activity.Action(effect.community, effect.member, effect.kind, self._origin.now, day)
        )

    def arrive(self, effect: does.Arrive) -> None:
        if self._runtime.is_staff(effect.member):
            return
        now = self._origin.now
        if people.arrive(self._tx, effect.community, effect.member, effect.name, effect.via, now):
            self.count(does.Count(effect.community, effect.member, "join"))

    def depart(self, effect: does.Depart) -> None:
        if people.depart(self._tx, effect.community, effect.member, self._origin.now):
            self.count(does.Count(effect.community, effect.member, "leave"))

    def tag(self, effect: does.Tag) -> None:
        tags.add(self._tx, effect.member, effect.tag, effect.by, effect.reason, self._origin.now)

    def untag(self, effect: does.Untag) -> None:
        tags.remove(self._tx, effect.member, effect.tag, effect.by, self._origin.now)

    def follow_up(self, effect: does.FollowUp) -> None:
        follow_ups.add(
            self._tx,
            key=effect.key,
            community=effect.community,
            member=effect.member,
            staff=effect.staff,
            reason=effect.reason,
            due_at=effect.due_at,
            now=self._origin.now,
        )

    def hand_over(self, effect: does.HandOver) -> None:
        contacts.add(self._tx, effect.members, effect.occurrence, self._origin.now)
        self.letters.hand_over(effect)

    # games and prizes

    def begin_game(self, effect: does.BeginGame) -> None:
        games.begin(
            self._tx,
            community=effect.community,
            game=effect.game,
            options=effect.options,
            rewards=effect.rewards,
            state=effect.state,
            seed=effect.seed,
            next_at=effect.next_at,
            occurrence=effect.occurrence,
            started_by=effect.started_by,
            now=self._origin.now,
        )

    def keep_game(self, effect: does.KeepGame) -> None:
        games.keep(self._tx, effect.session, effect.version, effect.state, effect.next_at)

    def played(self, effect: does.Played) -> None:
        if not self._runtime.is_staff(effect.member):
            games.played(self._tx, effect.session, effect.member, self._origin.now)

    def finish_game(self, effect: does.FinishGame) -> None:
        games.finish(
            self._tx,
            effect.session,
            effect.version,
            effect.state,
            effect.reason,
            list(effect.winners),
            self._origin.now,
        )

    def reward(self, effect: does.Reward) -> None:
        money.award(
            self._tx,
            key=effect.key,
            source=f"pool/{effect.pool}",
            budget_fen=effect.budget_fen,
            community=effect.community,
            member=effect.member,
            prize=effect.prize,
            amount_fen=effect.amount_fen,
            payable_on=date.fromisoformat(effect.payable_on),
            now=self._origin.now,
        )

    def open_deck(self, effect: does.OpenDeck) -> None:
        decks.open_deck(
            self._tx,
            campaign=effect.campaign,
            round=effect.round,
            community=effect.community,
            cards=[(one["prize"], one["amount_fen"]) for one in effect.cards["cards"]],
            seed=effect.seed,
            commitment=effect.commitment,
            rules_hash=effect.rules_hash,
            rules=effect.rules,
            budget_fen=effect.budget_fen,
            payable_after=effect.payable_after,
            closes_at=effect.closes_at,
            now=self._origin.now,
        )

    def take_card(self, effect: does.TakeCard) -> None:
        decks.take_card(
            self._tx,
            effect.deck,
            effect.position,
            effect.community,
            effect.member,
            date.fromisoformat(effect.payable_on),
            self._origin.now,
        )
        crash_point("K9")

    def close_deck(self, effect: does.CloseDeck) -> None:
        decks.close_deck(self._tx, effect.deck, effect.reason, self._origin.now)

    def use_item(self, effect: does.UseItem) -> None:
        lists.use(
            self._tx,
            effect.community,
            effect.list,
            effect.item,
            effect.occurrence,
            self._origin.now,
        )

    # gatherings

    def open_gathering(self, effect: does.OpenGathering) -> None:
        gatherings.open_(
            self._tx,
            community=effect.community,
            kind=effect.kind,
            occurrence=effect.occurrence,
            options=effect.options,
            phase=effect.phase,
            seed=effect.seed,
            quiet_hours=effect.quiet_hours,
            next_at=effect.next_at,
            closes_at=effect.closes_at,
            now=self._origin.now,
        )

    def keep_reply(self, effect: does.KeepReply) -> None:
        gatherings.keep_reply(
            self._tx, effect.gathering, effect.member, effect.value, self._origin.now
        )

    def turn_gathering(self, effect: does.TurnGathering) -> None:
        gatherings.turn(self._tx, effect.gathering, effect.phase, effect.next_at, effect.closes_at)

    def close_gathering(self, effect: does.CloseGathering) -> None:
        gatherings.close(self._tx, effect.gathering, effect.reason, effect.result, self._origin.now)

    # the calendar

    def skip_step(self, effect: does.SkipStep) -> None:
        if self._runtime.in_person(effect.occurrence) and occurrences.decline(
            self._tx, effect.occurrence, effect.by, effect.reason, self._origin.now
        ):
            contacts.withdraw(self._tx, effect.occurrence)
            lists.give_back(self._tx, effect.occurrence)
            return
        self._override(effect, "skipped")

    def postpone_step(self, effect: does.PostponeStep) -> None:
        self._override(effect, "planned")

    def _override(self, effect: does.SkipStep | does.PostponeStep, status: str) -> None:
        row = self._runtime.planned(effect.occurrence)
        if row is not None:
            now = self._origin.now
            occurrences.override(
                self._tx, row, status, effect.due_at, effect.reason, effect.by, now
            )

    def restore_step(self, effect: does.RestoreStep) -> None:
        occurrences.restore(self._tx, effect.occurrence)

    def confirm_step(self, effect: does.ConfirmStep) -> None:
        occurrences.confirm(self._tx, effect.occurrence, effect.by, self._origin.now)

    def pause(self, effect: does.Pause) -> None:
        people.pause(self._tx, effect.community)

    def resume(self, effect: does.Resume) -> None:
        people.resume(self._tx, effect.community)

    # review

    def stamp(self, effect: does.Stamp) -> None:
        reviews.stamp(
            self._tx,
            plan=effect.plan,
            step=effect.step,
            hash=effect.hash,
            sheet=effect.sheet,
            by=effect.by,
            note=effect.note,
            now=self._origin.now,
        )

    def unstamp(self, effect: does.Unstamp) -> None:
        reviews.revoke(
            self._tx,
            plan=effect.plan,
            step=effect.step,
            by=effect.by,
            reason=effect.reason,
            now=self._origin.now,
        )

    # the audit

    def record(self, effect: does.Record) -> None:
        audit.append(
            self._tx,
            actor=effect.actor,
            action=effect.action,
            subject=effect.subject,
            detail=effect.detail,
            undo=[to_json(one) for one in effect.undo],
            now=self._origin.now,
        )

    def mark_undone(self, effect: does.MarkUndone) -> None:
        audit.mark_undone(self._tx, effect.audit, self._origin.now)


_HANDLERS: dict[type, Callable[[_Batch, Any], None]] = {
    does.Post: lambda batch, effect: batch.letters.post(effect),
    does.Tell: lambda batch, effect: batch.letters.tell(effect),
    does.Reply: lambda batch, effect: batch.letters.reply(effect),
    does.SettleCard: lambda batch, effect: batch.letters.settle_card(effect),
    does.HandOver: _Batch.hand_over,
    does.Count: _Batch.count,
    does.Arrive: _Batch.arrive,
    does.Depart: _Batch.depart,
    does.BeginGame: _Batch.begin_game,
    does.KeepGame: _Batch.keep_game,
    does.Played: _Batch.played,
    does.FinishGame: _Batch.finish_game,
    does.Reward: _Batch.reward,
    does.OpenDeck: _Batch.open_deck,
    does.TakeCard: _Batch.take_card,
    does.CloseDeck: _Batch.close_deck,
    does.OpenGathering: _Batch.open_gathering,
    does.KeepReply: _Batch.keep_reply,
    does.TurnGathering: _Batch.turn_gathering,
    does.CloseGathering: _Batch.close_gathering,
    does.Tag: _Batch.tag,
    does.Untag: _Batch.untag,
    does.FollowUp: _Batch.follow_up,
    does.UseItem: _Batch.use_item,
    does.SkipStep: _Batch.skip_step,
    does.PostponeStep: _Batch.postpone_step,
    does.RestoreStep: _Batch.restore_step,
    does.ConfirmStep: _Batch.confirm_step,
    does.Pause: _Batch.pause,
    does.Resume: _Batch.resume,
    does.Stamp: _Batch.stamp,
    does.Unstamp: _Batch.unstamp,
    does.Record: _Batch.record,
    does.MarkUndone: _Batch.mark_undone,
}
