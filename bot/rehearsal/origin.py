"""From the key of what was being handled back to plan, step and kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.rehearsal.messages import Message
from bot.rehearsal.result import Shown
from sop.community import Community
from sop.library import Library
from storage.games import SessionRow

_KINDS = {"piece": "game", "game": "game", "deck": "draw", "open": "draw"}
_AHEAD = ("announce", "remind")


@dataclass(frozen=True, slots=True)
class _Origin:
    plan: str = ""
    step: str = ""
    community: str = ""
    kind: str = ""
    phase: str = ""


class Origins:
    """Knows the plans and the rounds of one rehearsal."""

    def __init__(
        self,
        library: Library,
        communities: Mapping[str, Community],
        sessions: Mapping[int, SessionRow],
    ) -> None:
        self._library = library
        self._communities = communities
        self._sessions = sessions

    def shown(self, message: Message) -> Shown:
        """The message with where it comes from."""
        origin = self._of(message)
        community = message.community or origin.community
        place = self._communities.get(community)
        mode = "aibot" if message.to == "member" else place.mode.value if place else ""
        return Shown(
            at=message.at,
            community=community,
            to=message.to,
            mode=mode,
            plan=origin.plan,
            step=origin.step,
            kind=origin.kind,
            text=message.text,
            who=message.who,
            phase=origin.phase,
            channel=message.channel,
            buttons=message.buttons,
        )

    def _of(self, message: Message) -> _Origin:
        what, _, rest = message.origin.partition("/")
        if what == "occurrence":
            return self._occurrence(rest.partition("@")[0])
        if what == "game":
            session = self._sessions.get(int(rest.partition("/")[0]))
            found = self._occurrence(session.occurrence or "") if session else _Origin()
            community = session.community if session else ""
            return _Origin(found.plan, found.step, community, "game")
        if what == "event":
            return _Origin(kind="reply" if message.to == "member" else "event")
        return _Origin(kind=_KINDS.get(what, what))

    def _occurrence(self, key: str) -> _Origin:
        identity, _, phase = key.partition("#")
        if identity.count("/") != 3:
            return _Origin()
        plan, step, _, community = identity.split("/")
        found = self._library.plans.get(plan)
        entry = found.step(step) if found else None
        kind = entry.spec.kind if entry else ""
        return _Origin(plan, step, community, kind, phase if phase in _AHEAD else "run")
