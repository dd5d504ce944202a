"""Seals single fields of the database: AES-256-GCM with key ids, and a keyed hash to look them up.

A sealed field is `key id . base64url(nonce, ciphertext, tag)` and bound to its place (`about`), so
that a value copied into another row does not open (reliability.md 2.7, P1). The nonce is random:
96 bits are safe for 2^32 seals under one key (NIST SP 800-38D 8.3). The keys come from the
environment, `QUNYUN_DATA_KEYS="2026b:64 hex digits,2026a:64 hex digits"`: the first one seals,
all of them open, so a key is taken out once `qunyun db rotate-keys` has sealed everything anew.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

DATA_KEYS = "QUNYUN_DATA_KEYS"
_NONCE_BYTES = 12
_KEY = re.compile(r"([a-z0-9][a-z0-9-]{0,15}):([0-9a-fA-F]{64})")
_SHAPE = (
    f"{DATA_KEYS} 要写成“编号:64 位十六进制”，多把用逗号隔开，例如 2026a:$(openssl rand -hex 32)"
)


class KeysUnusable(Exception):
    """`QUNYUN_DATA_KEYS` cannot be used, or is missing where it is needed; in Chinese, without a
    key."""


class Unreadable(Exception):
    """A sealed field cannot be opened: its key is gone, it was changed, or moved elsewhere."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key with the name under which its seals are known."""

    id: str
    secret: bytes = field(repr=False)


def read_keys(environ: Mapping[str, str]) -> tuple[DataKey, ...]:
    """The keys, in their order; none where the variable is not set. Raises KeysUnusable."""
    written = environ.get(DATA_KEYS, "").strip()
    keys: list[DataKey] = []
    for part in written.split(",") if written else []:
        match = _KEY.fullmatch(part.strip())
        if match is None:
            raise KeysUnusable(f"{_SHAPE}。")
        if any(one.id == match[1] for one in keys):
            raise KeysUnusable(f"{DATA_KEYS} 里密钥编号“{match[1]}”写了两次。")
        keys.append(DataKey(match[1], bytes.fromhex(match[2])))
    return tuple(keys)


def about(table: str, column: str, *row: object) -> str:
    """The place of a sealed field: `row` are values of the row that never change."""
    return "/".join([table, column, *map(str, row)])


class Vault:
    """Seals and opens; the first key seals. Raises KeysUnusable when there is none."""

    def __init__(self, keys: Sequence[DataKey], entropy: Callable[[int], bytes]) -> None:
        # Loaded here: `cryptography` takes a tenth of a second, and most commands seal nothing.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not keys:
            raise KeysUnusable(
                f"没有配置数据密钥 {DATA_KEYS}，手机号等个人信息不能加密保存。\n{_SHAPE}。"
            )
        self._entropy = entropy
        # What seals and what makes hashes are different keys, so neither tells of the other.
        self._ciphers = {one.id: AESGCM(_derive(one, b"seal")) for one in keys}
        self._hashes = {one.id: _derive(one, b"blind") for one in keys}
        self._first = keys[0].id
        self.first = f"{self._first}."
        """How everything begins that is sealed with the first key."""

    def seal(self, text: str, about: str) -> str:
        """`text` as it may be stored at the place `about`."""
        nonce = self._entropy(_NONCE_BYTES)
        place = f"{self._first}/{about}".encode()
        ciphertext = self._ciphers[self._first].encrypt(nonce, text.encode(), place)
        return f"{self._first}.{base64.urlsafe_b64encode(nonce + ciphertext).decode()}"

    def open(self, sealed: str, about: str) -> str:
        """What was sealed for the place `about`. Raises Unreadable."""
        from cryptography.exceptions import InvalidTag

        id, _, encoded = sealed.partition(".")
        cipher = self._ciphers.get(id)
        if cipher is None:
            raise Unreadable(f"{about}：没有编号为“{id[:16]}”的数据密钥")
        try:
            raw = base64.urlsafe_b64decode(encoded)
            place = f"{id}/{about}".encode()
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise Unreadable(f"{about}：密文损坏或不属于这一行") from error

    def blind(self, text: str) -> str:
        """A keyed hash (HMAC-SHA-256, 64 hex digits) by which equal texts are found, under the
        first key."""
        return hmac.digest(self._hashes[self._first], text.encode(), hashlib.sha256).hex()

    def blinds(self, text: str) -> list[str]:
        """The hash under every key: look a text up by all of them while keys are rotated."""
        return [
            hmac.digest(key, text.encode(), hashlib.sha256).hex() for key in self._hashes.values()
        ]


def _derive(key: DataKey, purpose: bytes) -> bytes:
    """A 256-bit key for one purpose (HKDF-Expand with one block, RFC 5869)."""
    return hmac.digest(key.secret, b"qunyun " + purpose + b"\x01", hashlib.sha256)
