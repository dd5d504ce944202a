"""Who and what takes part: communities from a configuration or the two samples, and the plans."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.config import Aibot, App, CommunityEntry, Config, RoleName, StaffEntry, Wecom
from bot.settings import Settings, read_config, settings_without_secrets
from sop.diagnostics import Problem, did_you_mean, render
from sop.library import Library
from sop.loader import SHIPPED, load
from sop.workdays import OVERLAYS, Workdays, load_workdays

NOWHERE = "http://127.0.0.1:9"
"""An address is needed, and never used."""
_NO_CHAT = "wrRehearsal"
_STAFF: tuple[tuple[str, str, RoleName], ...] = (
    ("lijing", "李静", "rm"),
    ("zhaoyun", "赵芸", "operator"),
    ("wangqiang", "王强", "manager"),
)


class NotRehearsable(Exception):
    """What was asked for cannot be rehearsed; the text says why, in Chinese."""


def cast(config: Path | None, library: Path | None) -> tuple[Settings, Library, Workdays]:
    """Settings, library and working days. Raises NotRehearsable with every problem found."""
    chosen = _samples() if config is None else _configured(config)
    folders = (library,) if library is not None else chosen.library or (SHIPPED,)
    missing = [str(one) for one in folders if not one.exists()]
    if missing:
        raise NotRehearsable("没有这些文件或文件夹：" + "、".join(missing))
    found, problems = load(folders)
    workdays, more = load_workdays([OVERLAYS, *chosen.workdays])
    errors = [one for one in [*problems, *more] if one.severity == "error"]
    if errors:
        raise NotRehearsable(_explained(errors))
    return chosen, found, workdays


def narrowed(
    chosen: Settings, library: Library, plans: Sequence[str], communities: Sequence[str]
) -> tuple[Settings, Library]:
    """Only these plans and communities; all where none are named. Raises NotRehearsable."""
    unknown = [one for one in plans if one not in library.plans]
    if unknown:
        hint = did_you_mean(unknown[0], library.plans)
        raise NotRehearsable(f"没有名为“{unknown[0]}”的计划。{hint}")
    known = {one.id: one for one in chosen.communities}
    strangers = [one for one in communities if one not in known]
    if strangers:
        hint = did_you_mean(strangers[0], known)
        raise NotRehearsable(f"没有编号为“{strangers[0]}”的社群。{hint}")
    if plans:
        library = replace(library, plans={one: library.plans[one] for one in dict.fromkeys(plans)})
    if communities:
        chosen = replace(
            chosen, communities=tuple(known[one] for one in dict.fromkeys(communities))
        )
    return chosen, library


def labelled(chosen: Settings, library: Library) -> Settings:
    """The sample training group also gets the labels of plans that would reach nobody."""
    first, *others = chosen.communities
    wanted = {
        label
        for plan in library.plans.values()
        if not any(plan.includes(one) for one in chosen.communities)
        for label in plan.applies_to.labels
    }
    trained = replace(first, labels=first.labels | wanted)
    return replace(chosen, communities=(trained, *others))


def _samples() -> Settings:
    """A training group whose robot speaks, and a customer group whose RM does."""
    config = Config(
        company="示例银行",
        wecom=Wecom(
            corp_id="wwrehearsal", api=NOWHERE, app=App(agent=1), aibot=Aibot(id="aib", name="群运")
        ),
        staff=[StaffEntry(id=one, name=name, roles=[role]) for one, name, role in _STAFF],
        communities=[
            CommunityEntry(
                id="wealth-01",
                name="财富体验群",
                chat_id=f"{_NO_CHAT}01",
                owner="lijing",
                mode="robot",
                labels=["wealth"],
            ),
            CommunityEntry(
                id="wealth-02",
                name="财富客户群",
                chat_id=f"{_NO_CHAT}02",
                owner="lijing",
                mode="assist",
                labels=["customer"],
            ),
        ],
    )
    return _settings(config, Path())


def _configured(path: Path) -> Settings:
    config, problems = read_config(path)
    if config is None:
        raise NotRehearsable(_explained(problems))
    return _settings(config, path.resolve().parent)


def _settings(config: Config, base: Path) -> Settings:
    """Settings without secrets: nothing is ever signed, encrypted or sent.

    Stamps live in the real database, which a rehearsal does not open: it shows what would be sent
    once everything is stamped.
    """
    chosen = settings_without_secrets(config, base)
    unstamped = tuple(replace(one, review=False) for one in chosen.communities)
    return replace(chosen, communities=unstamped, payer="manual")


def _explained(problems: Sequence[Problem]) -> str:
    return f"{render(problems)}\n\n先改好这些问题，再试一次。"
