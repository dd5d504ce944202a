"""Members as staff see them in chat: found by name, masked for all but their own RM."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.command import Request
from bot.typed import plain
from sop.community import Community, Member
from sop.effects import Effect, Reply
from sop.wording import shown

_MOST_LISTED = 8
MOST_APART = 10
"""So many communities are told of one by one; of more, only what stands out among them all."""


@dataclass(frozen=True, slots=True)
class Customer:
    """One person, with the communities of the request in which they are present."""

    id: str
    stays: tuple[Member, ...]

    @property
    def name(self) -> str:
        """As in WeCom, unmasked; empty when never told."""
        return self.stays[0].name


class Unclear(Exception):
    """The word means no present member, or several. The text says whom, in Chinese: it names
    members, so it may be answered to the sender alone."""


def find_customer(request: Request, typed: str, line: str) -> Customer:
    """The one present member that a name or an external id means.

    A whole name goes before names that merely contain it. Raises Unclear for none or several,
    with `line` (`{}` stands for the member) filled in for each.
    """
    chosen = find_customers(request, typed)
    if len(chosen) == 1:
        return chosen[0]
    shown = chosen[:_MOST_LISTED]
    called = [f"{name_for(request, one)}（{_where(request, one)}" for one in shown]
    lines = []
    for one, name in zip(shown, called, strict=True):
        # Two of one name in one group: only when they came tells them apart.
        since = f"，{_joined(request, one)}入群" if called.count(name) > 1 else ""
        lines.append(f"{name}{since}）：{line.format(one.id)}")
    raise Unclear(f"名字里有“{typed}”的成员不止一位，请写明是哪一位：\n" + "\n".join(lines))


def find_customers(request: Request, typed: str) -> list[Customer]:
    """Those who may be meant, at least one. Raises Unclear for none."""
    found = _by_id(request, typed) or _by_name(request, typed)
    exact = [one for one in found if plain(one.name) == plain(typed)]
    if not found:
        raise Unclear(f"没有找到“{typed}”。只能查目前在群里的成员，可以只写名字的一部分。")
    return exact or found


def answered(handle: Callable[[Request], list[Effect]]) -> Callable[[Request], list[Effect]]:
    """The handler, with Unclear turned into its answer."""

    def answer(request: Request) -> list[Effect]:
        try:
            return handle(request)
        except Unclear as error:
            return [Reply(str(error))]

    return answer


def name_for(request: Request, customer: Customer) -> str:
    """The name for this reader: whole for the member's own RM, `张＊＊` for everybody else."""
    own = any(one.community in request.sender.communities for one in customer.stays)
    return shown_to(customer.name, own)


def shown_to(name: str, own: bool) -> str:
    """A member's name, masked unless the reader is their own RM."""
    whole = shown(name)
    return whole if own or not name else f"{whole[0]}＊＊"


def _by_id(request: Request, typed: str) -> list[Customer]:
    there = request.facts.communities_of(typed)
    stays = [
        stay
        for one in request.communities
        if one.id in there
        and (stay := request.facts.member(one.id, typed)) is not None
        and stay.left_at is None
    ]
    return [Customer(typed, tuple(stays))] if stays else []


def _by_name(request: Request, typed: str) -> list[Customer]:
    ids = [one.id for one in request.communities]
    by_person: dict[str, list[Member]] = {}
    for stay in request.facts.find_members(ids, typed):
        by_person.setdefault(stay.id, []).append(stay)
    return [Customer(member, tuple(stays)) for member, stays in by_person.items()]


def _where(request: Request, customer: Customer) -> str:
    names = community_names(request.communities)
    return "、".join(names[one.community] for one in customer.stays)


def _joined(request: Request, customer: Customer) -> str:
    day = customer.stays[0].joined_at.astimezone(request.zone)
    return f"{day.month} 月 {day.day} 日"


def community_names(communities: Sequence[Community]) -> dict[str, str]:
    """Names by id."""
    return {one.id: one.name for one in communities}
