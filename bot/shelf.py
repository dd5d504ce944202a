"""Libraries on disk: the shipped one, the configured ones, and a starter to edit."""

import logging
from collections.abc import Sequence
from pathlib import Path

from bot.check import Format, check
from bot.settings import Settings, read_config
from sop.diagnostics import Problem, render
from sop.library import Library
from sop.loader import SHIPPED, load, yaml_files
from sop.workdays import OVERLAYS, Workdays, load_workdays

log = logging.getLogger(__name__)

EXAMPLE = Path(__file__).parent / "config.example.yaml"


def shipped() -> tuple[Library, Workdays]:
    """The library that comes with the program."""
    library, _ = load([SHIPPED])
    workdays, _ = load_workdays([OVERLAYS])
    return library, workdays


def library_of(settings: Settings) -> tuple[Library, Workdays]:
    """What the configuration names; broken files are left out and told in the log."""
    labels = {label for one in settings.communities for label in one.labels}
    library, problems = load(settings.library or (SHIPPED,), known_labels=labels)
    workdays, more = load_workdays([OVERLAYS, *settings.workdays])
    if problems or more:
        log.warning("%s", render([*problems, *more]), extra={"action": "library_problems"})
    return library, workdays


def check_all(paths: Sequence[Path], output: Format) -> tuple[int, str]:
    """Checks library files and configurations together: (exit code, what to print).

    A file named `config….yaml` is a configuration; its communities' labels are then the ones
    that plans may name. Without paths the shipped library is checked.
    """
    files = yaml_files(paths or [SHIPPED])
    configs = [one for one in files if one.name.startswith("config")]
    labels: set[str] = set()
    problems: list[Problem] = []
    for one in configs:
        config, found = read_config(one)
        problems += found
        if config is not None:
            labels |= {label for entry in config.communities for label in entry.labels}
    return check(
        [one for one in files if one not in configs],
        output,
        known_labels=labels if configs and not problems else None,
        also=problems,
        also_files=len(configs),
    )


def write_starter(folder: Path) -> list[Path]:
    """Writes config.yaml and a library to edit; never over an existing file."""
    written = []
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [(EXAMPLE, folder / "config.yaml")]
    pairs += [
        (source, folder / "library" / source.relative_to(SHIPPED))
        for source in sorted(SHIPPED.rglob("*.yaml"))
    ]
    for source, target in pairs:
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        target.write_text(text.replace("# library:", "library:"), encoding="utf-8")
        written.append(target)
    return written
