"""Finds every built-in of a kind by scanning its package: one new file adds one.

There is no registry to forget: the file is the registration. A file without the expected
export, or two that claim one name, stop the start and are named.
"""

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


class Misregistered(Exception):
    """A file of a kind does not export what its kind requires, or takes another's name."""


def find(package: ModuleType, export: str, name_of: Callable[[T], str]) -> dict[str, T]:
    """Maps names to the object that each module of `package` exports as `export`.

    Raises Misregistered, naming the files, for a missing export or a name taken twice.
    """
    found: dict[str, T] = {}
    origin: dict[str, str] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        if not hasattr(module, export):
            raise Misregistered(f"{module.__file__}: 缺少 {export}")
        thing: T = getattr(module, export)
        name = name_of(thing)
        if name in found:
            raise Misregistered(f"“{name}” 同时出现在 {origin[name]} 和 {module.__file__}")
        found[name] = thing
        origin[name] = str(module.__file__)
    return found
