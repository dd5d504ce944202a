"""Reminds RMs of the follow-ups that they had put off until now."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot import follow_up_words as words
from bot.due import Due
from bot.follow_up_words import Reader
from bot.letters import Origin
from sop.effects import Effect, PutOffFollowUp, Tell
from storage import follow_ups

AT_ONCE = 200


def waiting(tx: Connection, now: datetime) -> list[str]:
    """Keys of the follow-ups whose time has come."""
    return follow_ups.to_remind(tx, now, AT_ONCE)


def remind(tx: Connection, due: Due, key: str, now: datetime) -> None:
    """Gives one reminder, if it is still owed."""
    row = follow_ups.by_key(tx, key)
    if row is None or row.status != "open" or row.remind_at is None or row.remind_at > now:
        return
    facts = due.facts(tx)
    one, staff = facts.follow_ups.numbered(row.id), due.settings.staff.get(row.staff)
    effects: list[Effect] = [PutOffFollowUp(key, row.due_at, None)]
    if one is not None and staff is not None:
        one = replace(one, remind_at=None)
        reader = Reader(facts, staff, now, due.settings.zone)
        effects.append(Tell(staff.id, f"⏰ 到时间联系了\n{words.in_full(reader, one)}"))
        effects += [Tell(staff.id, one.script)] if one.script else []
        effects.append(words.card(reader, one))
    due.runtime.apply(tx, effects, Origin(f"remind/{key}@{now.isoformat()}", now))
