"""The message archive: read every few seconds, in its order, and handed to the inbox.

Cursor and events commit together, and every record has a key of its own, so nothing is lost or
counted twice, however often this is stopped. Only texts of members who agreed are handed on; a
message lives as long as its inbox row (48 hours).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import Connection

from bot.archive_settings import ArchiveSettings
from bot.clock import Clock
from bot.http import Http, NoAnswer, NotSent
from bot.inbox import Inbox
from bot.settings import Settings
from bot.wecom.api import Json, WecomApi
from bot.wecom.errors import Kind, WecomError
from bot.wecom.finance_sdk import FinanceSdk
from bot.wecom.message_archive import MOST, MessageSource, Record, Unreadable
from bot.wecom.parse import received
from sop.answers import LONGEST
from sop.events import ReplyTo, Said, Wrote
from storage import archive_consent
from storage import inbox as inbox_rows
from storage.database import Database

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=15)
"""WeCom announces new messages about as often (wecom-protocol.md F.3)."""
RETRY = timedelta(minutes=2)
ASK_AGAIN = timedelta(hours=6)
"""After so long a room is asked again who agreed, if somebody unknown writes in it."""
KEYWORD = 10
"""Characters of the longest word that asks for the way into a group (`sop.channel`)."""
_OUTSIDE = ("wm", "wo")
"""What ids of persons outside the company begin with (wecom-protocol.md 0.3)."""
_KEY_BYTES = 64 * 1024


class Consents(Protocol):
    """Who knows whether the customers of a group agreed to the archive."""

    async def room_consents(self, room: str) -> list[Json]:
        """`agreeinfo` of `check_room_agree` (wecom-protocol.md F.3)."""


class ArchiveFeed:
    """Reads the archive."""

    name = "archive"

    def __init__(
        self,
        database: Database,
        source: MessageSource,
        consents: Consents,
        settings: Settings,
        clock: Clock,
        arrived: Callable[[], None] = lambda: None,
    ) -> None:
        """`arrived` hears that the inbox has something."""
        self._database = database
        self._source = source
        self._consents = consents
        self._clock = clock
        self._rooms = {one.chat_id for one in settings.communities if one.archived}
        self._staff = frozenset(settings.staff)
        self._arrived = arrived
        self._asked: dict[str, datetime] = {}
        self._at = clock.now()
        self._turn = asyncio.Lock()

    async def next_due(self) -> datetime | None:
        """Nothing that a moved clock must stop at."""
        return None

    async def step(self) -> int:
        """Takes what is new. Returns how many records that were."""
        async with self._turn:
            now = self._clock.now()
            if now < self._at:
                return 0
            self._at = now + EVERY
            taken = 0
            try:
                while records := await self._next():
                    await self._take(records)
                    taken += len(records)
            except (Unreadable, WecomError, NotSent, NoAnswer) as error:
                log.warning("archive not read: %s", error, extra={"action": "archive_failed"})
                self._at = now + RETRY
            return taken

    async def _next(self) -> Sequence[Record]:
        seq = await self._database.read(archive_consent.cursor)
        return await self._source.fetch(seq, MOST)

    async def _take(self, records: Sequence[Record]) -> None:
        said = [one for one in records if self._is_said(one) or self._is_keyword(one)]
        words = await self._consents_of(said)
        now = self._clock.now()
        await self._database.write(partial(_keep, records=records, said=said, words=words, now=now))
        self._arrived()

    def _is_said(self, one: Record) -> bool:
        by_member = one.sender.startswith(_OUTSIDE)
        content = one.kind not in ("agree", "disagree", "revoke", "unreadable")
        return one.action == "send" and one.room in self._rooms and by_member and content

    def _is_keyword(self, one: Record) -> bool:
        """A customer's word to a colleague so short that it may ask for the way into a group."""
        private = not one.room and one.to in self._staff and one.sender.startswith(_OUTSIDE)
        return private and one.action == "send" and 0 < len(one.text.strip()) <= KEYWORD

    async def _consents_of(self, said: Sequence[Record]) -> list[Json]:
        """Asks rooms where somebody wrote who never said whether they agree."""
        speakers = {one.sender for one in said}
        known = await self._database.read(lambda tx: archive_consent.asked(tx, speakers))
        now = self._clock.now()
        words: list[Json] = []
        for room in sorted({one.room for one in said if one.room and one.sender not in known}):
            if room not in self._asked or now - self._asked[room] >= ASK_AGAIN:
                words += await self._ask(room)
                self._asked[room] = now
        return words

    async def _ask(self, room: str) -> list[Json]:
        """A refusal is no reason to hear nobody: who agreed in the archive itself still counts."""
        try:
            return await self._consents.room_consents(room)
        except WecomError as error:
            if error.verdict.kind is not Kind.REFUSED:
                raise
            log.warning("consents not read: %s", error, extra={"action": "archive_failed"})
            return []


