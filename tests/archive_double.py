"""The sandbox's message archive: the same records under the same RSA sealing, over HTTP instead of
the vendor's library. What lies under the random key is the sandbox's own, AES-256-GCM, because the
vendor's cipher is not documented (wecom-protocol.md F.3)."""

import base64
import hashlib
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.http import NoAnswer, NotSent
from bot.wecom.api import WecomApi
from bot.wecom.errors import WecomError
from bot.wecom.finance_sdk import sealed
from bot.wecom.message_archive import Record, Unreadable, opened

_NONCE = 12


class ArchiveDouble:
    """The archive of a sandbox."""

    def __init__(self, api: WecomApi, keys: Mapping[int, RSAPrivateKey]) -> None:
        self._api = api
        self._keys = keys

    async def fetch(self, seq: int, limit: int) -> list[Record]:
        """The records that follow `seq`. Raises Unreadable."""
        try:
            answer = await self._api.call(
                "POST", "msgaudit/getchatdata", {"seq": seq, "limit": limit}
            )
        except (WecomError, NotSent, NoAnswer) as error:
            raise Unreadable(f"会话存档取不到：{error}") from error
        return opened(sealed(answer), self._keys, _decrypt)


def _decrypt(key: str, message: str) -> str:
    data = base64.b64decode(message, validate=True)
    cipher = AESGCM(hashlib.sha256(key.encode()).digest())
    try:
        return cipher.decrypt(data[:_NONCE], data[_NONCE:], None).decode()
    except InvalidTag as error:
        raise ValueError("the message was not sealed under this key") from error
