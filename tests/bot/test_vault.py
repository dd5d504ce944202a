"""Sealed fields: bound to their place, opened by any key, changed by nobody; rotating keys."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.clock import MovableClock
from bot.desk import Refused
from bot.rotating import RotateKeys
from bot.vault import DATA_KEYS, DataKey, KeysUnusable, Unreadable, Vault, about, read_keys
from storage.database import Database, open_database
from storage.tables import METADATA

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OLD, NEW = "2026a:" + "11" * 32, "2026b:" + "22" * 32
PHONE, PLACE = "13800000001", "lead/phone/名单/1"


def vault(written: str) -> Vault:
    return Vault(read_keys({DATA_KEYS: written}), MovableClock(NOW, seed=b"v").entropy)


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("", ()),
        (OLD, (DataKey("2026a", b"\x11" * 32),)),
        (f" {NEW}, {OLD} ", (DataKey("2026b", b"\x22" * 32), DataKey("2026a", b"\x11" * 32))),
    ],
)
def test_keys_are_read_in_their_order(written: str, keys: tuple[DataKey, ...]) -> None:
    assert read_keys({DATA_KEYS: written}) == keys


@pytest.mark.parametrize(
    "written",
    [
        "abc",
        "a:" + "1" * 63,
        "a:" + "g" * 64,
        f"{OLD},{OLD}",
        f"{OLD},",
        ":" + "1" * 64,
        "a b:" + "1" * 64,
    ],
)
def test_keys_that_cannot_be_used_are_refused_without_being_shown(written: str) -> None:
    with pytest.raises(KeysUnusable) as caught:
        read_keys({DATA_KEYS: written})
    assert (str(caught.value).startswith(DATA_KEYS), "1111" in str(caught.value)) == (True, False)


def test_without_keys_nothing_is_sealed() -> None:
    with pytest.raises(KeysUnusable, match="没有配置数据密钥 QUNYUN_DATA_KEYS"):
        vault("")


def test_a_key_is_never_printed() -> None:
    assert repr(read_keys({DATA_KEYS: OLD})) == "(DataKey(id='2026a'),)"


@pytest.mark.parametrize("secret", [PHONE, "", "张三", "🍵" * 500])
def test_what_is_sealed_opens_at_its_place(secret: str) -> None:
    one = vault(OLD)
    sealed = one.seal(secret, PLACE)
    assert (one.open(sealed, PLACE), sealed.startswith("2026a."), secret in sealed) == (
        secret,
        True,
        not secret,
    )


def test_the_same_value_is_sealed_differently_and_hashed_alike() -> None:
    one = vault(OLD)
    assert one.seal(PHONE, PLACE) != one.seal(PHONE, PLACE)
    assert (len(one.blind(PHONE)), one.blind(PHONE)) == (64, vault(OLD).blind(PHONE))
    assert one.blind(PHONE) != vault(NEW).blind(PHONE)
    assert vault(f"{NEW},{OLD}").blinds(PHONE) == [vault(NEW).blind(PHONE), one.blind(PHONE)]


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1],
        lambda sealed: sealed.replace("2026a.", "2026b."),
        lambda sealed: sealed.replace("2026a.", "2026c."),
        lambda sealed: sealed[:20],
        lambda sealed: "2026a.",
        lambda sealed: "",
        lambda sealed: "2026a.密文",
    ],
)
def test_a_changed_field_does_not_open(change: Callable[[str], str]) -> None:
    one = vault(f"{OLD},{NEW}")
    with pytest.raises(Unreadable):
        one.open(change(one.seal(PHONE, PLACE)), PLACE)


def test_a_field_copied_elsewhere_does_not_open() -> None:
    one = vault(OLD)
    with pytest.raises(Unreadable, match="密文损坏或不属于这一行"):
        one.open(one.seal(PHONE, PLACE), "lead/phone/名单/2")


LEADS = 500


async def fill(database: Database, written: str) -> None:
    """Leads sealed with the first of these keys."""
    one = vault(written)
    leads = [
        {
            "list": "名单",
            "line": line,
            "channel": "c",
            "name": "甲",
            "phone": one.seal(f"138{line:08}", about("lead", "phone", "名单", line)),
            "phone_hash": one.blind(f"138{line:08}"),
            "masked": "138****0000",
            "priority": 1,
            "staff": "li",
            "created_at": NOW,
        }
        for line in range(1, LEADS + 1)
    ]
    await database.write(lambda tx: tx.execute(insert(METADATA.tables["lead"]), leads) and None)


async def phones(database: Database, written: str) -> tuple[set[str], int]:
    """The ids of the keys in use, and how many phones open and are found by their hash."""
    lead, one = METADATA.tables["lead"], vault(written)
    query = select(lead.c.line, lead.c.phone, lead.c.phone_hash)
    rows = await database.read(lambda tx: tx.execute(query).all())
    right = sum(
        one.open(sealed, about("lead", "phone", "名单", line)) == f"138{line:08}"
        and blind in one.blinds(f"138{line:08}")
        for line, sealed, blind in rows
    )
    return {sealed.partition(".")[0] for _, sealed, _ in rows}, right


async def test_rotating_seals_everything_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(database, OLD)
    monkeypatch.setenv(DATA_KEYS, f"{NEW},{OLD}")
    done = [await RotateKeys().to_the_end(database, NOW) for _ in range(2)]
    assert done == [
        "用第一把密钥重新加密了 500 处，旧密钥可以撤下了。",
        "所有加密的字段都已经用第一把密钥，旧密钥可以撤下了。",
    ]
    assert await phones(database, NEW) == ({"2026b"}, LEADS)


async def test_rotating_without_the_old_key_is_refused_and_changes_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(database, OLD)
    monkeypatch.setenv(DATA_KEYS, NEW)
    with pytest.raises(Refused, match="没有编号为“2026a”的数据密钥。请把当时的密钥也写上"):
        await RotateKeys().to_the_end(database, NOW)
    assert await phones(database, OLD) == ({"2026a"}, LEADS)


ROTATE = """
import asyncio, datetime, sys
from bot.rotating import RotateKeys
from storage.database import open_database

async def run():
    database = await open_database(sys.argv[1])
    await RotateKeys().to_the_end(database, datetime.datetime.now(datetime.UTC))

asyncio.run(run())
"""


@pytest.mark.parametrize("passage", [1, 2, 3])
async def test_killed_in_the_middle_every_row_can_be_read(sqlite_url: str, passage: int) -> None:
    database = await open_database(sqlite_url)
    await fill(database, OLD)
    await database.close()
    environ = {**os.environ, DATA_KEYS: f"{NEW},{OLD}", "CRASH_AT": f"K23:{passage}"}
    command = [sys.executable, "-c", ROTATE, sqlite_url]
    root = Path(__file__).parents[2]
    killed = subprocess.run(command, env=environ, cwd=root, timeout=60, check=False)
    database = await open_database(sqlite_url)
    ids, right = await phones(database, f"{NEW},{OLD}")
    await database.close()
    assert (killed.returncode, right) == (-signal.SIGKILL, LEADS)
    assert ids == ({"2026a"} if passage == 1 else {"2026a", "2026b"})
    again = subprocess.run(
        command, env=environ | {"CRASH_AT": ""}, cwd=root, timeout=60, check=False
    )
    database = await open_database(sqlite_url)
    assert (again.returncode, await phones(database, NEW)) == (0, ({"2026b"}, LEADS))
    await database.close()
