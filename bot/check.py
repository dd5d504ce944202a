"""`check`: every problem of every file at once, for people, programs and GitHub."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from sop.diagnostics import Problem, render, to_github, to_json
from sop.files import yaml_files
from sop.library import Library
from sop.loader import load

Format = Literal["text", "json", "github"]


def check(
    paths: Sequence[Path],
    format: Format = "text",
    *,
    known_labels: Collection[str] | None = None,
    known_communities: Collection[str] | None = None,
    also: Sequence[Problem] = (),
    also_files: int = 0,
) -> tuple[int, str]:
    """(exit code, what to print): 1 when there is any error, else 0.

    `also` are problems found elsewhere (config.yaml, workday files) in `also_files` files.
    """
    files = len(yaml_files(paths)) + also_files
    library, problems = load(paths, known_labels=known_labels, known_communities=known_communities)
    problems = sorted([*problems, *also])
    errors = sum(one.severity == "error" for one in problems)
    code = 1 if errors else 0
    if format == "json":
        return code, to_json(files, problems)
    if format == "github":
        return code, to_github(problems)
    text = _text(files, errors, problems)
    return code, text if known_labels is None else text + _waiting(library, known_labels)


def _text(files: int, errors: int, problems: Sequence[Problem]) -> str:
    warnings = len(problems) - errors
    if not problems:
        return f"检查了 {files} 个文件，没有发现问题。"
    found = [f"{errors} 个错误"] if errors else []
    found += [f"{warnings} 个警告"] if warnings else []
    return f"{render(problems)}\n\n检查了 {files} 个文件：{'，'.join(found)}。"


def _waiting(library: Library, labels: Collection[str]) -> str:
    """Plans that no community is labelled for, by the labels that would switch them on."""
    absent = [set(one.applies_to.labels).difference(labels) for one in library.plans.values()]
    plans = [one for one in absent if one]
    if not plans:
        return ""
    names = "、".join(sorted(set().union(*plans)))
    return (
        f"\n有 {len(plans)} 份计划还没有启用，在 config.yaml 里给社群加上它的标签就启用：{names}。"
    )
