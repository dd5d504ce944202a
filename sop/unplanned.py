"""Words besides the plans: whether they may be said, and where a stamp for them is missing.

Where a community asks for review, the words of a file that speaks by itself (`sop.spoken`) are
held until a reviewer has stamped exactly what it says now. What goes on without words (joining,
counting, drawing in a round that was opened) goes on.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from sop.community import Community
from sop.library import Library
from sop.ports import Facts
from sop.review import reviewable
from sop.sheet import content_hash, file_hash, linked
from sop.spoken import Spoken


def speaking(library: Library) -> list[Spoken]:
    """Every file of the library that has something to stamp, kind by kind, by name."""
    found: list[Spoken] = []
    for one in fields(library):
        values = getattr(library, one.name)
        if isinstance(values, Mapping):
            files = (values[name] for name in sorted(values))
            found += [file for file in files if isinstance(file, Spoken) and file.speaks()]
    return found


def may_say(facts: Facts, library: Library, file: Spoken, *communities: Community) -> bool:
    """Whether what a file says may be said in, or on the way into, all of these communities."""
    if not file.speaks() or not any(one.review for one in communities):
        return True
    if file_stamped(facts, library, file):
        return True
    return file.with_steps() and _read_with_a_step(facts, library, file)


def file_stamped(facts: Facts, library: Library, file: Spoken) -> bool:
    """Whether a reviewer's stamp counts for what the file says now."""
    return facts.stamped(file.subject, "", file_hash(file, library))


def _read_with_a_step(facts: Facts, library: Library, file: Spoken) -> bool:
    """Whether it was read and stamped with a step that uses it: a bank, a campaign."""
    for plan in library.plans.values():
        for step in reviewable(plan):
            if any(one is file for one in linked(step, library)) and facts.stamped(
                plan.plan, step.id, content_hash(plan, step, library)
            ):
                return True
    return False


def missing(
    facts: Facts, library: Library, now: datetime, before: Library | None = None
) -> list[tuple[Spoken, list[Community]]]:
    """Files whose words are held, with the communities where they are.

    With `before`, the library until now, only what an edit has changed.
    """
    asking = [one for one in facts.communities() if one.review]
    known = {} if before is None else {one.subject: one for one in speaking(before)}
    found: list[tuple[Spoken, list[Community]]] = []
    for file in speaking(library) if asking else ():
        there = [one for one in asking if file.waits(one)]
        old = known.get(file.subject)
        if not there or (old and before and file_hash(old, before) == file_hash(file, library)):
            continue
        if not file_stamped(facts, library, file) and not file.over(facts.decks, now):
            found.append((file, there))
    return found
