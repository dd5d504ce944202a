"""Callbacks as WeCom would post them, built before the clock runs.

The message is an intelligent bot's URL callback (JSON, encrypted, signed), because that is how
what members say in groups reaches a bot; its plaintext is about 1 KB. Every message has its own
msgid, so that a lost or a doubled row shows as a wrong count.
"""

import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from bot.wecom.crypto import Crypto

TOKEN = "benchmarktoken0123456789"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
BOT = "aibBenchmark"
NAME = "群运"
PATH = f"/wecom/aibot/{BOT}"
CHATS = 50
MEMBERS = 40
CODE = 600
"""Characters of a response code: with it the plaintext has about 1 KB."""


def crypto() -> Crypto:
    """The key that every side shares."""
    return Crypto(TOKEN, AES_KEY, "")


def chat(number: int) -> str:
    """A group's id."""
    return f"wrBenchmarkGroup{number:04d}"


def member(place: int, number: int) -> str:
    """A customer's id."""
    return f"wm{place:04d}x{number:04d}"


def plaintext(number: int, answer_url: str) -> bytes:
    """The message with this number: some member of some group says something to the bot."""
    place, who = number % CHATS, number // CHATS % MEMBERS
    code = f"c{number:09d}".ljust(CODE, "x")
    message = {
        "msgid": f"bench-{number:09d}",
        "aibotid": BOT,
        "chatid": chat(place),
        "chattype": "group",
        "from": {"userid": member(place, who)},
        "msgtype": "text",
        "text": {"content": f"@{NAME} 第 {number} 条：请问这周的活动怎么参加？"},
        "response_url": f"{answer_url}/cgi-bin/aibot/response?response_code={code}",
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def requests(start: int, count: int, answer_url: str) -> Iterator[bytes]:
    """Whole HTTP requests, signed now: they are good for an hour."""
    key = crypto()
    stamp = str(int(time.time()))
    for number in range(start, start + count):
        encrypted = key.encrypt(plaintext(number, answer_url))
        nonce = f"n{number}"
        signature = key.sign(stamp, nonce, encrypted)
        query = urlencode({"msg_signature": signature, "timestamp": stamp, "nonce": nonce})
        body = json.dumps({"encrypt": encrypted}).encode()
        head = (
            f"POST {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def write(path: Path, start: int, count: int, answer_url: str) -> None:
    """Keeps requests in a file for the load generator."""
    with path.open("wb") as file:
        for request in requests(start, count, answer_url):
            file.write(struct.pack(">I", len(request)) + request)


def read(path: Path) -> list[bytes]:
    """The requests of a file."""
    data = path.read_bytes()
    found, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found
