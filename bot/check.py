"""`check`: every problem of every file at once, for people, programs and GitHub."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from sop.diagnostics import Problem, render, to_github, to_json
from sop.loader import load, yaml_files

Format = Literal["text", "json", "github"]


def check(
    paths: Sequence[Path],
    format: Format = "text",
    *,
    known_labels: Collection[str] | None = None,
    also: Sequence[Problem] = (),
    also_files: int = 0,
) -> tuple[int, str]:
    """(exit code, what to print): 1 when there is any error, else 0.

    `also` are problems found elsewhere (config.yaml, workday files) in `also_files` files.
    """
    files = len(yaml_files(paths)) + also_files
    _, problems = load(paths, known_labels=known_labels)
    problems = sorted([*problems, *also])
    errors = sum(one.severity == "error" for one in problems)
    code = 1 if errors else 0
    if format == "json":
        return code, to_json(files, problems)
    if format == "github":
        return code, to_github(problems)
    return code, _text(files, errors, problems)


def _text(files: int, errors: int, problems: Sequence[Problem]) -> str:
    warnings = len(problems) - errors
    if not problems:
        return f"检查了 {files} 个文件，没有发现问题。"
    found = [f"{errors} 个错误"] if errors else []
    found += [f"{warnings} 个警告"] if warnings else []
    return f"{render(problems)}\n\n检查了 {files} 个文件：{'，'.join(found)}。"
