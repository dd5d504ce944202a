"""The vendor's library for the message archive (libWeWorkFinanceSdk_C.so): loaded only where
configuration names it. It is not part of this program; the bank downloads it from WeCom
(wecom-protocol.md F.2).
"""

import asyncio
import ctypes
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from bot.wecom.message_archive import Record, Sealed, Unreadable, opened

TIMEOUT_SECONDS = 10
_ERRORS = {
    10000: "参数错误",
    10001: "网络错误",
    10002: "数据解析失败",
    10003: "系统失败",
    10004: "密钥错误",
    10006: "解密失败",
    10007: "找不到对应版本的私钥",
    10008: "消息密钥解析失败",
    10009: "服务器的出口 IP 不在会话存档的可信 IP 里，请在管理后台加上",
    10010: "数据过期：只能取最近 5 天的消息",
    10011: "证书错误",
}


class FinanceSdk:
    """The archive through the vendor's library. Its calls block, so each runs in a thread, one at
    a time."""

    def __init__(
        self, library: Path, corp_id: str, secret: str, keys: Mapping[int, RSAPrivateKey]
    ) -> None:
        """Raises Unreadable when the library cannot be loaded or refuses the secret."""
        self._keys = keys
        self._turn = asyncio.Lock()
        try:
            self._lib = _declared(ctypes.CDLL(str(library)))
        except (OSError, AttributeError) as error:
            raise Unreadable(f"会话存档的库 {library} 不能用：{error}") from error
        self._sdk = self._lib.NewSdk()
        code = self._lib.Init(self._sdk, corp_id.encode(), secret.encode())
        if code:
            raise Unreadable(f"会话存档不能用：{_meaning(code)}")

    async def fetch(self, seq: int, limit: int) -> list[Record]:
        """The records that follow `seq`. Raises Unreadable."""
        async with self._turn:
            return await asyncio.to_thread(self._fetch, seq, limit)

    def _fetch(self, seq: int, limit: int) -> list[Record]:
        piece = self._lib.NewSlice()
        try:
            code = self._lib.GetChatData(
                self._sdk, seq, limit, b"", b"", TIMEOUT_SECONDS, ctypes.c_void_p(piece)
            )
            if code:
                raise Unreadable(f"会话存档取不到：{_meaning(code)}")
            answer = json.loads(self._text(piece))
        finally:
            self._lib.FreeSlice(piece)
        if answer.get("errcode"):
            raise Unreadable(f"会话存档取不到：企业微信错误码 {answer['errcode']}")
        return opened(sealed(answer), self._keys, self._decrypt)

    def _decrypt(self, key: str, message: str) -> str:
        piece = self._lib.NewSlice()
        try:
            code = self._lib.DecryptData(key.encode(), message.encode(), ctypes.c_void_p(piece))
            if code:
                raise ValueError(_meaning(code))
            return self._text(piece)
        finally:
            self._lib.FreeSlice(piece)

    def _text(self, piece: int) -> str:
        length = self._lib.GetSliceLen(piece)
        return ctypes.string_at(self._lib.GetContentFromSlice(piece), length).decode()


def sealed(answer: Mapping[str, Any]) -> list[Sealed]:
    """The records in an answer of the archive, in their order."""
    found = [
        Sealed(
            int(one["seq"]),
            str(one["msgid"]),
            int(one["publickey_ver"]),
            str(one["encrypt_random_key"]),
            str(one["encrypt_chat_msg"]),
        )
        for one in answer.get("chatdata") or []
    ]
    return sorted(found, key=lambda one: one.seq)


def _meaning(code: int) -> str:
    return f"{_ERRORS.get(code, '未知错误')}（{code}）"


def _declared(library: ctypes.CDLL) -> ctypes.CDLL:
    """With the types of WeWorkFinanceSdk_C.h, without which pointers lose their upper half."""
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("NewSdk", pointer, []),
        ("Init", number, [pointer, text, text]),
        (
            "GetChatData",
            number,
            [pointer, ctypes.c_ulonglong, ctypes.c_uint, text, text, number, pointer],
        ),
        ("DecryptData", number, [text, text, pointer]),
        ("NewSlice", pointer, []),
        ("FreeSlice", None, [pointer]),
        ("GetContentFromSlice", pointer, [pointer]),
        ("GetSliceLen", number, [pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
