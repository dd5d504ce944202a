"""Temporary media: three days, checked for size and kind (A.4, E.5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, ok
from bot.sandbox.gate import Call, Route
from bot.sandbox.ids import Ids

LIFE = timedelta(days=3)
MEGABYTE = 1024 * 1024
APP_LIMITS = {"image": 10, "voice": 2, "video": 10, "file": 20}
"""Megabytes by type."""
ATTACHMENT_KINDS = frozenset({"image", "video", "file"})


@dataclass(frozen=True, slots=True)
class Medium:
    """An uploaded file; `owner` is a robot's key, or empty for the corp's applications."""

    owner: str
    kind: str
    filename: str
    data: bytes
    until: datetime


class Media:
    """What was uploaded."""

    def __init__(self, clock: SandboxClock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._stored: dict[str, Medium] = {}

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/cgi-bin/media/upload", self._upload),
            Route("POST", "/cgi-bin/media/upload_attachment", self._upload_attachment),
        ]

    def _upload(self, call: Call) -> Json:
        kind = call.query.get("type", "")
        if kind not in APP_LIMITS:
            raise ApiError(40004, "invalid media type")
        return self.store("", kind, APP_LIMITS[kind] * MEGABYTE, call)

    def _upload_attachment(self, call: Call) -> Json:
        """For moments (1) and the product album (2) only: no message may use it."""
        kind, use = call.query.get("media_type", ""), call.query.get("attachment_type", "")
        if kind not in ATTACHMENT_KINDS or use not in ("1", "2"):
            raise ApiError(40004, "invalid media type")
        return self.store(f"attachment/{use}", kind, APP_LIMITS[kind] * MEGABYTE, call)

    def store(self, owner: str, kind: str, limit: int, call: Call) -> Json:
        """Keeps the part named `media` and gives its media_id."""
        upload = call.upload
        if upload is None or upload.name != "media":
            raise ApiError(44001, "empty media data")
        if len(upload.data) <= 5:
            raise ApiError(40006, "invalid media size")
        if len(upload.data) > limit:
            raise ApiError(45001, "media size out of limit")
        if kind == "voice" and not upload.data.startswith(b"#!AMR"):
            raise ApiError(40005, "invalid file type")
        if kind == "image" and not is_picture(upload.data):
            raise ApiError(40123, "invalid image format")
        now = self._clock.now()
        media_id = self._ids.code("3", 63)
        self._stored[media_id] = Medium(owner, kind, upload.filename, upload.data, now + LIFE)
        return ok(type=kind, media_id=media_id, created_at=str(int(now.timestamp())))

    def get(self, owner: str, kind: str, media_id: str) -> Medium:
        """A live medium of that owner and kind; else 40007."""
        medium = self._stored.get(media_id)
        if medium is None or (medium.owner, medium.kind) != (owner, kind):
            raise ApiError(40007, "invalid media_id")
        if self._clock.now() >= medium.until:
            raise ApiError(40007, "invalid media_id")
        return medium


def is_picture(data: bytes) -> bool:
    """Whether the bytes begin as a JPEG or PNG does."""
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def data_address(data: bytes, base64: str) -> str:
    """A picture as a `data:` address."""
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64}"