def _keep(
    tx: Connection,
    records: Sequence[Record],
    said: Sequence[Record],
    words: Sequence[Json],
    now: datetime,
) -> None:
    for word in words:
        agreed = str(word.get("agree_status")) in ("Agree", "Default_Agree")
        at = datetime.fromtimestamp(int(word.get("status_change_time") or 0), UTC)
        archive_consent.agree(tx, str(word.get("exteranalopenid") or ""), agreed, at)
    for one in records:
        if one.kind in ("agree", "disagree"):
            archive_consent.agree(tx, one.sender, one.kind == "agree", one.at)
    agreed_by = archive_consent.asked(tx, {one.sender for one in said})
    events = [_event(one, now) for one in said if agreed_by.get(one.sender, False)]
    inbox_rows.add(tx, events)
    archive_consent.move_cursor(tx, max(one.seq for one in records), now)


def _event(one: Record, now: datetime) -> inbox_rows.NewEvent:
    if not one.room:
        row = received(Wrote(one.at, one.sender, one.to, one.text.strip()), f"archive:{one.msgid}")
        return inbox_rows.NewEvent(row.dedup_key, row.order_key, row.kind, row.event, now)
    # What is too long to be an answer is counted, and not kept even for a while.
    text = one.text.strip() if len(one.text) <= LONGEST else ""
    event = Said(one.at, one.sender, one.room, text, ReplyTo("none"), overheard=True)
    row = received(event, f"archive:{one.msgid}")
    return inbox_rows.NewEvent(row.dedup_key, row.order_key, row.kind, row.event, now)


class RoomConsents:
    """Asks WeCom, with the archive's own secret."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def room_consents(self, room: str) -> list[Json]:
        """Who in a customer group said whether they agree."""
        answer = await self._api.call("POST", "msgaudit/check_room_agree", {"roomid": room})
        found: list[Json] = answer.get("agreeinfo") or []
        return found


def archive_api(settings: Settings, http: Http, clock: Clock) -> WecomApi:
    """WeCom's interfaces under the archive's secret."""
    secret = settings.app.secret if settings.archive is None else settings.archive.secret
    app = settings.app
    return WecomApi(http, settings.api, settings.corp_id, app.agent_id, secret, clock)


def feed_of(
    database: Database,
    source: MessageSource | None,
    settings: Settings,
    http: Http,
    clock: Clock,
    inbox: Inbox,
) -> ArchiveFeed | None:
    """Reads `source`, or the vendor's library; None, with a word in the log, where that cannot be
    used: the rest of the bot does not depend on it."""
    try:
        source = source or vendor_source(settings)
    except Unreadable as error:
        log.error("no message archive: %s", error, extra={"action": "archive_failed"})
        return None
    if source is None:
        return None
    consents = RoomConsents(archive_api(settings, http, clock))
    return ArchiveFeed(database, source, consents, settings, clock, inbox.arrived.set)


def vendor_source(settings: Settings) -> MessageSource | None:
    """The vendor's library; None where none is configured or present. Raises Unreadable."""
    chosen = settings.archive
    if chosen is None or not chosen.present:
        return None
    return FinanceSdk(chosen.library, settings.corp_id, chosen.secret, private_keys(chosen))


def private_keys(chosen: ArchiveSettings) -> Mapping[int, RSAPrivateKey]:
    """The private keys by version. Raises Unreadable, naming the file."""
    found = {}
    for version, path in chosen.keys.items():
        try:
            with path.open("rb") as file:
                key = load_pem_private_key(file.read(_KEY_BYTES), password=None)
        except OSError as error:
            raise Unreadable(f"会话存档的私钥 {path} 读不了") from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Unreadable(f"{path} 不是没有口令的 PEM 格式私钥") from error
        if not isinstance(key, RSAPrivateKey):
            raise Unreadable(f"{path} 不是 RSA 私钥")
        found[version] = key
    return found
