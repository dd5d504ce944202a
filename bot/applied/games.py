"""Games."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from sop.games import is_quiet
from storage import games


def begin_game(batch: Batch, effect: does.BeginGame) -> None:
    games.begin(
        batch.tx,
        community=effect.community,
        game=effect.game,
        options=effect.options,
        rewards=effect.rewards,
        state=effect.state,
        seed=effect.seed,
        next_at=effect.next_at,
        occurrence=effect.occurrence,
        started_by=effect.started_by,
        now=batch.now,
        beside=is_quiet(effect.game),
    )


def keep_game(batch: Batch, effect: does.KeepGame) -> None:
    games.keep(batch.tx, effect.session, effect.version, effect.state, effect.next_at)


def played(batch: Batch, effect: does.Played) -> None:
    if not batch.runtime.is_staff(effect.member):
        games.played(batch.tx, effect.session, effect.member, batch.now)


def finish_game(batch: Batch, effect: does.FinishGame) -> None:
    games.finish(
        batch.tx,
        effect.session,
        effect.version,
        effect.state,
        effect.reason,
        list(effect.winners),
        batch.now,
    )


HANDLERS: Handlers = {
    does.BeginGame: begin_game,
    does.KeepGame: keep_game,
    does.Played: played,
    does.FinishGame: finish_game,
}
