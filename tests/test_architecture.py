"""The rules that hold (ARCHITECTURE): who may import whom, and who may read time and chance."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSES = ("bot", "sop", "storage")
FILES = sorted(
    path
    for house in HOUSES
    for path in (ROOT / house).rglob("*.py")
    if "versions" not in path.parts
)
MOST_LINES = 400
MOST_FUNCTION_LINES = 60

ONLY_IN = {
    "aiohttp": ("bot/wecom/", "bot/pages/", "bot/sandbox/"),
    "httpx": ("bot/http.py",),
    "httpx_aiohttp": ("bot/http.py",),
    "apscheduler": ("bot/calendar.py",),
    "yaml": ("sop/source.py",),
}
TIME_AND_CHANCE = {
    "random", "secrets", "uuid",
}  # fmt: skip
CALLS_OF_TIME = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("os", "urandom"),
}  # fmt: skip
MAY_READ_TIME = ("bot/clock.py",)
MAY_DRAW_BYTES = ("bot/clock.py", "bot/wecom/crypto.py")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def violations(name: str, text: str) -> list[str]:
    """Every rule that this source breaks."""
    tree = ast.parse(text)
    house = name.split("/")[0]
    found = []
    for module in set(imports(tree)):
        top = module.split(".")[0]
        if house in ("sop", "storage") and top in HOUSES and top != house:
            found.append(f"{house} imports {module}")
        if top in ONLY_IN and not name.startswith(ONLY_IN[top]):
            found.append(f"{top} outside {ONLY_IN[top]}")
        if top in TIME_AND_CHANCE:
            found.append(f"{top} outside bot/clock.py")
        in_sandbox = name.startswith("bot/sandbox/")
        if (
            in_sandbox
            and top in HOUSES
            and not module.startswith(("bot.sandbox", "bot.wecom.crypto"))
            and module not in ("bot", "bot.wecom")
        ):
            found.append(f"the sandbox imports {module}")
        if not in_sandbox and module.startswith("bot.sandbox") and name != "bot/demo.py":
            found.append(f"imports {module}")
        if house == "sop" and top in ("asyncio", "socket", "sqlite3", "sqlalchemy", "threading"):
            found.append(f"the core imports {module}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            called = (owner.id if isinstance(owner, ast.Name) else "", node.func.attr)
            allowed = MAY_DRAW_BYTES if called == ("os", "urandom") else MAY_READ_TIME
            if called in CALLS_OF_TIME and name not in allowed:
                found.append(f"calls {called[0]}.{called[1]}")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > MOST_FUNCTION_LINES:
                found.append(f"{node.name} has {lines} lines")
    if text.count("\n") > MOST_LINES:
        found.append(f"{text.count(chr(10))} lines")
    if ast.get_docstring(tree) is None:
        found.append("no module docstring")
    return sorted(found)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_rules_hold(path: Path) -> None:
    assert violations(name_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("name", "text", "broken"),
    [
        ("sop/x.py", '"""."""\nimport storage.outbox\n', ["sop imports storage.outbox"]),
        ("storage/x.py", '"""."""\nfrom bot import app\n',
         ["storage imports bot", "storage imports bot.app"]),
        ("bot/x.py", '"""."""\nimport httpx\n', ["httpx outside ('bot/http.py',)"]),
        ("bot/x.py", '"""."""\nimport random\n', ["random outside bot/clock.py"]),
        ("bot/x.py", '"""."""\nfrom datetime import datetime\ndatetime.now()\n',
         ["calls datetime.now"]),
        ("sop/x.py", '"""."""\nimport asyncio\n', ["the core imports asyncio"]),
        ("bot/sandbox/x.py", '"""."""\nimport bot.runtime\n',
         ["the sandbox imports bot.runtime"]),
        ("bot/x.py", '"""."""\nimport bot.sandbox.server\n', ["imports bot.sandbox.server"]),
        ("bot/x.py", "x = 1\n" * 401, ["401 lines", "no module docstring"]),
    ],
)  # fmt: skip
def test_rules_are_seen_when_broken(name: str, text: str, broken: list[str]) -> None:
    assert violations(name, text) == broken


def test_lock_files_name_no_address() -> None:
    found = {
        path.name: [line for line in path.read_text().splitlines() if "://" in line]
        for path in ROOT.glob("requirements*.lock")
    }
    assert found == {
        "requirements.lock": [],
        "requirements-dev.lock": [],
        "requirements-bench.lock": [],
    }
