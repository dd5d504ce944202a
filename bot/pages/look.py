"""What a colleague looks at on the summary's pages: whose week, which one, and what of it is open
to this reader."""

from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from bot.pages import staff_view as view
from bot.pages.staff_keys import Reader
from bot.settings import Settings
from bot.summaries import Scope, may_see, scope_of
from sop.community import Staff
from sop.summary.one_step import LISTS as STEP_LISTS


@dataclass(frozen=True, slots=True)
class Look:
    """A request of a colleague who may see this scope."""

    request: web.Request
    settings: Settings
    reader: Reader
    staff: Staff
    scope: Scope
    monday: date
    now: datetime

    @property
    def step(self) -> tuple[str, str]:
        """Plan and id of the step that the address names."""
        return self.request.match_info["plan"], self.request.match_info["step"]

    def path(self, *further: str) -> str:
        """Below this week of this scope."""
        return view.path_of(self.monday, self.scope.id, *further)

    def may(self, scope: Scope) -> bool:
        """Whether the reader may see another scope too: a link stays with its own."""
        let_in = scope_of(self.settings, self.reader.link_scope)
        inside = self.reader.signed_in or (
            let_in is not None and set(scope.communities) <= set(let_in.communities)
        )
        return inside and may_see(self.staff, scope)

    def leads(self, opens: str) -> str | None:
        """Where a row of the summary leads this reader."""
        kind, _, rest = opens.partition(":")
        if kind == "members":
            return self.path("members", rest) if rest in view.TITLES else None
        if kind == "step":
            return self.path("step", *rest.split("/", 1)) if "/" in rest else None
        return self._scope(opens)

    def leads_from_step(self, opens: str) -> str | None:
        """Where a row of the step's page leads: to the same step elsewhere, or to its members."""
        kind, _, rest = opens.partition(":")
        if kind == "members":
            return self.path("step", *self.step, "members", rest) if rest in STEP_LISTS else None
        return self._scope(opens, "step", *self.step)

    def _scope(self, name: str, *further: str) -> str | None:
        scope = scope_of(self.settings, name)
        if scope is None or scope.id == self.scope.id or not self.may(scope):
            return None
        return view.path_of(self.monday, scope.id, *further)

    def way_here(self, *titles: tuple[str, tuple[str, ...]]) -> list[view.Step]:
        """Company → RM → community → what is below, each (title, path below the week): crumbs
        that are open to this reader, the last one without a path."""
        every = view.crumbs(self.settings, self.staff, self.scope, self.monday)
        above = [one for one in every[:-1] if self._leads(one)]
        below = [view.Step(title, self.path(*further)) for title, further in titles]
        found = [*above, view.Step(every[-1].title, self.path()), *below]
        return [*found[:-1], view.Step(found[-1].title)]

    def _leads(self, step: view.Step) -> bool:
        """Whether a crumb is within what a link let in to."""
        own = view.path_of(self.monday, self.reader.link_scope)
        return self.reader.signed_in or step.path == own
