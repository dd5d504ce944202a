"""Segments that conditions refer to by name (`who: {segment: sleeping}`).

A segment and what is written beside its name hold together. Names are looked up when the library
is put together, so that nobody after that need know of them.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from sop.conditions import Conditions
from sop.diagnostics import did_you_mean

if TYPE_CHECKING:
    from sop.follow_rule import FollowRule
    from sop.segment import Segment, TagRule

M = TypeVar("M", "Segment", "TagRule", "FollowRule")

Misnamed = tuple[tuple[str, ...], str]
"""Where below the conditions, and what is wrong."""
_ADDED = ("did", "tags", "without_tags")
"""Of these all hold anyway, wherever they are written."""


def spelled_out(who: Conditions, segments: "Mapping[str, Segment]") -> Conditions:
    """Conditions with those of the segment that they name, and of the segment that it names.

    What `misnamed` finds fault with is left as it is.
    """
    named, seen = who.segment, set[str]()
    while named is not None and named in segments and named not in seen:
        seen.add(named)
        who, named = _together(segments[named].who, who), segments[named].who.segment
    return who.model_copy(update={"segment": named}) if seen else who


def in_full(value: M, segments: "Mapping[str, Segment]") -> M:
    """A segment or rule with its conditions spelled out; the same object where it names none."""
    if value.who.segment is None:
        return value
    return value.model_copy(update={"who": spelled_out(value.who, segments)})


def misnamed(who: Conditions, segments: "Mapping[str, Segment]") -> Iterator[Misnamed]:
    """A segment that is not there, that leads back to itself, or that says something else."""
    if who.segment is None:
        return
    if who.segment not in segments:
        near = did_you_mean(who.segment, segments, "segments/ 里还没有人群。")
        yield ("segment",), f"没有名为“{who.segment}”的人群。{near}"
        return
    other = spelled_out(segments[who.segment].who, segments)
    if other.segment is not None and other.segment in segments:
        yield ("segment",), f"人群“{who.segment}”引用来引用去，又回到了自己。"
        return
    for key in _both(other, who):
        text = f"人群“{who.segment}”已经写了 {key}，这里不能再写另一个。"
        yield (key,), f"{text}请删掉这里的，或另建一个人群。"


def _together(segment: Conditions, own: Conditions) -> Conditions:
    update = {key: getattr(own, key) for key in own.model_fields_set}
    for key in _ADDED:
        both = [*getattr(segment, key), *getattr(own, key)]
        if both:
            update[key] = [one for place, one in enumerate(both) if one not in both[:place]]
    return segment.model_copy(update=update)


def _both(segment: Conditions, own: Conditions) -> Iterator[str]:
    for key in Conditions.model_fields:
        written = key in segment.model_fields_set and key in own.model_fields_set
        differs = getattr(segment, key) != getattr(own, key)
        if written and differs and key not in (*_ADDED, "segment"):
            yield key
