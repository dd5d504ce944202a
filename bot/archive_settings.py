"""Where the message archive (会话内容存档) comes from: configuration and secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.config import ArchiveEntry

ARCHIVE_SECRET = "QUNYUN_MSGAUDIT_SECRET"  # noqa: S105 - the name of a variable
"""The archive's own secret. (QUNYUN_ARCHIVE_KEY is another: it signs archives of draws.)"""


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """The vendor's library, and the private keys under which the messages are sealed."""

    library: Path
    keys: Mapping[int, Path]
    """PEM files by version of the public key."""
    secret: str = field(repr=False)

    @property
    def present(self) -> bool:
        """Whether the library is there: without it customer groups are not heard."""
        return self.library.is_file()


def archive_settings(
    entry: "ArchiveEntry | None", secret: Callable[[str], str], base: Path
) -> ArchiveSettings | None:
    """The configured archive with its secret; None where there is none."""
    if entry is None:
        return None
    keys = {one.version: base / one.file for one in entry.keys}
    return ArchiveSettings(base / entry.library, keys, secret(ARCHIVE_SECRET))
