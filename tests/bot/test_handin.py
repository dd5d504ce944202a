"""Terminal commands that write while a service has the SQLite file."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.acts import HandleLetter
from bot.cli import main
from bot.clock import MovableClock
from bot.handin import MOST_AT_ONCE, MOST_BYTES, Answer, HandIn, NoAnswer, hand_in, socket_beside
from storage import outbox
from storage.database import Database, open_database

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
RETRY = HandleLetter(verb="retry", number=1)
UNKNOWN = "没有执行：服务不认识这个请求，请用同一版本的 qunyun。"
LOST = "服务没有回答，不知道做了没有。请先用 list 命令看看，再决定要不要重来。"
REFUSED = "数据库正被另一个 qunyun 进程使用，那个进程不接受命令。请稍后再试，或先停止它。"


def letter() -> outbox.NewLetter:
    return outbox.NewLetter(
        dedup_key="a#1",
        channel="group_robot",
        target={"community": "wealth-01"},
        body={"markdown": "密"},
        order_key="chat",
        not_before=NOON,
        created_at=NOON,
    )


async def owe_a_dead_letter(database: Database) -> None:
    await database.write(lambda tx: outbox.add(tx, [letter()]))
    await database.write(lambda tx: outbox.claim(tx, NOON, NOON, 1))
    await database.write(lambda tx: outbox.dead(tx, 1, "机器人已被移出群", NOON))


async def status(database: Database) -> str:
    (row,) = await database.read(lambda tx: outbox.listing(tx, None, 10))
    return row.status


@dataclass
class Desk:
    """A service that has a database with one dead letter, and listens."""

    database: Database
    path: Path
    handin: HandIn
    done: list[str] = field(default_factory=list)

    async def ask(self, act: HandleLetter) -> Answer:
        return await asyncio.to_thread(hand_in, self.path, act)

    async def send(self, question: bytes) -> tuple[bool, str]:
        """Says something of one's own and reads the answer."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        writer.write(question)
        answer = json.loads(await reader.readline())
        writer.close()
        return answer["ok"], answer["text"]


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    database = await open_database(sqlite_url)
    await owe_a_dead_letter(database)
    path = socket_beside(sqlite_url)
    assert path is not None
    done: list[str] = []
    handin = HandIn(database, MovableClock(NOON), path, lambda: done.append("act"), patience=0.5)
    await handin.start()
    yield Desk(database, path, handin, done)
    await handin.close()
    await database.close()


async def test_act_is_done_by_the_service(desk: Desk) -> None:
    assert await desk.ask(RETRY) == Answer(True, "1 号会再发一次")
    assert (await status(desk.database), desk.done) == ("pending", ["act"])


async def test_refusal_comes_back_in_words(desk: Desk) -> None:
    answer = await desk.ask(HandleLetter(verb="drop", number=7, reason="错"))
    assert answer == Answer(False, "发件箱里没有 7 号")
    assert (await status(desk.database), desk.done) == ("dead", [])


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (b"\n", UNKNOWN),
        (b"hello\n", UNKNOWN),
        (b"[]\n", UNKNOWN),
        (b"\xff\xfe\n", UNKNOWN),
        (b"[" * 100_000 + b"\n", UNKNOWN),
        (b'{"act":"drop_tables"}\n', UNKNOWN),
        (b'{"act":"handle_letter","verb":"retry","number":"1"}\n', UNKNOWN),
        (b'{"act":"handle_letter","verb":"retry","number":1,"more":1}\n', UNKNOWN),
        (b" " * (MOST_BYTES + 1) + b"\n", "没有执行：请求太长。"),
        (b'{"act":', "没有执行：0.5 秒内没有收到完整的请求。"),
    ],
    ids=["empty", "text", "list", "bytes", "deep", "act", "type", "more", "long", "partial"],
)
async def test_nonsense_is_refused(desk: Desk, question: bytes, answer: str) -> None:
    assert await desk.send(question) == (False, answer)
    assert await status(desk.database) == "dead"
    assert await desk.ask(RETRY) == Answer(True, "1 号会再发一次")


