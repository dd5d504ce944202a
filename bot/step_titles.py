"""What a step is called, by its ids."""

from sop.library import Library


def step_title(library: Library, plan: str, step: str) -> str:
    """In the words of the group; its id if the plan no longer has it."""
    known = library.plans.get(plan)
    found = None if known is None else known.step(step)
    if found is None:
        return step
    called = found.called(library)
    return called if called != found.spec.title else f"{called} {found.id}"
