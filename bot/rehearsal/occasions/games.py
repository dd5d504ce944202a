"""Running rounds of games."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection

from bot.rehearsal.tactic import prompt
from bot.rehearsal.temperament import Call
from sop.community import Community
from storage import games


class Games:
    """One call for each prompt of a running round."""

    name: ClassVar[str] = "games"

    def calls(
        self, tx: Connection, communities: Sequence[Community], now: datetime
    ) -> Sequence[Call]:
        """What each running round asks for now."""
        here = {one.id for one in communities}
        calls = []
        for session in games.all_running(tx):
            asked = prompt(session) if session.community in here else None
            if asked is None:
                continue
            round = f"game/{session.id}"
            calls.append(
                Call(
                    key=f"{round}/{asked.key}",
                    round=round,
                    community=session.community,
                    kind="game",
                    opened_at=asked.opened_at,
                    closes_at=asked.closes_at,
                    right=asked.right,
                    wrong=asked.wrong,
                )
            )
        return calls


OCCASIONS = Games()
