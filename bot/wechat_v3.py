"""WeChat Pay v3: what we sign, what the platform signs, and the contents of notifications.

Source: wecom-protocol.md G.5 (WECHATPAY2-SHA256-RSA2048, AEAD_AES_256_GCM). Written on
`cryptography` and not with an SDK: `wechatpayv3` brings an HTTP client and a clock of its own,
which would go past our limits of time, size and destination. In the tests it is the second
opinion.
"""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from bot.clock import Clock
from bot.merchant import Merchant
from bot.payer import Forged

SCHEME = "WECHATPAY2-SHA256-RSA2048"
TOLERANCE = timedelta(minutes=5)
"""How far the platform's clock and ours may be apart; older messages may be repetitions."""
_NONCE_BYTES = 12


class Seal:
    """Signs for one merchant and checks what comes back."""

    def __init__(self, merchant: Merchant, api_key: str, clock: Clock) -> None:
        """`api_key` is the APIv3 key, 32 bytes: notifications are encrypted under it."""
        self._merchant = merchant
        self._api_key = api_key.encode()
        self._clock = clock

    def headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """The headers of a request; `path` is without scheme and host, with the query."""
        timestamp = str(int(self._clock.now().timestamp()))
        nonce = self._clock.entropy(16).hex()
        signed = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = self._merchant.key.sign(signed, PKCS1v15(), SHA256())
        fields = {
            "mchid": self._merchant.id,
            "nonce_str": nonce,
            "timestamp": timestamp,
            "serial_no": self._merchant.serial,
            "signature": base64.b64encode(signature).decode(),
        }
        listed = ",".join(f'{name}="{value}"' for name, value in fields.items())
        found = {"Authorization": f"{SCHEME} {listed}", "Accept": "application/json"}
        if body:
            found["Content-Type"] = "application/json"
        if self._merchant.platform is not None:
            # Tells the platform under which of its keys we expect the answer.
            found["Wechatpay-Serial"] = self._merchant.platform.serial
        return found

    def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Returns if the platform signed this now. `headers` by lower-case names. Raises Forged."""
        platform = self._merchant.platform
        if platform is None:
            raise Forged("没有配置微信支付公钥或平台证书")
        if headers.get("wechatpay-serial", "") != platform.serial:
            raise Forged("签名用的是另一把平台密钥，请核对 platform_key")
        now = self._clock.now()
        if platform.good_until is not None and platform.good_until < now:
            raise Forged("平台证书已过期，请换成新的证书或微信支付公钥")
        timestamp, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce")
        if not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > 12:
            raise Forged("没有时间戳")
        if abs(int(timestamp) - now.timestamp()) > TOLERANCE.total_seconds():
            raise Forged("时间戳相差 5 分钟以上")
        try:
            signature = base64.b64decode(headers.get("wechatpay-signature", ""), validate=True)
            signed = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
            platform.key.verify(signature, signed, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError) as error:
            raise Forged("签名不符") from error

    def opened(self, body: bytes) -> dict[str, Any]:
        """The decrypted resource of a notification. Raises Forged."""
        try:
            resource = json.loads(body)["resource"]
            algorithm, nonce = resource["algorithm"], str(resource["nonce"]).encode()
            sealed = base64.b64decode(resource["ciphertext"], validate=True)
            bound = str(resource.get("associated_data") or "").encode()
            if algorithm != "AEAD_AES_256_GCM" or len(nonce) != _NONCE_BYTES:
                raise Forged("通知的加密方式看不懂")
            plain = json.loads(AESGCM(self._api_key).decrypt(nonce, sealed, bound))
        except InvalidTag as error:
            raise Forged("通知解不开，请核对 APIv3 密钥") from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Forged("通知的格式不对") from error
        if not isinstance(plain, dict):
            raise Forged("通知的格式不对")
        return plain
