"""The shipped schemas are current, every shipped file names its own and is valid by it, and an
editor finds in them what it shows. That they agree with the loader: test_schema_agreement.py.

After a change of the models (it also completes library files that do not name their schema):

    QUNYUN_REWRITE=1 .venv/bin/pytest tests/sop/test_schema.py && git diff sop/library
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from bot.cli import cli
from bot.cli_schema import texts
from bot.shelf import EXAMPLE, write_starter
from sop.files import yaml_files
from sop.loader import KINDS, SHIPPED
from sop.schema import MODELINE, schemas
from sop.source import read
from sop.syntax import resolve

SCHEMAS = {name.partition(".")[0]: json.loads(text) for name, text in texts().items()}
VALIDATORS = {kind: Draft202012Validator(one) for kind, one in SCHEMAS.items()}
FILES = yaml_files([SHIPPED])
REWRITE = os.environ.get("QUNYUN_REWRITE") and not os.environ.get("CI")


def kind_of(path: Path) -> str:
    """The first key says it."""
    root = read(path).root
    assert root is not None
    assert isinstance(root.value, dict)
    return next(kind for kind in root.value if kind in KINDS)


def plain(path: Path) -> Any:
    root = read(path).root
    assert root is not None
    return root.plain()


# shipped files


def test_shipped_schemas_are_current() -> None:
    if REWRITE:
        for name, text in texts().items():
            (SHIPPED / "schema" / name).write_text(text, encoding="utf-8")
    shipped = {one.name: one.read_text("utf-8") for one in (SHIPPED / "schema").iterdir()}
    assert shipped == texts()


def test_command_writes_the_schemas_and_says_how_to_name_them(tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["schema", "--out", str(tmp_path / "new")])
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert {one.name: one.read_text("utf-8") for one in (tmp_path / "new").iterdir()} == texts()
    assert ran.stdout.splitlines()[-1] == (
        "在 YAML 文件的正文上面写一行它的位置，例如："
        "# yaml-language-server: $schema=../schema/plan.schema.json"
    )


@pytest.mark.parametrize("kind", [*KINDS, "config"])
def test_schema_is_one(kind: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])
    assert SCHEMAS[kind]["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def parts(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every schema in a schema."""
    if isinstance(schema, dict):
        yield path, schema
        for key, value in schema.items():
            yield from parts(value, (*path, key))
    elif isinstance(schema, list):
        for value in schema:
            yield from parts(value, path)


@pytest.mark.parametrize("kind", [*KINDS, "config"])
def test_every_key_has_a_hover_text_in_chinese(kind: str) -> None:
    silent = [
        (*path, key)
        for path, one in parts(SCHEMAS[kind])
        if one.get("additionalProperties") is False
        for key, value in one.get("properties", {}).items()
        if not value.get("description")
    ]
    assert silent == []


def test_patterns_mean_the_same_to_every_editor() -> None:
    found = [one["pattern"] for _, one in parts(SCHEMAS) if isinstance(one.get("pattern"), str)]
    found += [key for _, one in parts(SCHEMAS) for key in one.get("patternProperties", {})]
    assert [one for one in found if re.search(r"\\[wdbWDBpPA-Z]|\(\?[^=:]", one)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda one: one.stem)
def test_shipped_file_is_valid(path: Path) -> None:
    errors = VALIDATORS[kind_of(path)].iter_errors(plain(path))
    assert [(list(one.path), one.message) for one in errors] == []


def test_example_configuration_is_valid() -> None:
    assert list(VALIDATORS["config"].iter_errors(plain(EXAMPLE))) == []


def schema_named_in(path: Path) -> Path | None:
    """What the comment above the first key says; there the editor looks for it."""
    head = re.match(r"(?:#.*\n|\n)*", path.read_text("utf-8"))
    assert head is not None
    named = [one for one in head[0].splitlines() if one.startswith(MODELINE)]
    return path.parent / named[0].removeprefix(MODELINE) if len(named) == 1 else None


@pytest.mark.parametrize("path", FILES, ids=lambda one: one.stem)
def test_shipped_file_names_its_schema(path: Path) -> None:
    there = SHIPPED / path.parent.name / "../schema" / f"{kind_of(path)}.schema.json"
    if REWRITE and schema_named_in(path) is None:
        head, key, rest = path.read_text("utf-8").partition(f"{kind_of(path)}:")
        text = f"{head}{MODELINE}../schema/{there.name}\n{key}{rest}"
        path.write_text(text, encoding="utf-8")
    assert schema_named_in(path) == there


def test_starter_names_schemas_that_are_there(tmp_path: Path) -> None:
    write_starter(tmp_path)
    named = {path: schema_named_in(path) for path in yaml_files([tmp_path])}
    assert [path for path, one in named.items() if one is None or not one.is_file()] == []


CORE = (
    (re.compile(r"|~|null|Null|NULL"), type(None)),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), bool),
    (re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"), int),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN"), float),
)
"""Plain scalars of YAML 1.2.2, section 10.3.2, as the editor reads them."""


def core_type(text: str) -> type:
    return next((kind for pattern, kind in CORE if pattern.fullmatch(text)), str)


@pytest.mark.parametrize("path", [*FILES, EXAMPLE], ids=lambda one: one.stem)
def test_editor_and_loader_read_the_same_scalars(path: Path) -> None:
    tokens = yaml.scan(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    scalars = [one.value for one in tokens if isinstance(one, yaml.ScalarToken) and one.plain]
    assert [one for one in scalars if type(resolve(one)) is not core_type(one)] == []


@pytest.mark.parametrize(
    "text", ["19:30", "30m", "11-11", "2026-11-11", "on", "no", "0 天", "5-10"]
)
def test_what_looks_like_something_else_is_text_to_both(text: str) -> None:
    assert (resolve(text), core_type(text)) == (text, str)


# completion


def test_editor_offers_weekdays_in_both_languages() -> None:
    assert " ".join(schemas()["plan"]["properties"]["week"]["properties"]) == (
        "monday tuesday wednesday thursday friday saturday sunday "
        "周一 周二 周三 周四 周五 周六 周日"
    )


def test_editor_offers_each_game_with_its_own_options() -> None:
    shapes = SCHEMAS["plan"]["$defs"]["PlayGame"]["oneOf"]
    shown = {one["properties"]["name"]["const"]: [*one["properties"]] for one in shapes}
    assert {name: shown[name] for name in ("dice", "quiz")} == {
        "dice": ["name", "rewards", "duration", "rolls"],
        "quiz": ["name", "rewards", "bank", "questions", "seconds", "difficulty"],
    }


def test_editor_shows_defaults_as_they_are_written() -> None:
    step = SCHEMAS["plan"]["$defs"]["Step"]["properties"]
    assert (step["window"]["default"], "default" in step["remind"]) == ("30m", False)
