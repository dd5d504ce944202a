"""G1: verify, decrypt, encrypt and sign a 1 KB callback, on one core, against wechatpy."""

import time
from collections.abc import Callable

from wechatpy.work.crypto import WeChatCrypto

from tests.benchmarks import wire
from tests.benchmarks.report import Row, alternating, ensure, paired, per_second, spread, times

SLICE = 0.4
REPLY = b'{"msgtype":"stream","stream":{"id":"1","content":"' + b"x" * 230 + b'"}}'


def _rate(once: Callable[[], object]) -> float:
    """Calls per second."""
    until = time.perf_counter() + SLICE
    began, done = time.perf_counter(), 0
    while time.perf_counter() < until:
        once()
        done += 1
    return done / (time.perf_counter() - began)


def run(rounds: int) -> list[Row]:
    """One row."""
    ours, theirs = wire.crypto(), WeChatCrypto(wire.TOKEN, wire.AES_KEY, "")
    plain = wire.plaintext(1, "http://127.0.0.1:8080")
    encrypted = ours.encrypt(plain)
    stamp, nonce = "1795000000", "n1"
    signature = ours.sign(stamp, nonce, encrypted)
    reply = REPLY.decode()

    def own() -> bytes:
        ours.verify(signature, stamp, nonce, encrypted)
        document = ours.decrypt(encrypted)
        ours.sign(stamp, nonce, ours.encrypt(REPLY))
        return document

    def usual() -> bytes:
        document = theirs.decrypt_message({"Encrypt": encrypted}, signature, stamp, nonce)
        theirs.encrypt_message(reply, nonce, stamp)
        return document if isinstance(document, bytes) else document.encode()

    ensure(own() == usual() == plain, "the two read different plaintexts")
    mine, wechatpy = alternating(max(rounds, 5), [lambda: _rate(own), lambda: _rate(usual)])
    ratio = paired(mine, wechatpy)
    return [
        Row("G1", "verify, decrypt, encrypt, sign 1 KB against wechatpy (its XML parsing spared)",
            spread(mine, per_second), spread(wechatpy, per_second), times(ratio), ">= 2x",
            ratio >= 2),
    ]  # fmt: skip
