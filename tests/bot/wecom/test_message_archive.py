"""Records of the message archive: sealed keys, shapes, and the vendor's library where it is not."""

import base64
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from bot.wecom.finance_sdk import FinanceSdk, sealed
from bot.wecom.message_archive import (
    Record,
    Sealed,
    Unreadable,
    opened,
    read_record,
    unwrap,
)

AT = datetime(2026, 11, 23, 1, 30, 0, 250000, tzinfo=UTC)
MS = int(AT.timestamp() * 1000)


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def wrapped(key: RSAPrivateKey, text: str) -> str:
    return base64.b64encode(key.public_key().encrypt(text.encode(), PKCS1v15())).decode()


def test_random_key_is_unwrapped_by_the_version_it_names(key: RSAPrivateKey) -> None:
    other = generate_private_key(65537, 2048)
    assert unwrap(wrapped(key, "abc-123"), 3, {2: other, 3: key}) == "abc-123"


def test_version_without_private_key_says_what_to_do(key: RSAPrivateKey) -> None:
    with pytest.raises(Unreadable) as raised:
        unwrap(wrapped(key, "abc"), 4, {3: key})
    assert str(raised.value) == (
        "会话存档用了第 4 版公钥，config.yaml 的 wecom.archive.keys 里没有它的私钥"
    )


def body(kind: str, content: Any, **more: Any) -> str:
    head = {
        "msgid": "m1_external",
        "action": "send",
        "from": "wm1",
        "roomid": "wr1",
        "msgtime": MS,
        "msgtype": kind,
    }
    return json.dumps(head | {kind: content} | more)


@pytest.mark.parametrize(
    ("text", "record"),
    [
        (
            body("text", {"content": "早\0上好"}),
            Record(7, "m1_external", "send", "wm1", "wr1", AT, "text", "早上好"),
        ),
        (
            body("image", {"md5sum": "0", "sdkfileid": "f"}),
            Record(7, "m1_external", "send", "wm1", "wr1", AT, "image"),
        ),
        (
            body("agree", {"userid": "wm2", "agree_time": MS}),
            Record(7, "m1_external", "send", "wm2", "wr1", AT, "agree"),
        ),
        (
            body("revoke", {"pre_msgid": "m0"}, action="recall", roomid=None),
            Record(7, "m1_external", "recall", "wm1", "", AT, "revoke"),
        ),
        (
            json.dumps({"msgid": "m1", "action": "switch", "time": MS, "user": "li"}),
            Record(7, "m0", "switch", "li", "", AT, "switch"),
        ),
    ],
)
def test_record_is_read(text: str, record: Record) -> None:
    assert read_record(7, "m0", text) == record


def test_broken_record_does_not_hold_up_the_rest(
    key: RSAPrivateKey, caplog: pytest.LogCaptureFixture
) -> None:
    found = [
        Sealed(1, "m1", 1, "!!!", "x"),
        Sealed(2, "m2", 1, wrapped(key, "k"), "[]"),
        Sealed(3, "m3", 1, wrapped(key, "k"), body("text", {"content": "好"})),
    ]
    with caplog.at_level(logging.CRITICAL, logger="bot.wecom.message_archive"):
        records = opened(found, {1: key}, lambda _, message: message)
    assert [(one.seq, one.kind, one.text) for one in records] == [
        (1, "unreadable", ""),
        (2, "unreadable", ""),
        (3, "text", "好"),
    ]


def test_sealed_records_come_in_order() -> None:
    one = {
        "msgid": "m",
        "publickey_ver": 1,
        "encrypt_random_key": "k",
        "encrypt_chat_msg": "c",
    }
    answer = {"errcode": 0, "chatdata": [{"seq": 9, **one}, {"seq": 8, **one}]}
    assert [found.seq for found in sealed(answer)] == [8, 9]
    assert sealed({"errcode": 0}) == []


def test_library_that_is_not_there_says_so(tmp_path: Path) -> None:
    path = tmp_path / "libWeWorkFinanceSdk_C.so"
    path.write_bytes(b"no library")
    with pytest.raises(Unreadable) as raised:
        FinanceSdk(path, "ww1", "secret", {})
    assert str(raised.value).startswith(f"会话存档的库 {path} 不能用：")