async def test_failure_of_the_service_is_told_without_its_inside(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.database.write(lambda tx: tx.exec_driver_sql("ALTER TABLE outbox RENAME TO gone"))
    answer = await desk.ask(RETRY)
    assert answer == Answer(False, "没有执行：服务内部出错，详情见服务的日志。")
    assert [one.message for one in caplog.records] == ["act failed"]


async def test_callers_that_say_nothing_delay_the_others_only(desk: Desk) -> None:
    silent = [await asyncio.open_unix_connection(desk.path) for _ in range(2 * MOST_AT_ONCE)]
    assert await desk.ask(RETRY) == Answer(True, "1 号会再发一次")
    answers = [json.loads(await reader.readline())["text"] for reader, _ in silent]
    for _, writer in silent:
        writer.close()
    assert set(answers) == {"没有执行：0.5 秒内没有收到完整的请求。"}


async def test_caller_that_leaves_early_harms_nobody(desk: Desk) -> None:
    _, writer = await asyncio.open_unix_connection(desk.path)
    writer.write(RETRY.model_dump_json().encode() + b"\n")
    writer.close()
    await writer.wait_closed()
    await desk.handin.close()  # waits for acts under way
    assert await status(desk.database) == "pending"


async def test_socket_is_private_and_goes_with_the_service(desk: Desk) -> None:
    assert oct(desk.path.stat().st_mode) == "0o140600"
    await desk.handin.close()
    assert desk.path.exists() is False
    with pytest.raises(NoAnswer, match=f"^{REFUSED}$"):
        hand_in(desk.path, RETRY)


async def test_socket_of_a_dead_process_is_taken_over(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "stale.sock"
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(path))
    dead.close()
    handin = HandIn(desk.database, MovableClock(NOON), path, lambda: None)
    await handin.start()
    answer = await asyncio.to_thread(hand_in, path, RETRY)
    await handin.close()
    assert answer == Answer(True, "1 号会再发一次")


async def test_socket_that_answers_is_left_alone(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    second = HandIn(desk.database, MovableClock(NOON), desk.path, lambda: None)
    await second.start()
    await second.close()
    assert [one.message for one in caplog.records] == [
        f"terminal commands that write will be refused: somebody answers at {desk.path}"
    ]
    assert await desk.ask(RETRY) == Answer(True, "1 号会再发一次")


async def test_file_that_is_no_socket_is_left_alone(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "notes.sock"
    path.write_text("mine")
    handin = HandIn(desk.database, MovableClock(NOON), path, lambda: None)
    await handin.start()
    await handin.close()
    assert path.read_text() == "mine"
    assert [one.message for one in caplog.records] == [
        f"terminal commands that write will be refused: {path} is not a socket"
    ]


async def test_path_longer_than_an_address_is_reached(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / ("长" * 60) / "data"
    folder.mkdir(parents=True)
    path = folder / "qunyun.db.sock"
    handin = HandIn(desk.database, MovableClock(NOON), path, lambda: None)
    await handin.start()
    answer = await asyncio.to_thread(hand_in, path, RETRY)
    mode = oct(path.stat().st_mode)
    await handin.close()
    assert (answer, mode, path.exists()) == (Answer(True, "1 号会再发一次"), "0o140600", False)


@pytest.mark.parametrize("said", [b"", b'{"ok": tr'])
def test_answer_that_breaks_off_leaves_the_outcome_open(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "service.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(1)
        with ThreadPoolExecutor(1) as elsewhere:
            asking = elsewhere.submit(hand_in, path, RETRY)
            connection, _ = listening.accept()
            assert connection.recv(1 << 16) == RETRY.model_dump_json().encode() + b"\n"
            connection.sendall(said)
            connection.close()
            with pytest.raises(NoAnswer, match=f"^{LOST}$"):
                asking.result(timeout=30)


def test_postgres_needs_no_socket() -> None:
    assert socket_beside("postgresql://u@/db") is None


NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter."""
    with tempfile.TemporaryDirectory(prefix="qunyun-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another account")
async def test_another_account_is_refused(desk: Desk, open_folder: Path) -> None:
    path = open_folder / "open.sock"
    handin = HandIn(desk.database, MovableClock(NOON), path, lambda: None)
    await handin.start()
    path.chmod(0o777)  # as if the permissions had been loosened by mistake
    script = (
        "import os, socket, sys; os.setuid(int(sys.argv[2])); s = socket.socket(socket.AF_UNIX);"
        "s.connect(sys.argv[1]); s.sendall(sys.argv[3].encode() + b'\\n');"
        "print(s.makefile('rb').readline().decode(), end='')"
    )
    words = [str(path), str(NOBODY), RETRY.model_dump_json()]
    asking = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, *words, stdout=subprocess.PIPE
    )
    out, _ = await asking.communicate()
    await handin.close()
    assert json.loads(out) == {
        "ok": False,
        "text": "没有执行：请用运行服务的同一个系统账号执行命令。",
    }
    assert await status(desk.database) == "dead"


# --- a service in another process --------------------------------------------------------------

SERVICE = """
import asyncio, sys
from bot.clock import SystemClock
from bot.handin import HandIn, socket_beside
from storage.database import open_database

async def main():
    database = await open_database(sys.argv[1])
    listens = sys.argv[2] == "listens"
    handin = HandIn(database, SystemClock(), socket_beside(sys.argv[1]), lambda: None)
    if listens:
        await handin.start()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await handin.close()
    await database.close()

asyncio.run(main())
"""
SECRETS = {
    "QUNYUN_APP_SECRET": "s",
    "QUNYUN_APP_TOKEN": "t",
    "QUNYUN_APP_AES_KEY": "k" * 43,
    "QUNYUN_AIBOT_SECRET": "x",
    "QUNYUN_ROBOT_WEALTH_01": "k",
}


@dataclass
class Installed:
    """A folder with a configuration and a database; perhaps a service that has it."""

    folder: Path
    url: str
    qunyun: Callable[..., tuple[int, str, str]]
    """Types a command: (exit code, output, errors)."""

    def service(self, listens: str) -> subprocess.Popen[str]:
        """A process that has the database, once it is ready."""
        running = subprocess.Popen(
            [sys.executable, "-c", SERVICE, self.url, listens],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        return running


@pytest.fixture
def installed(
    tmp_path: Path,
    sqlite_template: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Installed:
    monkeypatch.chdir(tmp_path)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    def qunyun(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["qunyun", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, *capsys.readouterr()

    one = Installed(tmp_path, f"sqlite:///{tmp_path}/data/qunyun.db", qunyun)
    assert one.qunyun("init", ".")[0] == 0
    (tmp_path / "data").mkdir()
    (tmp_path / "data/qunyun.db").write_bytes(sqlite_template)

    async def owe() -> None:
        database = await open_database(one.url)
        await owe_a_dead_letter(database)
        await database.close()

    asyncio.run(owe())
    return one


def end(service: subprocess.Popen[str]) -> int:
    service.communicate(timeout=30)
    return service.returncode


def test_command_writes_the_same_with_and_without_a_service(installed: Installed) -> None:
    service = installed.service("listens")
    beside = [installed.qunyun("outbox", "retry", "1"), installed.qunyun("outbox", "retry", "9")]
    listed = installed.qunyun("outbox", "list")[1]
    assert end(service) == 0
    alone = [
        installed.qunyun("outbox", "drop", "1", "发错群"),
        installed.qunyun("outbox", "drop", "1", "发错群"),
    ]
    assert beside == [
        (0, "1 号会再发一次\n", ""),
        (1, "", "发件箱里没有 9 号\n"),
    ]
    assert listed.split("\n")[-2] == "待发 1"
    assert alone == [
        (0, "1 号不再发送\n", ""),
        (1, "", "1 号现在是“已丢弃”，不能这样处理\n"),
    ]


def test_reviewer_stamps_and_revokes_beside_a_service(installed: Installed) -> None:
    config = installed.folder / "config.yaml"
    reviewer = "staff:\n  - {id: shen, name: 沈洁, roles: [reviewer]}\n"
    text = config.read_text(encoding="utf-8").replace("staff:\n", reviewer)
    config.write_text(text, encoding="utf-8")
    service = installed.service("listens")
    step = "customer-weekly/mon-hello"
    code = installed.qunyun("review", "show", step)[1].rsplit(" ", 1)[1].strip()
    mine = (step, "--by", "shen")
    answers = [
        installed.qunyun("review", "stamp", *mine, "--hash", code),
        installed.qunyun("review", "stamp", *mine, "--hash", code),
        installed.qunyun("review", "revoke", *mine, "--reason", "旧数据"),
        installed.qunyun("review", "revoke", *mine, "--reason", "旧数据"),
    ]
    assert end(service) == 0
    assert answers == [
        (0, "盖章 1 步\n", ""),
        (0, "盖章 0 步；1 步原来就有章\n", ""),
        (0, f"撤销了 {step} 的审核章：重新盖章之前不会再发送\n", ""),
        (1, "", f"{step} 没有有效的审核章，不用撤销。\n"),
    ]


def test_command_beside_a_process_that_does_not_listen_is_refused(installed: Installed) -> None:
    service = installed.service("deaf")
    answer = installed.qunyun("outbox", "retry", "1")
    assert end(service) == 0
    assert answer == (1, "", REFUSED + "\n")


def test_killed_service_leaves_a_socket_that_stands_in_nobodys_way(installed: Installed) -> None:
    first = installed.service("listens")
    first.kill()
    first.communicate()
    left = (installed.folder / "data/qunyun.db.sock").exists()
    second = installed.service("listens")
    answer = installed.qunyun("outbox", "retry", "1")
    assert end(second) == 0
    assert (left, answer) == (True, (0, "1 号会再发一次\n", ""))
