"""Texts with variables: `{{ community.name }}`, and `{% if weekday == "周一" %}…{% endif %}`.

Only that: names that are known, comparisons and `if`. No loops, calls, arithmetic or filters, so
a text can neither run for long nor grow large, whatever its author (or a thief of the library)
writes; Jinja2's sandbox stands behind as a second wall. Everything is checked when loading.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, WithJsonSchema
from pydantic_core import InitErrorDetails

from sop.diagnostics import did_you_mean
from sop.times import KEY, Weekday, wrong

if TYPE_CHECKING:
    from sop.step import StepContext

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, cache_size=0
)

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Const,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text; `line` counts from 1 within the text."""

    line: int
    message: str
    hint: str = ""
    word: str = field(default="", compare=False)
    """The part that is meant, as written; empty: the whole line."""


@dataclass(frozen=True, slots=True)
class CommunityWords:
    """`community.…`"""

    name: str


@dataclass(frozen=True, slots=True)
class Words:
    """The variables of a step's text."""

    community: CommunityWords
    date: str
    """`11月23日`."""
    weekday: str
    """`周一`."""
    owner: str
    """How the community's RM is called."""
    bot: str
    """How members @ the bot."""
    own: Mapping[str, str] = field(default_factory=dict)
    """The plan's own variables."""
    links: Mapping[str, str] = field(default_factory=dict)
    """`links.…`: addresses by their names in the step."""

    def values(self) -> dict[str, object]:
        """What a template sees: the plan's variables beside ours, which they cannot hide."""
        ours = asdict(self)
        # No mapping: a link may be called `items`, and a template must not see the method.
        links = SimpleNamespace(**ours.pop(LINKS))
        return {**ours.pop("own"), **ours, LINKS: links}


LINKS = "links"
_LINK = re.compile(r"links\.([a-z][a-z0-9_]{0,31})")

SAMPLE = Words(CommunityWords("示例社群"), "11月23日", "周一", "李静", "群运")
"""Every text is rendered once with these when it is loaded."""


def _known(variables: Mapping[str, object]) -> list[str]:
    """`community.name`, `date`, …: the paths that a text may use."""
    known: list[str] = []
    for name, value in variables.items():
        inside = vars(value) if isinstance(value, SimpleNamespace) else value
        known += [f"{name}.{key}" for key in inside] if isinstance(inside, dict) else [name]
    return known


def faults(text: str, own: Collection[str] = (), *, linked: bool = False) -> list[Fault]:
    """Everything that is wrong with a text; empty when it can be rendered.

    `own` are the names of variables that the plan brings along. A `linked` text may use links by
    any name: whether its step has them is seen when the files are looked at together.
    """
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        return [Fault(error.lineno, _syntax(error.message or ""), _HOW_TO)]
    links = dict.fromkeys(_links(tree), "https://…") if linked else {}
    sample = replace(SAMPLE, own=dict.fromkeys(own, "示例"), links=links).values()
    found = list(dict.fromkeys(_faults(tree, _known(sample))))
    if not found:
        _compiled(text).render(sample)
    return found


_HOW_TO = '变量写成 {{ community.name }}，条件写成 {% if weekday == "周一" %}…{% endif %}。'


def _syntax(message: str) -> str:
    """Jinja's English in the author's words."""
    if "Unexpected end of template" in message:
        return "{% if %} 后面没有写 {% endif %}。"
    if "end of print statement" in message or "unexpected '}'" in message:
        return "“{{”和“}}”没有配对，或者里面多了文字。"
    if "end of statement block" in message:
        return "“{%”和“%}”没有配对，或者里面多了文字。"
    return "变量或条件的写法不对。"


def _faults(node: nodes.Node, known: list[str]) -> list[Fault]:
    """Of this node, or of what is in it: the inside of a forbidden thing does not matter."""
    fault = _fault(node, known)
    if fault is not None:
        return [fault]
    if isinstance(node, nodes.Getattr):
        return []
    return [fault for child in node.iter_child_nodes() for fault in _faults(child, known)]


def _fault(node: nodes.Node, known: list[str]) -> Fault | None:
    if isinstance(node, nodes.Name | nodes.Getattr):
        path = _path(node)
        if path is None:
            return Fault(node.lineno, "这里只能写变量名。", f"可以写：{'、'.join(known)}。")
        if path not in known:
            return Fault(node.lineno, f"没有变量“{path}”。", did_you_mean(path, known), path)
        return None
    if isinstance(node, _ALLOWED):
        return None
    hint = "话术里只能用变量和 {% if %}，不能用循环、函数、运算和过滤器。"
    return Fault(node.lineno, "这种写法不能用在话术里。", hint)


