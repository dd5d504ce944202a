"""The published vectors (wecom-protocol.md B.7), and what must be refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.work.crypto import WeChatCrypto

from bot.wecom.crypto import Crypto, CryptoError

V1_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
V3_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
V1 = Crypto("QDG6eK", V1_KEY, "wx5823bf96d3bd56c7")
V1_ENCRYPTED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3Qczcd"
    "CUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd"
    "4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2"
    "r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Nc"
    "x4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uy"
    "PIGHBZZIs2pDBS8R07+qN+E7Q=="
)
V1_PLAIN = b"""<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>
<FromUserName><![CDATA[mycreate]]></FromUserName>
<CreateTime>1409659813</CreateTime>
<MsgType><![CDATA[text]]></MsgType>
<Content><![CDATA[hello]]></Content>
<MsgId>4561255354251345929</MsgId>
<AgentID>218</AgentID>
</xml>"""
V2 = Crypto(
    "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme",
    "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws",
    "ww6a112864f8022910",
)
V3 = Crypto("123456", V3_KEY, "wx49f0ab532d5d035a")
V4_PLAIN = b"""<xml>
<MsgType><![CDATA[text]]></MsgType>
<Content><![CDATA[test]]></Content>
<FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>
<ToUserName><![CDATA[messense]]></ToUserName>
<AgentID>1</AgentID>
<CreateTime>1411525903</CreateTime>
</xml>"""
V4_ENCRYPTED = (
    "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcB"
    "qGsL8GqxlhZgURnAtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0n"
    "FhHZSjPUL2Q1qvSUCUld+/WIXrx0oyKQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwb"
    "gX05UPPJvFurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkdQ39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3"
    "ypD3WeK2XeFYFMNMpatF9XiKzHo3"
)
V5 = Crypto("QDG6eK", V1_KEY, "")
V5_PLAIN = b'{"msgtype":"text","text":{"content":"hello"}}'
V5_ENCRYPTED = (
    "sKqRbbiSUnDhFHOvPjtUMTi3GzFfektFKvBUNOExSve1xPfcG17FcdPFbWD6lMvhXtsbEYHcgcFv+1lKg/ZwPQDMzT"
    "Dy9+AzPm2Vu98WnuNA++V2A1hRbGhADO24sHEC"
)


@pytest.mark.parametrize(
    ("crypto", "timestamp", "nonce", "signature", "encrypted", "plain"),
    [
        pytest.param(
            V1,
            "1409659813",
            "1372623149",
            "477715d11cdb4164915debcba66cb864d751f3e6",
            V1_ENCRYPTED,
            V1_PLAIN,
            id="V1",
        ),
        pytest.param(
            V2,
            "1583940690",
            "VHh7ymSeb0jc4lSb",
            "1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011",
            "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9"
            "w==",
            b"94966531020182955848408",
            id="V2",
        ),
        pytest.param(
            V3,
            "1411443780",
            "437374425",
            "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96",
            "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+"
            "Q==",
            b"5927782489442352469",
            id="V3",
        ),
        pytest.param(
            V3,
            "1411525903",
            "461056294",
            "407518b7649e86ef23978113f92d27afa9296533",
            V4_ENCRYPTED,
            V4_PLAIN,
            id="V4",
        ),
        pytest.param(
            V5,
            "1700000000",
            "nonce123",
            "28d56f2d83f8b43014ce54896836f3f9c35da344",
            V5_ENCRYPTED,
            V5_PLAIN,
            id="V5",
        ),
    ],
)
def test_vector_is_signed_and_opened(
    crypto: Crypto, timestamp: str, nonce: str, signature: str, encrypted: str, plain: bytes
) -> None:
    assert crypto.sign(timestamp, nonce, encrypted) == signature
    crypto.verify(signature, timestamp, nonce, encrypted)
    assert crypto.decrypt(encrypted) == plain


@pytest.mark.parametrize(
    ("crypto", "random16", "plain", "encrypted"),
    [
        pytest.param(V1, b"0960688932c47ef1", V1_PLAIN, V1_ENCRYPTED, id="V1"),
        pytest.param(V3, b"1234567890123456", V4_PLAIN, V4_ENCRYPTED, id="V4"),
        pytest.param(V5, b"0123456789abcdef", V5_PLAIN, V5_ENCRYPTED, id="V5"),
    ],
)
def test_vector_is_encrypted_byte_for_byte(
    crypto: Crypto, random16: bytes, plain: bytes, encrypted: str
) -> None:
    assert crypto.encrypt(plain, random16) == encrypted


@given(st.binary(max_size=300))
def test_encrypt_then_decrypt_returns_the_message(plain: bytes) -> None:
    assert V5.decrypt(V5.encrypt(plain)) == plain


def test_encrypt_is_read_by_another_library() -> None:
    other = WeChatCrypto("QDG6eK", V1_KEY, "wx5823bf96d3bd56c7")
    encrypted = V1.encrypt("你好".encode())
    signature = V1.sign("1700000000", "n", encrypted)
    envelope = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    assert other.decrypt_message(envelope, signature, "1700000000", "n") == "你好"


@pytest.mark.parametrize("key", ["", V1_KEY[:-1], V1_KEY + "=", "!" * 43])
def test_key_of_wrong_shape_is_refused(key: str) -> None:
    with pytest.raises(CryptoError):
        Crypto("token", key, "")


@pytest.mark.parametrize("signature", ["", "0" * 40, "签名", "\ud800"])
def test_wrong_signature_is_refused(signature: str) -> None:
    with pytest.raises(CryptoError):
        V1.verify(signature, "1409659813", "1372623149", V1_ENCRYPTED)


@pytest.mark.parametrize("encrypted", ["", "AAAA", "不是", V1_ENCRYPTED[:-4], V1_ENCRYPTED[4:]])
def test_damaged_ciphertext_is_refused(encrypted: str) -> None:
    with pytest.raises(CryptoError):
        V1.decrypt(encrypted)


def test_message_for_another_receiver_is_refused() -> None:
    with pytest.raises(CryptoError):
        V5.decrypt(V1_ENCRYPTED)
