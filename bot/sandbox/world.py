"""The company and its customers: people, relations, groups and corp tags.

State and plain changes only. Who is told of a change is decided elsewhere: human actions emit
callbacks (`bot.sandbox.actions`), API calls do not (reference D.1).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.sandbox.ids import Ids
from bot.sandbox.seed import GroupKind, GroupSeed, Seed

READ_DELAY = timedelta(seconds=2)
"""Group changes become readable about this much later (reference D.4)."""


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague or a customer."""

    id: str
    name: str
    kind: Literal["member", "staff"]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's place in a group."""

    person: Person
    joined_at: datetime
    scene: int
    """groupchat/get's join_scene: 1 invited, 2 by link, 3 by QR."""
    state: str = ""
    """Of the join way."""


@dataclass(slots=True)
class Group:
    """A group chat."""

    id: str
    name: str
    owner: str
    kind: GroupKind
    created_at: datetime
    note: str
    aibot: bool
    people: dict[str, Membership]
    changes: int = 0
    changed_at: datetime | None = None
    before: tuple[dict[str, Membership], int] | None = None
    """People and change count before the last change, for stale reads."""
    status: int = 0
    """Of groupchat/list: 1 once the owner has left the company."""
    dismissed: bool = False

    def version(self, changes: int | None = None) -> str:
        """member_version: changes with every join and leave."""
        number = self.changes if changes is None else changes
        return hashlib.sha256(f"{self.id}/{number}".encode()).hexdigest()[:32]

    def readable(self, now: datetime, stale: bool) -> tuple[dict[str, Membership], str]:
        """Members and version as groupchat/get gives them now."""
        fresh = self.changed_at is None or now - self.changed_at >= READ_DELAY
        if stale and not fresh and self.before is not None:
            people, changes = self.before
            return people, self.version(changes)
        return self.people, self.version()

    def _note_change(self, now: datetime) -> None:
        self.before = (dict(self.people), self.changes)
        self.changes += 1
        self.changed_at = now

    def add(self, person: Person, now: datetime, scene: int, state: str = "") -> None:
        """Somebody joins."""
        self._note_change(now)
        self.people[person.id] = Membership(person, now, scene, state)

    def remove(self, person: Person, now: datetime) -> None:
        """Somebody leaves."""
        self._note_change(now)
        del self.people[person.id]


@dataclass(slots=True)
class Robot:
    """A group robot."""

    key: str
    name: str
    group: str
    state: Literal["active", "removed", "disabled"] = "active"


@dataclass(slots=True)
class Relation:
    """A staff member and a customer who have each other as contacts."""

    since: datetime
    state: str = ""
    remark: str = ""
    description: str = ""
    tags: set[str] = field(default_factory=set)
    half: bool = False
    """Only the customer has added the other: the interfaces tell nothing of such a pair."""


@dataclass(slots=True)
class Tag:
    """A corp tag."""

    id: str
    name: str
    order: int
    created_at: datetime
    own: bool
    """Made by the application, which may only change its own (81011)."""


@dataclass(slots=True)
class TagGroup:
    """A group of corp tags."""

    id: str
    name: str
    order: int
    created_at: datetime
    own: bool
    tags: list[Tag] = field(default_factory=list)


class World:
    """Everything a sandbox knows about people."""

    def __init__(self, seed: Seed, now: datetime, ids: Ids) -> None:
        self._ids = ids
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self.robots: dict[str, Robot] = {}
        self.relations: dict[tuple[str, str], Relation] = {}
        self.tag_groups: dict[str, TagGroup] = {}
        for staff in seed.staff:
            self.people[staff.id] = Person(staff.id, staff.name, "staff", staff.title)
        for customer in seed.customers:
            self.people[customer.id] = Person(customer.id, customer.name, "member")
            for contact in customer.contacts:
                self.relations[self.staff(contact).id, customer.id] = Relation(now)
        for group in seed.groups:
            self._add_group(group, now)
        for tags in seed.tag_groups:
            made = self.add_tag_group(tags.name, 0, now, own=False)
            for name in tags.tags:
                self.add_tag(made, name, 0, now, own=False)

    def _add_group(self, seed: GroupSeed, now: datetime) -> None:
        automata = bool(seed.robots) or seed.aibot
        if seed.kind == "customer" and automata and not seed.robots_in_customer_group:
            raise ValueError(
                f"group {seed.id}: WeCom lets no robot into a customer group; "
                "set robots_in_customer_group to take that liberty"
            )
        inside = [self.staff(seed.owner), *map(self.staff, seed.staff)]
        inside += [self.people[member] for member in seed.members]
        self.groups[seed.id] = Group(
            id=seed.id,
            name=seed.name,
            owner=seed.owner,
            kind=seed.kind,
            created_at=now,
            note=seed.note,
            aibot=seed.aibot,
            people={person.id: Membership(person, now, 1) for person in inside},
        )
        for robot in seed.robots:
            self.robots[robot.key] = Robot(robot.key, robot.name, seed.id)

    def staff(self, id: str) -> Person:
        """The colleague with that id; KeyError if there is none."""
        person = self.people[id]
        if person.kind != "staff":
            raise KeyError(id)
        return person

    def find_staff(self, id: str) -> Person | None:
        """A colleague by id; WeCom compares ids without regard to case (reference 0.3)."""
        folded = id.casefold()
        for person in self.people.values():
            if person.kind == "staff" and person.id.casefold() == folded:
                return person
        return None

    def add_customer(self, name: str) -> Person:
        """A stranger with a new external_userid."""
        person = Person(self._ids.code("wm", 30), name, "member")
        self.people[person.id] = person
        return person

    def followers(self, customer: str) -> dict[str, Relation]:
        """The staff who have that customer, with the relation."""
        return {
            staff: relation
            for (staff, member), relation in self.relations.items()
            if member == customer and not relation.half
        }

    def customers_of(self, staff: str) -> list[str]:
        """The customers that a colleague has."""
        return [
            member
            for (userid, member), relation in self.relations.items()
            if userid == staff and not relation.half
        ]

    def add_tag_group(self, name: str, order: int, now: datetime, *, own: bool) -> TagGroup:
        """A new group of tags."""
        group = TagGroup(self._ids.code("et", 30), name, order, now, own)
        self.tag_groups[group.id] = group
        return group

    def add_tag(self, group: TagGroup, name: str, order: int, now: datetime, *, own: bool) -> Tag:
        """A new tag."""
        tag = Tag(self._ids.code("et", 30), name, order, now, own)
        group.tags.append(tag)
        return tag

    def find_tag(self, id: str) -> tuple[TagGroup, Tag] | None:
        """A tag and its group."""
        for group in self.tag_groups.values():
            for tag in group.tags:
                if tag.id == id:
                    return group, tag
        return None

    def drop_tag(self, id: str) -> None:
        """Deletes a tag everywhere; a group without tags goes with it."""
        found = self.find_tag(id)
        if found is None:
            return
        group, tag = found
        group.tags.remove(tag)
        if not group.tags:
            del self.tag_groups[group.id]
        for relation in self.relations.values():
            relation.tags.discard(id)
