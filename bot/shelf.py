"""Libraries on disk: the shipped one, the configured ones, and a starter to edit."""

import logging
from collections.abc import Sequence
from pathlib import Path

from bot.check import Format, check
from bot.edition import Shelf
from bot.settings import Settings, read_config
from sop.diagnostics import Problem, render
from sop.files import yaml_files
from sop.library import Library
from sop.loader import SHIPPED, load
from sop.workdays import OVERLAYS, Workdays, load_workdays

log = logging.getLogger(__name__)

EXAMPLE = Path(__file__).parent / "config.example.yaml"


def shipped() -> tuple[Library, Workdays]:
    """The library that comes with the program."""
    library, _ = load([SHIPPED])
    workdays, _ = load_workdays([OVERLAYS])
    return library, workdays


def shelf_of(settings: Settings) -> Shelf:
    """What the configuration names."""
    return Shelf(
        settings.library or (SHIPPED,),
        settings.workdays,
        labels={label for one in settings.communities for label in one.labels},
        communities={one.id for one in settings.communities},
    )


def library_of(settings: Settings) -> tuple[Library, Workdays]:
    """What the configuration names, read once; broken files are left out and told in the log."""
    edition = shelf_of(settings).edition
    if edition.problems:
        log.warning("%s", render(edition.problems), extra={"action": "library_problems"})
    return edition.library, edition.workdays


def check_all(paths: Sequence[Path], output: Format) -> tuple[int, str]:
    """Checks library files and configurations together: (exit code, what to print).

    A file named `config….yaml` is a configuration; the labels and ids of its communities are then
    the ones that plans may name. Without paths the shipped library is checked.
    """
    files = yaml_files(paths or [SHIPPED])
    configs = [one for one in files if one.name.startswith("config")]
    labels: set[str] = set()
    communities: set[str] = set()
    together: list[list[str]] = []
    problems: list[Problem] = []
    for one in configs:
        config, found = read_config(one)
        problems += found
        if config is not None:
            labels |= {label for entry in config.communities for label in entry.labels}
            communities |= {entry.id for entry in config.communities}
            together += [entry.labels for entry in config.communities]
    known = bool(configs) and not problems
    return check(
        [one for one in files if one not in configs],
        output,
        known_labels=labels if known else None,
        known_communities=communities if known else None,
        together=together,
        also=problems,
        also_files=len(configs),
    )


def write_starter(folder: Path) -> list[Path]:
    """Writes config.yaml and a library to edit, with the schemas that they name;
    never over an existing file."""
    written = []
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [(EXAMPLE, folder / "config.yaml")]
    pairs += [
        (source, folder / "library" / source.relative_to(SHIPPED))
        for source in sorted([*SHIPPED.rglob("*.yaml"), *SHIPPED.rglob("*.schema.json")])
    ]
    for source, target in pairs:
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        text = text.replace("# library:", "library:").replace("$schema=sop/", "$schema=")
        target.write_text(text, encoding="utf-8")
        written.append(target)
    return written
