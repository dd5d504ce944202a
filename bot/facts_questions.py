"""Answers to the core's questions about questions (`sop.question_ports`), read from rows."""

from collections.abc import Mapping

from sqlalchemy import Connection

from storage import questions


class SqlQuestionFacts:
    """One transaction's view."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def uses(self, community: str, bank: str) -> Mapping[str, int]:
        return questions.uses(self._tx, community, bank)
