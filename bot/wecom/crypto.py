"""WeCom's callback cryptography: SHA-1 signature, AES-256-CBC envelope, receiver check.

Source: wecom-protocol.md B.3 (official pages 90968 and 101033), proven by the vectors of B.7.
Plaintext = 16 random bytes, length of the message (4 bytes, big-endian), message, receive id;
padded by PKCS#7 to blocks of **32** bytes, not the 16 of AES.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_PAD_BLOCK = 32
_HEAD = 20  # 16 random bytes and the length field
_KEY_SHAPE = re.compile(r"[A-Za-z0-9+/]{43}")


class CryptoError(Exception):
    """The key is unusable, or the ciphertext is forged, damaged or meant for somebody else."""


class Crypto:
    """Signs, verifies, encrypts and decrypts for one callback configuration.

    `receive_id` is the corp id for a self-built application and the empty string for an
    intelligent bot. Raises CryptoError for a key that is not 43 characters of base64.
    """

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str) -> None:
        if not _KEY_SHAPE.fullmatch(encoding_aes_key):
            raise CryptoError("EncodingAESKey 必须是 43 位字母或数字")
        # The plain decoder ignores the two unused low bits of the last character; a strict one
        # would refuse keys that WeCom itself issues (vector V1).
        key = base64.b64decode(encoding_aes_key + "=")
        self._token = token
        self._receive_id = receive_id.encode()
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """Lower-case hex SHA-1 over token, timestamp, nonce and ciphertext in byte order."""
        parts = sorted(part.encode() for part in (self._token, timestamp, nonce, encrypted))
        return hashlib.sha1(b"".join(parts)).hexdigest()  # noqa: S324 - WeCom's own choice

    def verify(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
        """Returns if the signature is WeCom's, compared in constant time; else CryptoError."""
        try:
            expected = self.sign(timestamp, nonce, encrypted)
            genuine = hmac.compare_digest(expected.encode(), signature.encode())
        except UnicodeEncodeError as error:
            raise CryptoError("签名含有非法字符") from error
        if not genuine:
            raise CryptoError("签名不符")

    def decrypt(self, encrypted: str) -> bytes:
        """The message inside; CryptoError if it is damaged or for another receiver.

        Verify the signature first: this function alone proves nothing about the sender.
        """
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise CryptoError("密文不是 base64") from error
        if not sealed or len(sealed) % 16:
            raise CryptoError("密文长度不对")
        decryptor = self._cipher.decryptor()
        plain = _unpad(decryptor.update(sealed) + decryptor.finalize())
        if len(plain) < _HEAD:
            raise CryptoError("明文太短")
        (length,) = struct.unpack(">I", plain[16:_HEAD])
        if length > len(plain) - _HEAD:
            raise CryptoError("明文长度字段不对")
        end = _HEAD + length
        if not hmac.compare_digest(plain[end:], self._receive_id):
            raise CryptoError("接收方不符")
        return plain[_HEAD:end]

    def encrypt(self, plain: bytes, random16: bytes | None = None) -> str:
        """Base64 ciphertext of a message; `random16` is given only to reproduce a vector."""
        head = os.urandom(16) if random16 is None else random16
        if len(head) != 16:
            raise CryptoError("随机前缀必须是 16 字节")
        data = head + struct.pack(">I", len(plain)) + plain + self._receive_id
        pad = _PAD_BLOCK - len(data) % _PAD_BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode("ascii")


def _unpad(padded: bytes) -> bytes:
    pad = padded[-1]
    if not 1 <= pad <= _PAD_BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise CryptoError("填充不对")
    return padded[:-pad]
