"""The guides say what the program does: every name is there, every link leads somewhere, every
example runs."""

import asyncio
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, cast, get_args
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
import typer
from pydantic import BaseModel

import bot.channels
import bot.commands
import bot.payouts
import sop.games
import sop.steps
from bot.app import channel_types, payer_types
from bot.channel import Limit
from bot.cli import cli, main
from bot.clock import SystemClock
from bot.command import Command, Request
from bot.commands import all_commands
from bot.config import Config
from bot.desk import LETTER_WORDS
from bot.http import Http
from bot.payer import Order, Uncertain
from sop.community import Community, DeliveryMode, Role
from sop.discovery import find
from sop.effects import Post, Reply
from sop.game import Player, Result, Turn, View
from sop.games import all_games
from sop.loader import SHIPPED, load, load_model
from sop.step import StepContext
from sop.steps import step_kinds
from sop.workdays import Overlay

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "ARCHITECTURE.md"
OPERATOR = ROOT / "docs" / "运营指南.md"
LANGUAGE = ROOT / "docs" / "计划语言.md"
RM = ROOT / "docs" / "客户经理指南.md"
MANAGER = ROOT / "docs" / "主管指南.md"
ADMIN = ROOT / "docs" / "管理员指南.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
HOUSES = ("bot/", "sop/", "storage/", "tests/", "docs/")
EXAMPLES = {
    "sop/steps/wish.py",
    "bot/commands/headcount.py",
    "bot/payouts/points_mall.py",
    "bot/channels/app_group.py",
    "sop/games/snap.py",
}
"""Named in the guides, and to be written by the reader."""


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    return BLOCK.sub("", text_of(page))


def blocks(page: Path, language: str) -> list[str]:
    return [body for kind, body in BLOCK.findall(text_of(page)) if kind == language]


def spans(*pages: Path) -> set[str]:
    """What stands in backquotes."""
    return {span.replace("\\|", "|") for page in pages for span in SPAN.findall(prose(page))}


def words(*pages: Path) -> set[str]:
    """The words of everything in backquotes: `payouts list --by X` names three."""
    return {word for span in spans(*pages) for word in re.findall(r"[\w.<>-]+", span)}


# names


def terminal_commands() -> list[str]:
    """`check`, `payouts list`, …, as typer knows them."""
    found = []

    def walk(command: Any, path: tuple[str, ...]) -> None:
        for name, inner in sorted(getattr(command, "commands", {}).items()):
            walk(inner, (*path, name))
        if not hasattr(command, "commands"):
            found.append(" ".join(path))

    walk(typer.main.get_command(cli), ())
    return found


def test_readme_names_every_terminal_command() -> None:
    named = spans(README)
    short = {
        f"{one.split()[0]} {verb}"
        for one in named
        if "|" in one and " " in one
        for verb in one.split()[1].split("|")
    }
    assert [
        one
        for one in terminal_commands()
        if not any(f"{span} ".startswith(f"{one} ") for span in named | short)
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_names_no_command_that_is_not_there(page: Path) -> None:
    there = terminal_commands()
    groups = {one.split()[0] for one in there if " " in one}
    plain = {span.removeprefix("qunyun ") for span in spans(page) if "|" not in span}
    named = [span for span in plain if span.split()[0] in groups and " " in span]
    named += [span for span in plain if f"qunyun {span}" in spans(page) and span[0] != "-"]
    assert sorted({one for one in named if not _starts_with(one, there)}) == []


def _starts_with(line: str, commands: list[str]) -> bool:
    return any(f"{line} ".startswith(f"{one} ") for one in commands)


def test_readme_names_every_chat_command_in_the_order_of_help() -> None:
    assert " ".join(one.name for one in all_commands()) in prose(README)


def test_manager_guide_names_exactly_what_managers_may() -> None:
    table = prose(MANAGER).partition("您可以用的指令")[2].partition("##")[0]
    named = {one.name for one in all_commands() if f"`{one.name}`" in table}
    assert named == {one.name for one in all_commands() if Role.MANAGER in one.roles}


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(step_kinds, id="step kinds"),
        pytest.param(all_games, id="games"),
        pytest.param(channel_types, id="channels"),
        pytest.param(payer_types, id="payers"),
        pytest.param(lambda: LETTER_WORDS, id="statuses"),
        pytest.param(lambda: list(DeliveryMode), id="delivery modes"),
    ],
)
def test_readme_names_every_one_of_a_kind(names: Any) -> None:
    assert sorted(set(names()) - words(README)) == []


@pytest.mark.parametrize("names", [step_kinds, all_games])
def test_operator_guide_names_every_one_of_a_kind(names: Any) -> None:
    assert sorted(set(names()) - words(OPERATOR)) == []


