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
    together: Sequence[Collection[str]] = (),
    also: Sequence[Problem] = (),
    also_files: int = 0,
) -> tuple[int, str]:
    """(exit code, what to print): 1 when there is any error, else 0.

    `together` are the labels of each community. `also` are problems found elsewhere (config.yaml,
    workday files) in `also_files` files.
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
    if known_labels is None:
        return code, text
    return code, text + _waiting(library, known_labels) + _apart(library, together)


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


def _apart(library: Library, together: Sequence[Collection[str]]) -> str:
    """Plans whose labels there are, but not in one community."""
    known = set().union(*together)
    lines = []
    for plan in library.plans.values():
        wanted = set(plan.applies_to.labels)
        if wanted <= known and not any(wanted.issubset(one) for one in together):
            names = "、".join(plan.applies_to.labels)
            lines.append(f"\n计划 {plan.plan} 不会执行：没有社群同时带有它的全部标签（{names}）。")
    return "".join(lines) if together else ""
