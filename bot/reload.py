"""Hot reload: a saved library file takes effect within two seconds.

Twice a second the files are looked at (`bot.sources` says why not watched). A change counts once
two looks have seen the same, so a file that is still being written, an editor's copy-and-rename
or a checkout of many files is taken up whole. Reading and judging happen in a thread; then the
new edition takes the place of the old one between two units of work.

Nothing that ran is replayed: what ran is in the `occurrence` table under its plan, step, day and
community, whatever the plan says now. A running game and an open draw have their rules with them.

The database remembers, in the audit, of which edition people were told: neither a restart nor a
second process tells it again. config.yaml is read at start only.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import Connection

from bot import reload_words as words
from bot.clock import Clock
from bot.due import Due
from bot.edition import Edition, Shelf
from bot.letters import Origin
from sop.community import Role
from sop.diagnostics import Problem, render
from sop.effects import Effect, Record, Tell
from storage import audit
from storage.database import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
ACTOR = "计划库"
"""Whose deeds the audit's rows about editions are."""
CHANGED, BROKEN = "计划库已更新", "计划库有错误"


class Reload:
    """Keeps what runs equal to what the files say."""

    def __init__(
        self,
        shelf: Shelf,
        database: Database,
        clock: Clock,
        due: Callable[[], Due],
        registry: CollectorRegistry,
        *,
        on_change: Callable[[Edition], None],
        done: Callable[[], None],
    ) -> None:
        """`on_change` puts another edition in the place of the one that runs, at once; `done` is
        called when there may be something to send."""
        self._shelf = shelf
        self._database = database
        self._clock = clock
        self._due = due
        self._on_change = on_change
        self._done = done
        self._seen = self._taken = shelf.seen
        self._untold: list[tuple[Edition | None, Edition]] = [(None, shelf.edition)]
        self._asked = asyncio.Event()
        self._complaint = ""
        self._problems = Gauge(
            "qunyun_library_problems",
            "Problems of the library's files as they are now",
            ["severity"],
            registry=registry,
        )
        self._reloads = Counter(
            "qunyun_library_reloads", "Editions that took effect while running", registry=registry
        )
        self._measure(shelf.edition)
        self._log(shelf.edition.problems)

    def now(self) -> None:
        """Somebody asks to read every file again now (SIGHUP)."""
        self._asked.set()

    async def run(self) -> None:
        """Looks until cancelled; a failed look is logged and the next one tries again."""
        while True:
            asked = self._asked.is_set()
            self._asked.clear()
            try:
                await self.look(afresh=asked)
                self._complaint = ""
            except Exception as error:
                if repr(error) != self._complaint:  # once, not twice a second
                    log.exception("library look failed", extra={"action": "library_failed"})
                self._complaint = repr(error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):  # wait_for can swallow a cancellation
                    await self._asked.wait()

    async def look(self, *, afresh: bool = False) -> bool:
        """Takes up what has changed and rests; True if another edition runs since.

        `afresh` reads every file and does not wait for the next look to see the same.
        """
        seen = await asyncio.to_thread(self._shelf.look, afresh=afresh)
        settled = afresh or seen == self._seen
        self._seen = seen
        changed = False
        if settled and seen != self._taken:
            self._taken = seen  # whatever comes of it: what cannot be judged now never can
            before = self._shelf.edition
            after = await asyncio.to_thread(self._shelf.read, seen)
            if after.mark != before.mark:
                changed = self._take_up(before, after)
        await self._tell()
        return changed

    def _take_up(self, before: Edition, after: Edition) -> bool:
        self._untold.append((before, after))
        self._measure(after)
        done = words.changes(before, after)
        if done:
            self._on_change(after)
            self._reloads.inc()
            log.info(
                "library changed: %s", words.summary(done), extra={"action": "library_changed"}
            )
        if not words.same(before.problems, after.problems):
            self._log(after.problems)
        if before.errors and not after.errors:
            log.info("library mended", extra={"action": "library_mended"})
        return bool(done)

    @staticmethod
    def _log(problems: Sequence[Problem]) -> None:
        if problems:
            log.warning("%s", render(problems), extra={"action": "library_problems"})

    def _measure(self, edition: Edition) -> None:
        errors = len(edition.errors)
        self._problems.labels("error").set(errors)
        self._problems.labels("warning").set(len(edition.problems) - errors)

    async def _tell(self) -> None:
        while self._untold:
            before, after = self._untold[0]
            now = self._clock.now()
            await self._database.write(partial(self._told, before=before, after=after, now=now))
            self._untold.pop(0)
            self._done()

    def _told(self, tx: Connection, before: Edition | None, after: Edition, now: datetime) -> None:
        """Writes into the audit what runs now, and tells the operators what they should know;
        nothing if this edition is already known."""
        last = next(iter(audit.listing(tx, ACTOR, 1)), None)
        if last is not None and last.subject == after.mark:
            return
        done = words.changes(before, after) if before else {}
        paragraphs = [words.removed(done["删除"])] if "删除" in done else []
        if after.errors:
            if before is None or not words.same(before.errors, after.errors):
                paragraphs.append(words.trouble(after, self._shelf.shown))
        elif last is not None and last.action == BROKEN:
            paragraphs.append(words.MENDED)
        detail = words.summary(done) if before else words.contents(after)
        effects: list[Effect] = [self._record(after, detail)]
        if paragraphs:
            text = "\n".join(paragraphs)
            effects += [Tell(one, text) for one in self._readers()]
        origin = Origin(f"library/{after.mark}@{now.isoformat()}", now)
        self._due().runtime.apply(tx, effects, origin)

    def _record(self, edition: Edition, detail: str) -> Record:
        errors = [
            f"{self._shelf.shown(one.file)}:{one.line}:{one.column}" for one in edition.errors
        ]
        if not errors:
            return Record(ACTOR, CHANGED, edition.mark, detail)
        where = f"错误在 {words.listed(errors)}"
        return Record(ACTOR, BROKEN, edition.mark, f"{detail}；{where}" if detail else where)

    def _readers(self) -> list[str]:
        """Operators; where there are none, administrators."""
        staff = self._due().settings.staff.values()
        for role in (Role.OPERATOR, Role.ADMIN):
            found = [one.id for one in staff if role in one.roles]
            if found:
                return found
        return []
