"""The promises of `Database`, over both databases."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError

from storage import sqlite
from storage.database import AlreadyOpen, Database, Unusable, open_database
from storage.rows import insert_all
from storage.tables.money import Budget
from storage.types import table

BUDGET = table(Budget)


def add_budget(tx: Connection, source: str, budget_fen: int = 1000) -> str:
    insert_all(tx, BUDGET, [{"source": source, "budget_fen": budget_fen}])
    return source


def spend_carelessly(tx: Connection) -> None:
    """Reads, then writes what it computed: right only if works do not overlap."""
    query = select(BUDGET.c.committed_fen).where(BUDGET.c.source == "pool/x")
    spent = tx.execute(query).scalar_one()
    tx.execute(update(BUDGET).where(BUDGET.c.source == "pool/x").values(committed_fen=spent + 1))


def spent(tx: Connection) -> int:
    return tx.execute(select(BUDGET.c.committed_fen)).scalar_one()


def sources(tx: Connection) -> list[str]:
    return list(tx.execute(select(BUDGET.c.source).order_by(BUDGET.c.source)).scalars())


async def test_write_returns_the_value_of_its_work(database: Database) -> None:
    assert await database.write(lambda tx: add_budget(tx, "pool/x")) == "pool/x"
    assert await database.read(sources) == ["pool/x"]


async def test_concurrent_read_then_write_loses_nothing(database: Database) -> None:
    await database.write(lambda tx: add_budget(tx, "pool/x"))
    await asyncio.gather(*(database.write(spend_carelessly) for _ in range(100)))
    assert await database.read(spent) == 100


async def test_read_then_write_of_several_processes_loses_nothing(postgres_url: str) -> None:
    databases = [await open_database(postgres_url) for _ in range(4)]
    try:
        await databases[0].write(lambda tx: add_budget(tx, "pool/x"))
        await asyncio.gather(
            *(database.write(spend_carelessly) for _ in range(10) for database in databases)
        )
        assert await databases[0].read(spent) == 40
    finally:
        for database in databases:
            await database.close()


async def test_writes_asked_for_together_share_commits(database: Database) -> None:
    runs: list[int] = []

    def note(tx: Connection) -> None:
        runs.append(id(tx.get_transaction()))

    await asyncio.gather(*(database.write(note) for _ in range(200)))
    assert len(runs) == 200
    assert len(set(runs)) <= 20


@pytest.mark.parametrize("fault", ["python", "database"])
async def test_work_that_raises_harms_nobody_else_in_its_batch(
    database: Database, fault: str
) -> None:
    def bad(tx: Connection) -> None:
        add_budget(tx, "pool/bad")
        if fault == "python":
            raise ArithmeticError("bad work")
        add_budget(tx, "pool/bad")

    works = [lambda tx, n=n: add_budget(tx, f"pool/{n}") for n in range(3)]
    results = await asyncio.gather(
        *(database.write(work) for work in (works[0], bad, works[1], bad, works[2])),
        return_exceptions=True,
    )
    kinds = [one if isinstance(one, str) else type(one).__name__ for one in results]
    error = "ArithmeticError" if fault == "python" else "IntegrityError"
    assert kinds == ["pool/0", error, "pool/1", error, "pool/2"]
    assert await database.read(sources) == ["pool/0", "pool/1", "pool/2"]


async def test_write_is_committed_though_its_caller_was_cancelled(database: Database) -> None:
    asking = asyncio.create_task(database.write(lambda tx: add_budget(tx, "pool/x")))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await database.write(lambda tx: None)
    assert await database.read(sources) == ["pool/x"]


async def test_close_finishes_what_was_asked_for(database_url: str) -> None:
    database = await open_database(database_url)
    asked = [
        asyncio.create_task(database.write(lambda tx, n=n: add_budget(tx, f"pool/{n}")))
        for n in range(3)
    ]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*asked) == ["pool/0", "pool/1", "pool/2"]


async def test_read_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await database.read(lambda tx: add_budget(tx, "pool/x"))


async def test_database_opened_read_only_reads_beside_its_writer(
    database: Database, database_url: str
) -> None:
    await database.write(lambda tx: add_budget(tx, "pool/x"))
    beside = await open_database(database_url, read_only=True)
    try:
        assert await beside.read(sources) == ["pool/x"]
        with pytest.raises(Unusable, match=r"^数据库以只读方式打开，不能写入。$"):
            await beside.write(sources)
    finally:
        await beside.close()


async def test_second_process_on_a_sqlite_file_is_refused(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    path = sqlite_url.removeprefix("sqlite:///")
    try:
        with pytest.raises(AlreadyOpen) as refused:
            await open_database(sqlite_url)
    finally:
        await database.close()
    assert str(refused.value) == (
        f"数据库 {path} 正被另一个 qunyun 进程使用，本进程不再启动。"
        "请先停止那个进程，或换一个数据目录。"
    )
    again = await open_database(sqlite_url)
    await again.close()


async def test_locked_file_fails_the_batch_and_the_next_one_goes_on(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sqlite._WRITER_PRAGMAS, "busy_timeout", 20)  # type: ignore[arg-type]
    database = await open_database(sqlite_url)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        works = (lambda tx, n=n: add_budget(tx, f"pool/{n}") for n in range(3))
        results = await asyncio.gather(*map(database.write, works), return_exceptions=True)
        other.rollback()
    assert [type(one).__name__ for one in results] == ["OperationalError"] * 3
    await database.write(lambda tx: add_budget(tx, "pool/x"))
    assert await database.read(sources) == ["pool/x"]
    await database.close()


async def test_writes_go_on_after_the_server_dropped_the_connection(postgres_url: str) -> None:
    drop = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    database = await open_database(postgres_url)
    await database.write(lambda tx: add_budget(tx, "pool/0"))
    await database.read(lambda tx: tx.execute(drop).scalar())
    await database.write(lambda tx: add_budget(tx, "pool/1"))
    assert await database.read(sources) == ["pool/0", "pool/1"]
    await database.close()


HANG_UP = text("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.parametrize("door", ["write", "read"])
async def test_work_is_done_again_where_the_connection_broke_before_the_commit(
    postgres_url: str, door: str
) -> None:
    database = await open_database(postgres_url)
    await database.write(lambda tx: add_budget(tx, "pool/0"))
    runs: list[list[str]] = []

    def work(tx: Connection) -> int:
        if door == "write":
            add_budget(tx, "pool/1")
        runs.append(sources(tx))
        if len(runs) == 1:
            tx.execute(HANG_UP)
        return len(runs)

    assert await getattr(database, door)(work) == 2
    there = {"write": ["pool/0", "pool/1"], "read": ["pool/0"]}[door]
    assert (runs, await database.read(sources)) == ([there, there], there)
    await database.close()


@pytest.mark.parametrize("door", ["write", "read"])
async def test_work_that_always_breaks_the_connection_is_given_up(
    postgres_url: str, door: str
) -> None:
    database = await open_database(postgres_url)
    runs: list[int] = []

    def work(tx: Connection) -> None:
        runs.append(1)
        tx.execute(HANG_UP)

    with pytest.raises(DBAPIError):
        await getattr(database, door)(work)
    assert (len(runs), await database.read(sources)) == (2, [])
    await database.close()


async def test_sqlite_files_are_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    database = await open_database(f"sqlite:///{folder}/qunyun.db")
    await database.write(lambda tx: add_budget(tx, "pool/x"))
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}
    await database.close()
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert modes == {
        "qunyun.db": "0o600",
        "qunyun.db-wal": "0o600",
        "qunyun.db-shm": "0o600",
        "qunyun.db.lock": "0o600",
    }


async def test_sqlite_settings_are_the_durable_ones(sqlite_url: str) -> None:
    def settings(tx: Connection) -> dict[str, object]:
        names = ("synchronous", "journal_mode", "foreign_keys", "busy_timeout", "secure_delete")
        return {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    database = await open_database(sqlite_url)
    assert await database.write(settings) == {
        "synchronous": 2,
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "secure_delete": 1,
    }
    await database.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "SQLite 数据库必须是文件，例如 sqlite:///data/qunyun.db。"),
        (
            "mysql://x/y",
            "不支持数据库“mysql”，请写成 sqlite:///data/qunyun.db 或 "
            "postgresql://用户:密码@主机/数据库。",
        ),
        (
            "data.db",
            "看不懂数据库地址，请写成 sqlite:///data/qunyun.db 或 "
            "postgresql://用户:密码@主机/数据库。",
        ),
    ],
)
async def test_unknown_address_is_refused_in_words(url: str, message: str) -> None:
    with pytest.raises(Unusable) as refused:
        await open_database(url)
    assert str(refused.value) == message


async def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("这不是数据库" * 100)
    with pytest.raises(Unusable, match=f"^打不开 SQLite 数据库 {path}：file is not a database$"):
        await open_database(f"sqlite:///{path}")


WORKER = """
import asyncio, sys
from storage import occurrences
from storage.database import open_database
from storage.rows import insert_all
from storage.tables.money import Budget
from storage.types import table

async def main():
    database = await open_database(sys.argv[1])
    async def one(n):
        row = {"source": f"pool/{n}", "budget_fen": 1}
        await database.write(lambda tx: insert_all(tx, table(Budget), [row]))
        print(row["source"], flush=True)
    for start in range(0, 100_000, 10):
        await asyncio.gather(*(one(n) for n in range(start, start + 10)))

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 25, 300])
async def test_killed_process_loses_no_acknowledged_write(
    database_url: str, acknowledged: int
) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, database_url],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )
    assert worker.stdout is not None
    told = [worker.stdout.readline().strip() for _ in range(acknowledged)]
    worker.send_signal(signal.SIGKILL)
    told += worker.stdout.read().split("\n")[:-1]
    worker.stdout.close()
    assert worker.wait() == -signal.SIGKILL

    database = await open_database(database_url)
    kept = set(await database.read(sources))
    await database.close()
    assert set(told) - kept == set()
    assert len(told) >= acknowledged