def _path(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return None if before is None else f"{before}.{node.attr}"
    return None


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)


def render(text: str, words: Words) -> str:
    """The text with its variables filled in. It has been through `faults` when it was loaded."""
    return _compiled(text).render(words.values())


@lru_cache(maxsize=1024)
def link_names(text: str) -> frozenset[str]:
    """The links that a text uses by their names: `guide` for `{{ links.guide }}`."""
    if f"{LINKS}." not in text:
        return frozenset()
    try:
        return _links(_ENVIRONMENT.parse(text))
    except TemplateSyntaxError:  # a text that nobody reads as a template
        return frozenset()


def _links(tree: nodes.Template) -> frozenset[str]:
    paths = (_path(one) for one in tree.find_all(nodes.Getattr))
    return frozenset(found[1] for path in paths if path and (found := _LINK.fullmatch(path)))


@lru_cache(maxsize=1024)
def names(text: str) -> frozenset[str]:
    """The variables that a text uses, `community` for `community.name`."""
    return frozenset(found.name for found in _ENVIRONMENT.parse(text).find_all(nodes.Name))


def words(context: "StepContext", own: Mapping[str, str] | None = None, member: str = "") -> Words:
    """What the variables stand for in one occurrence; `own` are those of a file that is not the
    plan, `member` is the id of whom links are for alone."""
    owner = context.facts.staff(context.community.owner)
    return Words(
        community=CommunityWords(context.community.name),
        date=f"{context.day.month}月{context.day.day}日",
        weekday=Weekday(context.day.weekday()).chinese,
        owner=owner.name if owner else context.community.owner,
        bot=context.community.heard_as,
        own=context.plan.variables if own is None else own,
        links=context.addresses(member),
    )


def _checked(text: str, info: ValidationInfo) -> str:
    return _check(text, (info.context or {}).get(OWN, ()))


def _check(text: str, own: Collection[str], *, linked: bool = False) -> str:
    found = faults(text, own, linked=linked)
    if found:
        details: list[InitErrorDetails] = [
            {
                "type": wrong(
                    "template", fault.message, fault.hint, line=fault.line, word=fault.word
                ),
                "input": text,
            }
            for fault in found
        ]
        raise ValidationError.from_exception_data("Text", details)
    return text


OWN = "variables"
"""Key of pydantic's validation context: names of the variables that a file declares."""

Text = Annotated[str, Field(min_length=1, max_length=8000), AfterValidator(_checked)]
"""A field with a text that may use variables, checked when it is read."""


def _checked_linked(text: str, info: ValidationInfo) -> str:
    return _check(text, (info.context or {}).get(OWN, ()), linked=True)


LinkedText = Annotated[str, Field(min_length=1, max_length=8000), AfterValidator(_checked_linked)]
"""The same for what a step says to members: it may also use the step's links."""


MEMBER = "member"
"""The variable of a text for one member: how the member is called."""


def _checked_personal(text: str, info: ValidationInfo) -> str:
    return _check(text, (*(info.context or {}).get(OWN, ()), MEMBER), linked=True)


PersonalText = Annotated[
    str, Field(min_length=1, max_length=8000), AfterValidator(_checked_personal)
]
"""A text for members one by one: it may also use `member`, and the step's links."""


def may_use(*names: str) -> AfterValidator:
    """Checks a text that may also use these variables."""

    def check(text: str, info: ValidationInfo) -> str:
        return _check(text, (*(info.context or {}).get(OWN, ()), *names))

    return AfterValidator(check)


def _named(variables: dict[str, str]) -> dict[str, str]:
    for name in variables:
        if not _VARIABLE.fullmatch(name):
            hint = "用小写英文字母、数字和下划线，字母开头，例如 hotline。"
            raise wrong("value", f"变量不能叫“{name}”。", hint, (name, KEY))
        if name in _TAKEN:
            raise wrong("value", f"“{name}”是自带的变量。", "请换一个名字。", (name, KEY))
    return variables


_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,31}")

_TAKEN = {MEMBER, LINKS, *(one.split(".")[0] for one in _known(SAMPLE.values()))}
_VariableName = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_VARIABLE.pattern}$",
            "not": {"enum": sorted(_TAKEN)},
        }
    ),
]
Variables = Annotated[
    dict[_VariableName, Annotated[str, Field(min_length=1, max_length=500)]], AfterValidator(_named)
]
"""Variables that a file brings along: plain text, never itself a template."""
