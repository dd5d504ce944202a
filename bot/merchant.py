"""The merchant account at WeChat Pay: its number, its certificate and key, the platform's key.

The files are those that the merchant platform hands out: `apiclient_cert.pem`,
`apiclient_key.pem`, and either the platform's public key (`pub_key.pem`, with its id
`PUB_KEY_ID_…`) or one of its certificates (wecom-protocol.md G).
"""

import ssl
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from bot.config import MerchantEntry
from bot.http import with_certificate
from sop.files import Unreadable, read_bytes

_MOST_BYTES = 64 * 1024


class Unusable(Exception):
    """A file of the merchant account cannot be used; the text names it, in Chinese."""


@dataclass(frozen=True, slots=True)
class PlatformKey:
    """The key under which WeChat Pay signs."""

    serial: str
    """A certificate's serial number in upper-case hex, or `PUB_KEY_ID_…`."""
    key: RSAPublicKey = field(repr=False)
    good_until: datetime | None = None
    """The end of the certificate; None for a plain public key."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant account, ready for use."""

    id: str
    sender: str
    """Who a red packet is from; empty: the application."""
    scene: str
    """Scene of red packets (PRODUCT_1…8), or empty."""
    transfer_scene: str
    serial: str
    """Serial number of the own certificate, upper-case hex."""
    good_until: datetime
    """The end of the own certificate."""
    files: tuple[Path, Path] = field(repr=False)
    """Own certificate and key, for TLS."""
    key: RSAPrivateKey = field(repr=False)
    platform: PlatformKey | None

    def tls(self) -> ssl.SSLContext:
        """The usual checks of a server, with the own certificate for one that asks."""
        return with_certificate(*self.files)


def read_merchant(entry: MerchantEntry, base: Path) -> Merchant:
    """The account with its files, which are relative to `base`. Raises Unusable."""
    files = base / entry.certificate, base / entry.key
    certificate, key = _certificate(files[0]), _private_key(files[1])
    if certificate.public_key() != key.public_key():
        raise Unusable(f"{files[0]} 和 {files[1]} 不是一对，请重新下载商户 API 证书")
    platform = None
    if entry.platform_key:
        platform = _platform(base / entry.platform_key, entry.platform_key_id)
    return Merchant(
        id=entry.id,
        sender=entry.sender,
        scene=entry.scene,
        transfer_scene=entry.transfer_scene,
        serial=serial_of(certificate),
        good_until=certificate.not_valid_after_utc,
        files=files,
        key=key,
        platform=platform,
    )


def serial_of(certificate: x509.Certificate) -> str:
    """A certificate's serial number as WeChat Pay writes it."""
    return f"{certificate.serial_number:X}"


def _read(path: Path) -> bytes:
    try:
        return read_bytes(path, _MOST_BYTES)
    except Unreadable as error:
        raise Unusable(f"{path} 读不了：{error}") from error


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_read(path))
    except ValueError as error:
        raise Unusable(f"{path} 不是 PEM 格式的证书") from error


def _private_key(path: Path) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unusable(f"{path} 不是没有口令的 PEM 格式私钥") from error
    if not isinstance(key, RSAPrivateKey):
        raise Unusable(f"{path} 不是 RSA 私钥")
    return key


def _platform(path: Path, id: str) -> PlatformKey:
    """The platform's public key under its id, or a certificate of the platform."""
    data = _read(path)
    if b"BEGIN CERTIFICATE" in data:
        found = _certificate(path)
        return PlatformKey(
            serial_of(found), _rsa(found.public_key(), path), found.not_valid_after_utc
        )
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable(f"{path} 不是微信支付公钥，也不是平台证书") from error
    if not id:
        raise Unusable(f"还要写 platform_key_id：{path} 的公钥 ID（PUB_KEY_ID_ 开头）")
    return PlatformKey(id, _rsa(key, path))


def _rsa(key: object, path: Path) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey):
        raise Unusable(f"{path} 不是 RSA 公钥")
    return key
