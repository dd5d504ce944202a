"""Ten thousand forged callbacks over real HTTP: none is accepted, none leaves a trace."""

from collections.abc import Callable, Iterator

import pytest

from bot.wecom.crypto import Crypto
from tests.load.storm import (
    AGENT,
    APP_KEY,
    APP_PATH,
    APP_TOKEN,
    BOT_KEY,
    BOT_PATH,
    BOT_TOKEN,
    CORP,
    CREATED,
    Message,
    enveloped,
    message,
    own_crypto,
    post,
    request,
    serving,
    signed,
)

FORGED = 10_000
OTHER_KEY = "0" * 42 + "A"
Forgery = Callable[[Message, str], bytes]


def whole(one: Message, crypto: Crypto, nonce: str, stamp: int = CREATED) -> bytes:
    """A delivery that is sound in itself."""
    encrypted = crypto.encrypt(one.plain)
    query = signed(crypto, encrypted, nonce, f"{stamp}")
    return request(one.path, query, enveloped(one.path, encrypted))


def wrong_signature(one: Message, nonce: str) -> bytes:
    crypto = own_crypto(one.path)
    encrypted = crypto.encrypt(one.plain)
    query = {**signed(crypto, encrypted, nonce), "msg_signature": "0" * 40}
    return request(one.path, query, enveloped(one.path, encrypted))


def signature_of_another(one: Message, nonce: str) -> bytes:
    crypto = own_crypto(one.path)
    query = signed(crypto, crypto.encrypt(b"<xml/>"), nonce)
    return request(one.path, query, enveloped(one.path, crypto.encrypt(one.plain)))


def unsigned(one: Message, nonce: str) -> bytes:
    encrypted = own_crypto(one.path).encrypt(one.plain)
    return request(one.path, {"nonce": nonce}, enveloped(one.path, encrypted))


def wrong_company(one: Message, nonce: str) -> bytes:
    app = one.path == APP_PATH
    token, key = (APP_TOKEN, APP_KEY) if app else (BOT_TOKEN, BOT_KEY)
    return whole(one, Crypto(token, key, "ww9999999999999999"), nonce)


def replayed(one: Message, nonce: str) -> bytes:
    return whole(one, own_crypto(one.path), nonce, CREATED - 3_601)


def ahead_of_time(one: Message, nonce: str) -> bytes:
    return whole(one, own_crypto(one.path), nonce, CREATED + 3_601)


def truncated(one: Message, nonce: str) -> bytes:
    crypto = own_crypto(one.path)
    encrypted = crypto.encrypt(one.plain)
    body = enveloped(one.path, encrypted)
    return request(one.path, signed(crypto, encrypted, nonce), body[: len(body) // 2])


def truncated_ciphertext(one: Message, nonce: str) -> bytes:
    crypto = own_crypto(one.path)
    encrypted = crypto.encrypt(one.plain)[:-64]
    return request(one.path, signed(crypto, encrypted, nonce), enveloped(one.path, encrypted))


def key_of_another_application(one: Message, nonce: str) -> bytes:
    app = one.path == APP_PATH
    token, receiver = (APP_TOKEN, CORP) if app else (BOT_TOKEN, "")
    return whole(one, Crypto(token, OTHER_KEY, receiver), nonce)


def token_of_another_application(one: Message, nonce: str) -> bytes:
    app = one.path == APP_PATH
    key, receiver = (APP_KEY, CORP) if app else (BOT_KEY, "")
    return whole(one, Crypto("othertoken", key, receiver), nonce)


def sealed_for_the_other_address(one: Message, nonce: str) -> bytes:
    there = BOT_PATH if one.path == APP_PATH else APP_PATH
    return whole(one, own_crypto(there), nonce)


def unknown_address(one: Message, nonce: str) -> bytes:
    path = one.path.replace(AGENT, "1000099").replace("aibLoad", "aibOther")
    return whole(one, own_crypto(one.path), nonce).replace(one.path.encode(), path.encode(), 1)


FORGERIES: tuple[Forgery, ...] = (
    wrong_signature,
    signature_of_another,
    unsigned,
    wrong_company,
    replayed,
    ahead_of_time,
    truncated,
    truncated_ciphertext,
    key_of_another_application,
    token_of_another_application,
    sealed_for_the_other_address,
    unknown_address,
)


def forged(number: int) -> Iterator[bytes]:
    """So many requests, each a sound message with one thing wrong."""
    for turn in range(number):
        forgery = FORGERIES[turn % len(FORGERIES)]
        yield forgery(message(turn // len(FORGERIES)), f"n{turn}")


@pytest.mark.timeout(300)
async def test_forged_callbacks_are_refused_and_leave_nothing(sqlite_url: str) -> None:
    async with serving(sqlite_url) as service:
        assert await post(service.port, forged(FORGED)) == (FORGED, FORGED)
        assert await service.count("SELECT count(*) FROM inbox") == 0
        assert await service.count("SELECT count(*) FROM activity") == 0


@pytest.mark.timeout(300)
async def test_sound_message_in_the_same_envelope_is_accepted(sqlite_url: str) -> None:
    """What the forgeries are made of is accepted when nothing is wrong with it."""
    sound = [whole(message(one), own_crypto(message(one).path), f"n{one}") for one in range(10)]
    async with serving(sqlite_url) as service:
        assert await post(service.port, iter(sound)) == (10, 0)
        assert await service.count("SELECT count(*) FROM inbox") == 10
