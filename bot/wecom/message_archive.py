"""The message archive (会话内容存档): what people write in customer groups, read only
(wecom-protocol.md F).

Records come sealed: a random key under our RSA key (PKCS #1 v1.5, 2048 bits), and the message
under that random key, in a way that only the vendor's library knows. So a source unseals, and
what is read here is the JSON inside.
"""

import base64
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

log = logging.getLogger(__name__)

MOST = 1000
"""Records of one call."""
_SECOND = 1000
"""`msgtime` is in milliseconds, unlike every other instant of WeCom."""


class Unreadable(Exception):
    """The archive cannot be read; the text says why and what to do, in Chinese."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record as the archive hands it out."""

    seq: int
    msgid: str
    key_version: int
    random_key: str
    """Base64 of the RSA ciphertext."""
    message: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was opened."""

    seq: int
    msgid: str
    """Unique; the key by which a repetition is known."""
    action: str
    """send, recall, switch."""
    sender: str
    """userid, or `wm…`/`wo…` for outside persons, `wb…` for robots; empty for a record that
    cannot be read."""
    room: str
    """Empty outside of groups."""
    at: datetime
    kind: str
    """text, image, agree, disagree, …"""
    text: str = ""
    """Of a text; empty for everything else."""
    to: str = ""
    """Whom it was sent to, outside of groups."""


class MessageSource(Protocol):
    """Who hands out records."""

    async def fetch(self, seq: int, limit: int) -> list[Record]:
        """The records that follow `seq`, oldest first; none when all were read. Raises
        Unreadable."""


def unwrap(random_key: str, version: int, keys: Mapping[int, RSAPrivateKey]) -> str:
    """The key of one message. Raises Unreadable for a version whose private key is not here,
    ValueError for a broken ciphertext."""
    key = keys.get(version)
    if key is None:
        raise Unreadable(
            f"会话存档用了第 {version} 版公钥，config.yaml 的 wecom.archive.keys 里没有它的私钥"
        )
    return key.decrypt(base64.b64decode(random_key, validate=True), PKCS1v15()).decode()


def opened(
    found: list[Sealed], keys: Mapping[int, RSAPrivateKey], decrypt: Callable[[str, str], str]
) -> list[Record]:
    """The records inside. One that cannot be opened is logged and stands as unreadable, so that
    it does not hold up the rest. Raises Unreadable where a private key is missing: with the key
    everything can be read."""
    records = []
    for one in found:
        try:
            key = unwrap(one.random_key, one.key_version, keys)
            records.append(read_record(one.seq, one.msgid, decrypt(key, one.message)))
        except (ValueError, KeyError, TypeError, OverflowError):
            log.exception("archived record not opened", extra={"action": "archive_record"})
            at = datetime.fromtimestamp(0, UTC)
            records.append(Record(one.seq, one.msgid, "", "", "", at, "unreadable"))
    return records


def read_record(seq: int, msgid: str, text: str) -> Record:
    """A record from its JSON (F.2). Raises ValueError, KeyError or TypeError for a shape that no
    record has."""
    body: dict[str, Any] = json.loads(text)
    if not isinstance(body, dict):
        raise ValueError("a record is an object")
    action = str(body.get("action") or "")
    if action == "switch":  # somebody changed the company: other fields, nothing said
        at = datetime.fromtimestamp(int(body["time"]) / _SECOND, UTC)
        return Record(seq, msgid, action, str(body.get("user") or ""), "", at, action)
    kind = str(body["msgtype"])
    content = body.get(kind)
    said = content.get("content") if kind == "text" and isinstance(content, dict) else ""
    sender = str(body.get("from") or "")
    if kind in ("agree", "disagree") and isinstance(content, dict):
        sender = str(content.get("userid") or sender)
    return Record(
        seq=seq,
        msgid=str(body.get("msgid") or msgid),
        action=action,
        sender=sender,
        room=str(body.get("roomid") or ""),
        at=datetime.fromtimestamp(int(body["msgtime"]) / _SECOND, UTC),
        kind=kind,
        # JSON can spell NUL and lone surrogates, which no database column takes.
        text=str(said or "").replace("\0", "").encode("utf-8", "replace").decode(),
        to=str(next(iter(body.get("tolist") or ()), "")),
    )
