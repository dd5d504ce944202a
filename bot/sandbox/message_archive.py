"""The message archive of customer groups (reference F): what people wrote there, sealed as WeCom
seals it, and who agreed to that.

The interface `getchatdata` stands for the vendor's library, which no sandbox can run; the cipher
under the random key is AES-256-GCM, the vendor's being unknown.
"""

import base64
import hashlib
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from bot.sandbox.app_events import AppEvents
from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, Mistake, ok
from bot.sandbox.gate import Call, Route
from bot.sandbox.ids import Ids
from bot.sandbox.timeline import Timeline
from bot.sandbox.world import World

MOST = 1000


@dataclass(frozen=True, slots=True)
class _Key:
    version: int
    key: RSAPublicKey


class MessageArchive:
    """Off until an administrator installs a public key."""

    def __init__(
        self, world: World, timeline: Timeline, events: AppEvents, clock: SandboxClock, ids: Ids
    ) -> None:
        self._world = world
        self._timeline = timeline
        self._events = events
        self._clock = clock
        self._ids = ids
        self._key: _Key | None = None
        self._taken = 0
        self._records: list[Json] = []
        self.agreed: dict[str, bool] = {}
        """Customers' own word; who said nothing is not archived."""

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/msgaudit/"
        return [
            Route("POST", prefix + "getchatdata", self._fetch),
            Route("POST", prefix + "check_room_agree", self._room),
        ]

    def install_key(self, version: int, pem: bytes) -> None:
        """The administrator uploads a public key; what is archived from now on is sealed under
        it."""
        key = load_pem_public_key(pem)
        if not isinstance(key, RSAPublicKey) or key.key_size != 2048:
            raise Mistake("会话存档的公钥必须是 2048 位的 RSA 公钥。")
        self._take()
        self._key = _Key(version, key)

    def consent(self, staff: str, member: str, *, agreed: bool = True) -> None:
        """A customer agrees to being archived, or takes that back."""
        self._take()
        self.agreed[member] = agreed
        word = "agree" if agreed else "disagree"
        now = int(self._clock.now().timestamp() * 1000)
        self._append(word, member, staff, "", {"userid": member, f"{word}_time": now})
        if agreed:
            people = self._world.people
            self._events.contact_change(people[staff], people[member], "msg_audit_approved")

    def say(self, room: str, sender: str, kind: str, content: Json) -> None:
        """Something that is no text appears in a group: an image, an emotion, a vote."""
        self._take()
        self._append(kind, sender, "", room, content)

    def _take(self) -> None:
        """Everything written since the last look, as the consent of then allows."""
        if self._key is None:
            return
        for message in self._timeline.all()[self._taken :]:
            self._taken = message.n
            group = self._world.groups.get(message.chat)
            person = message.sender
            if group is None or group.kind != "customer" or message.type != "text":
                continue
            heard = person.kind == "staff" or self.agreed.get(person.id, False)
            if person.kind in ("member", "staff") and heard:
                at = int(message.at.timestamp() * 1000)
                self._append("text", person.id, "", group.id, {"content": message.text}, at)

    def _append(
        self, kind: str, sender: str, to: str, room: str, content: Json, at: int = 0
    ) -> None:
        if self._key is None:
            raise Mistake("还没有开通会话存档。")
        msgid = f"{self._ids.code(length=24)}_external"
        body = {
            "msgid": msgid,
            "action": "send",
            "from": sender,
            "tolist": [to] if to else [],
            "roomid": room,
            "msgtime": at or int(self._clock.now().timestamp() * 1000),
            "msgtype": kind,
            kind: content,
        }
        random_key = self._ids.code(length=43)
        nonce = hashlib.sha256(msgid.encode()).digest()[:12]
        cipher = AESGCM(hashlib.sha256(random_key.encode()).digest())
        message = cipher.encrypt(nonce, json.dumps(body, ensure_ascii=False).encode(), None)
        wrapped = self._key.key.encrypt(random_key.encode(), PKCS1v15())
        self._records.append(
            {
                "seq": len(self._records) + 1,
                "msgid": msgid,
                "publickey_ver": self._key.version,
                "encrypt_random_key": base64.b64encode(wrapped).decode(),
                "encrypt_chat_msg": base64.b64encode(nonce + message).decode(),
            }
        )

    def _fetch(self, call: Call) -> Json:
        body = call.json()
        seq, limit = body.number("seq"), body.number("limit", MOST)
        if not 1 <= limit <= MOST:
            raise ApiError(10000, "limit out of range")
        if self._key is None:
            raise ApiError(301053, "msgaudit not enabled")
        self._take()
        return ok(chatdata=self._records[seq : seq + limit])

    def _room(self, call: Call) -> Json:
        group = self._world.groups.get(call.json().text("roomid"))
        if group is None:
            raise ApiError(40050, "roomid not exist")
        words = [
            {
                "status_change_time": int(self._clock.now().timestamp()),
                "exteranalopenid": member,
                "agree_status": "Agree" if self.agreed[member] else "Disagree",
            }
            for member in group.people
            if member in self.agreed
        ]
        return ok(agreeinfo=words)
