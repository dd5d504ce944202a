"""What channels want to have at WeCom: contact ways, ways into groups, templates of the words with
which group owners greet newcomers."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sop.channel import MOST_STAFF, Channel
from sop.community import Community
from sop.library import Library

REMARK = 30
"""Characters of a remark at WeCom."""


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that a channel wants to have."""

    channel: str
    kind: str
    """`contact`, `group` (into one community) or `template`."""
    community: str
    """Empty for what belongs to no single community."""
    told: dict[str, Any]
    """What WeCom is told of it."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Which one it is."""
        return self.channel, self.kind, self.community

    @property
    def spec(self) -> str:
        """Another hash, and WeCom must be told again."""
        text = json.dumps(self.told, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def ways(library: Library, every: Sequence[Community]) -> list[Way]:
    """Everything that the channels of a library want; a channel for no community wants nothing."""
    found: list[Way] = []
    for name in sorted(library.channels):
        channel = library.channels[name]
        places = channel.communities(every)
        if places:
            found += _of(channel, places, channel.colleagues(every))
    return found


def _of(channel: Channel, places: Sequence[Community], colleagues: Sequence[str]) -> list[Way]:
    name, remark = channel.channel, f"群运：{channel.title}"[:REMARK]
    found: list[Way] = []
    if channel.way == "contact":
        users = list(colleagues[:MOST_STAFF])
        told = {"type": 1 if len(users) == 1 else 2, "remark": remark, "state": name, "user": users}
        found.append(Way(name, "contact", "", told))
    for place in places:
        told = {"remark": remark, "state": name, "chat_id_list": [place.chat_id]}
        found.append(Way(name, "group", place.id, told))
    if channel.group_welcome is not None:
        found.append(Way(name, "template", "", {"text": channel.group_welcome.strip()}))
    return found
