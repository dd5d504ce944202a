"""The files that a summary can be written as, one file each: `FORM`. Found by scanning.

`report --format`, the download buttons and 周报 offer what is here. Heavy imports wait until a
form is rendered; rendering is work for a thread, not for the event loop.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from sop.summary.summary import Summary


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing a summary down."""

    name: str
    """What `--format` and addresses call it: the file's suffix, without the dot."""
    title: str
    """What a person calls it: `Excel`."""
    content_type: str
    """For the browser that downloads it."""
    order: int
    """Where it stands among those offered."""
    render: Callable[[Summary], bytes]
    binary: bool = False
    """Nothing to print on a terminal."""


@cache
def all_forms() -> Mapping[str, Form]:
    """By name, in the order in which they are offered."""
    from bot import forms
    from sop.discovery import find

    found: dict[str, Form] = find(forms, "FORM", lambda one: one.name)
    return {one.name: one for one in sorted(found.values(), key=lambda one: one.order)}
