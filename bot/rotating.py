"""Seals everything anew with the first data key: `qunyun db rotate-keys`. Part of `bot.acts`.

Some rows to a transaction: whenever it is killed, each row is sealed with one of the keys that
are configured, and going on starts with those that still have an old one.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Literal

from sqlalchemy import Connection

from bot.clock import SystemClock
from bot.crash import crash_point
from bot.desk import Refused
from bot.vault import KeysUnusable, Unreadable, Vault, about, read_keys
from sop.model import Strict
from storage.database import Database
from storage.sealed import SEALED, Sealed, reseal

BATCH = 200
"""Rows to a transaction."""


class RotateKeys(Strict):
    """Everything sealed is to be sealed with the first key, which the doer has itself."""

    act: Literal["rotate_keys"] = "rotate_keys"

    def do(self, tx: Connection, now: datetime) -> str:
        """One transaction's worth; empty once there is no more. Raises Refused."""
        vault = vault_of(os.environ)
        number = sum(_batch(tx, vault, one) for one in SEALED)
        crash_point("K23")
        return f"{number}" if number else ""

    async def to_the_end(self, database: Database, now: datetime) -> str:
        """What was done. Raises Refused."""
        number = 0
        while done := await database.write(partial(self.do, now=now)):
            number += int(done)
        if not number:
            return "所有加密的字段都已经用第一把密钥，旧密钥可以撤下了。"
        return f"用第一把密钥重新加密了 {number} 处，旧密钥可以撤下了。"


def vault_of(environ: Mapping[str, str]) -> Vault:
    """The vault of this process's keys. Raises Refused when there are none."""
    try:
        return Vault(read_keys(environ), SystemClock().entropy)
    except KeysUnusable as error:
        raise Refused(str(error)) from error


def _batch(tx: Connection, vault: Vault, field: Sealed) -> int:
    def anew(sealed: str, field: Sealed, row: tuple[object, ...]) -> tuple[str, str]:
        place = about(field.table, field.column, *row)
        text = vault.open(sealed, place)
        return vault.seal(text, place), vault.blind(text)

    try:
        return reseal(tx, field, vault.first, anew, BATCH)
    except Unreadable as error:
        raise Refused(f"有一处解不开，没有继续：{error}。请把当时的密钥也写上。") from error
