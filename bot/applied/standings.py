"""Where members stand, and what they answered rightly."""

from datetime import date

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import privacy, standings


def keep_standing(batch: Batch, effect: does.KeepStanding) -> None:
    standings.keep(
        batch.tx,
        standings.StandingRow(
            community=effect.community,
            member=effect.member,
            stage=effect.stage,
            stage_since=date.fromisoformat(effect.stage_since),
            r=effect.r,
            f=effect.f,
            m=effect.m,
            value=effect.value,
            joined_on=date.fromisoformat(effect.joined_on),
            last_on=date.fromisoformat(effect.last_on) if effect.last_on else None,
            days=effect.days,
            weight=effect.weight,
            day=date.fromisoformat(effect.day),
        ),
        effect.stage_before,
        effect.value_before,
    )


def answer_right(batch: Batch, effect: does.AnswerRight) -> None:
    if batch.runtime.is_staff(effect.member) or privacy.opted_out_at(batch.tx, effect.member):
        return
    day = batch.now.astimezone(batch.runtime.community(effect.community).zone).date()
    standings.answered_right(batch.tx, effect.community, effect.member, day)


HANDLERS: Handlers = {
    does.KeepStanding: keep_standing,
    does.AnswerRight: answer_right,
}
