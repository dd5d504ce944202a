"""Links that a step gives out (跟踪链接): named beside the step, used in its texts by their names.

A text says `{{ links.guide }}`; what stands there when it goes out leads over our own server, which
counts who followed it. In a group the link is the community's, in private messages each member has
one of their own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sop.address import LONGEST, Https, safe
from sop.diagnostics import did_you_mean
from sop.effects import MakeLink
from sop.model import Strict
from sop.templates import LINKS, link_names
from sop.times import KEY, wrong

if TYPE_CHECKING:
    from sop.library import Library
    from sop.step import StepContext, StepKind

Path = tuple[str | int, ...]
MOST = 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


class TrackedLink(Strict):
    """Where a link leads, and what opening it says about a member."""

    url: Https = Field(description="网址，以 https:// 开头")
    intent: Literal["high"] | None = Field(
        default=None, description="high：点开一次就算高意向；不写：看点了几次"
    )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        short = {"type": "string", "maxLength": LONGEST}
        return {"anyOf": [short, handler.resolve_ref_schema(handler(core_schema))]}


def _in_short(value: Any) -> Any:
    return {"url": safe(value)} if isinstance(value, str) else value


def _named(links: dict[str, TrackedLink]) -> dict[str, TrackedLink]:
    for name in links:
        if not _NAME.fullmatch(name):
            hint = "用小写英文字母、数字和下划线，字母开头，例如 guide。"
            raise wrong("value", f"链接不能叫“{name}”。", hint, (name, KEY))
    return links


_LinkName = Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})]
Links = Annotated[
    dict[_LinkName, Annotated[TrackedLink, BeforeValidator(_in_short)]],
    Field(max_length=MOST),
    AfterValidator(_named),
]
"""The links of a step by name: an address alone, or with what opening it means."""


def made(context: "StepContext", member: str | None = None) -> list[MakeLink]:
    """The step's links for its community, or for one member; nothing where none are tracked."""
    found = []
    for name, link in context.step.links.items():
        community = context.community.id
        token = context.facts.links.token(community, context.occurrence, name, member or "")
        if token:
            intent = link.intent or ""
            found.append(
                MakeLink(token, link.url, community, member, context.occurrence, name, intent)
            )
    return found


@dataclass(frozen=True, slots=True)
class Misfit:
    """A name in a text without its link, or a link that no text uses."""

    path: Path
    """Below the plan's root."""
    message: str
    hint: str
    severity: Literal["error", "warning"] = "error"
    on_key: bool = False
    word: str = ""
    """The part of the text that is meant."""


def misfits(
    path: Path,
    links: dict[str, TrackedLink],
    specs: Sequence[tuple[Path, "StepKind"]],
    library: "Library",
) -> Iterator[Misfit]:
    """What does not fit between a step's links and everything that it may say. `path` is the
    step's, `specs` are what it may do, each with its own path."""
    used: set[str] = set()
    for where, text, here in _texts(specs, library):
        names = link_names(text)
        used |= names
        for name in sorted(names - links.keys()):
            hint = did_you_mean(name, links, f"请在这一步加上 links，写明 {name} 的网址。")
            told = f"这一步的 links 里没有“{name}”。"
            yield Misfit(where, told, hint, word=f"{LINKS}.{name}" if here else "")
    for name in links:
        if name not in used:
            hint = f"在正文里写 {{{{ links.{name} }}}}，或删掉它。"
            where = (*path, LINKS, name)
            yield Misfit(where, f"链接“{name}”没有用到。", hint, "warning", on_key=True)


def _texts(
    specs: Sequence[tuple[Path, "StepKind"]], library: "Library"
) -> Iterator[tuple[Path, str, bool]]:
    """Every text that a step may say, with its path in the plan, and whether it stands there;
    what is written in other files is found where the plan names them."""
    for path, spec in specs:
        own = spec.model_dump(by_alias=True, exclude_unset=True)
        yield from ((where, text, True) for where, text in _strings(own, path))
        if not spec.problems(library):
            for linked in spec.links(library):
                at = next((key for key in ("script", "list") if own.get(key)), None)
                where = path if at is None else (*path, at)
                yield from ((where, text, False) for _, text in _strings(linked.model_dump(), ()))


def _strings(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _strings(one, (*path, number))