def keys(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """`listen.port`, `staff.id`: every key that holds a value."""
    for name, field in model.model_fields.items():
        inner = [
            one
            for one in (field.annotation, *get_args(field.annotation))
            if isinstance(one, type) and issubclass(one, BaseModel)
        ]
        if inner:
            yield from keys(inner[0], f"{above}{name}.")
        else:
            yield f"{above}{field.alias or name}"


def test_administrator_guide_names_every_key_of_the_configuration() -> None:
    assert [key for key in keys(Config) if key not in words(ADMIN)] == []


def test_guides_name_every_role() -> None:
    assert sorted(set(Role) - words(ADMIN)) == []


def test_readme_names_every_environment_variable() -> None:
    sources = [*(ROOT / "bot").rglob("*.py"), ROOT / "config.example.yaml"]
    read = {
        name
        for path in sources
        for name in re.findall(r"QUNYUN_[A-Z]+(?:_[A-Z]+)*_?", text_of(path))
    }
    named = prose(README)
    assert sorted(name for name in read if name not in named) == []


def test_operator_guide_names_every_plan_of_the_library_and_its_label() -> None:
    library, _ = load([SHIPPED])
    table = prose(OPERATOR).partition("## 现成的计划")[2].partition("\n## ")[0]
    named = set(re.findall(r"[\w-]+", table))
    plans = {label for one in library.plans.values() for label in one.applies_to.labels}
    assert sorted((plans | set(library.plans)) - named) == []


def test_examples_in_yaml_stand_only_where_a_test_reads_them() -> None:
    """Those of the language page are read by `tests/test_language_page.py`."""
    assert [page for page in PAGES if blocks(page, "yaml")] == sorted([LANGUAGE, ADMIN, OPERATOR])


# links and paths


def slug(heading: str) -> str:
    """A heading's address as GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower())
    return kept.replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        if "://" in target:
            continue
        path, _, anchor = unquote(target).partition("#")
        there = page.parent / path if path else page
        if not there.exists() or (
            anchor and anchor not in map(slug, HEADING.findall(text_of(there)))
        ):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_exist(page: Path) -> None:
    named = {span for span in spans(page) if span.startswith(HOUSES) and " " not in span}
    assert sorted(one for one in named - EXAMPLES if not (ROOT / one).exists()) == []


def test_architecture_names_only_files_that_exist() -> None:
    missing, house = [], ROOT
    for line in blocks(ARCHITECTURE, "text")[0].splitlines():
        if not line.startswith(" "):
            house = ROOT / line.strip()
        elif not line.startswith("   "):  # deeper lines go on describing
            names = re.split(" {3,}", line.strip())[0].replace("…", "").split()
            missing += [one for one in names if not (house / one).exists()]
    assert missing == []


# examples


@pytest.mark.timeout(300)
def test_shell_lines_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    lines = [line for block in blocks(README, "sh") for line in block.splitlines()]
    commands = [line.removeprefix(".venv/bin/python ") for line in lines]

    def run(line: str) -> tuple[int, str, str]:
        """A process of its own only for the first command: loading the program takes longer
        than most of them."""
        if line.startswith("-m bot ") and line != commands[0]:
            monkeypatch.setattr(sys, "argv", ["qunyun", *line.split()[2:]])
            with pytest.raises(SystemExit) as ended:
                main()
            assert isinstance(ended.value.code, int)
            return ended.value.code, *capsys.readouterr()
        words = [sys.executable, *line.split()] if line.startswith("-m ") else ["sh", "-c", line]
        one = subprocess.run(words, capture_output=True, text=True, timeout=120)
        return one.returncode, one.stdout, one.stderr

    ran = {line: run(line) for line in commands}
    assert {line: (code, errors) for line, (code, _, errors) in ran.items()} == dict.fromkeys(
        commands, (0, "")
    )
    shown = "".join(blocks(README, "text"))
    checked = ran["-m bot check my-bank"][1].splitlines()[0]
    assert re.search(re.sub(r"\d+", r"\\d+", checked), shown)  # the library grows
    last = ran["-m bot review show customer-weekly -c my-bank/config.yaml"][1].splitlines()[-1]
    assert last.rpartition(" ")[0] in shown  # the code is that of today's wording
    assert commands[:2] == ["-m bot init my-bank", "-m bot check my-bank"]


def test_yaml_of_the_guides_is_good(tmp_path: Path) -> None:
    (plan,) = blocks(OPERATOR, "yaml")
    (calendar,) = blocks(ADMIN, "yaml")
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    (tmp_path / "calendar.yaml").write_text(calendar, encoding="utf-8")
    _, problems = load([tmp_path / "plan.yaml", SHIPPED / "campaigns", SHIPPED / "banks"])
    assert problems == []
    overlay, problems, _ = load_model(tmp_path / "calendar.yaml", Overlay)
    assert problems == []
    assert overlay is not None
    assert overlay.off_days() == {date(2027, 1, 1)}


@dataclass(frozen=True)
class Example:
    """A file that a guide tells the reader to write."""

    path: str
    source: str


WRITTEN = [
    Example(body.splitlines()[0].removeprefix("# "), body)
    for page in (README, ARCHITECTURE)
    for body in blocks(page, "python")
]
DOORS: dict[str, tuple[ModuleType, str]] = {
    "sop/steps": (sop.steps, "STEP"),
    "sop/games": (sop.games, "GAME"),
    "bot/commands": (bot.commands, "COMMANDS"),
    "bot/channels": (bot.channels, "CHANNEL"),
    "bot/payouts": (bot.payouts, "PAYER"),
}


def test_every_kind_has_an_example() -> None:
    assert {one.path for one in WRITTEN} == EXAMPLES


@pytest.fixture
def written(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """What the program finds when the example stands beside the built-ins."""
    example = next(one for one in WRITTEN if one.path == request.param)
    folder, _, file = example.path.rpartition("/")
    package, export = DOORS[folder]
    (tmp_path / file).write_text(example.source, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    module = f"{package.__name__}.{file.removesuffix('.py')}"
    found: dict[int, Any] = find(package, export, id)
    yield next(one for one in found.values() if one is getattr(sys.modules[module], export))
    del sys.modules[module]
    delattr(package, file.removesuffix(".py"))


HOME = Community(
    "wealth-01", "财富体验群", "wr1", "lijing", DeliveryMode.ROBOT, frozenset(), ZoneInfo("UTC")
)
NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)


class OneCommunity:
    """The few answers that the examples ask for."""

    def staff(self, userid: str) -> None:
        return None

    def member_count(self, community: str) -> int:
        return 7


@pytest.mark.parametrize("written", ["sop/steps/wish.py"], indirect=True)
def test_example_step_kind_posts(written: Any) -> None:
    known = {
        "community": HOME,
        "day": date(2026, 11, 24),
        "facts": OneCommunity(),
        "plan": type("Plan", (), {"variables": {}}),
        "addresses": lambda member: {},
    }
    context = cast(StepContext, type("Context", (), known))
    wish = written(text="祝{{ community.name }}的各位安好")
    assert (written.kind, wish.run(context)) == (
        "wish",
        [Post("wealth-01", "🌸 祝财富体验群的各位安好")],
    )


@pytest.mark.parametrize("written", ["bot/commands/headcount.py"], indirect=True)
def test_example_command_answers(written: list[Command]) -> None:
    (command,) = written
    request = cast(
        Request, type("R", (), {"args": (), "communities": (HOME,), "facts": OneCommunity()})
    )
    assert (command.name, command.handle(request)) == ("人数", [Reply("财富体验群　7 人")])


@pytest.mark.parametrize("written", ["bot/payouts/points_mall.py"], indirect=True)
def test_example_payer_does_not_guess(written: Any) -> None:
    class Settings:
        payout_url = "http://127.0.0.1:9"

    async def pay() -> Any:
        http = Http(["http://127.0.0.1:9"])  # nobody listens there
        try:
            payer = written(Settings(), http, SystemClock())
            order = Order("QY1", "wm1", 500, "红包")
            return await payer.pay(order), await payer.query("QY1")
        finally:
            await http.close()

    paid, known = asyncio.run(pay())
    assert (written.name, type(paid), type(known)) == ("points_mall", Uncertain, Uncertain)


@pytest.mark.parametrize("written", ["bot/channels/app_group.py"], indirect=True)
def test_example_channel_splits_and_limits(written: Any) -> None:
    channel = written(type("Connections", (), {"api": None}))
    assert channel.name == "app_group"
    assert channel.split({"markdown": "好"}) == [{"markdown": "好"}]
    assert channel.limits({"chat_id": "g1"}) == [Limit("appchat:g1", 30, timedelta(minutes=1))]


@pytest.mark.parametrize("written", ["sop/games/snap.py"], indirect=True)
def test_example_game_is_played(written: Any) -> None:
    options = written.Options(word="到")
    opened = written.start(options, {}, bytes(32), NOW)
    ends_at = NOW + timedelta(minutes=2)
    assert opened == Turn(
        {"ends_at": ends_at.isoformat(), "over": None},
        ("🎤 **抢麦，开始！**\n谁先说“到”？",),
        next_at=ends_at,
    )
    assert written.said(options, opened.state, Player("wm1", "安娜"), "哈", NOW) is None
    assert written.view(options, opened.state, "wm1", NOW) == View(
        ("谁先按下谁赢。",), choices=("到",), closes_at=ends_at
    )
    won = written.said(options, opened.state, Player("wm1", "安娜"), " 到 ", NOW)
    assert (won.posts, won.played, won.over, won.next_at) == (
        ("🏁 安娜最快！",),
        ("wm1",),
        Result("有人抢到", ("wm1",)),
        None,
    )
    for later in (
        written.tick(options, won.state, ends_at),
        written.extend(options, won.state, NOW, 30),
    ):
        assert later == Turn(won.state, over=won.over)
