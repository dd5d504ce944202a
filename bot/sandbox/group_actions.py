"""What colleagues and customers do to groups and relations beside joining and leaving: rename, pass
on, dismiss, add one-sidedly, delete. Each emits the callback of reference D.13; the message archive
notes consent by itself. Raises Mistake, with Chinese text, for what cannot be done."""

from bot.sandbox.app_events import AppEvents
from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.contacts import Contacts
from bot.sandbox.errors import Mistake
from bot.sandbox.world import Group, Person, Relation, World


class GroupActions:
    """The hands of those who own groups and customers."""

    def __init__(
        self, world: World, events: AppEvents, contacts: Contacts, clock: SandboxClock
    ) -> None:
        self._world = world
        self._events = events
        self._contacts = contacts
        self._clock = clock

    def rename(self, chat: str, name: str) -> None:
        """The group is called otherwise."""
        group = self._group(chat)
        group.name = name
        self._events.group_news(group, "update", "change_name")

    def pass_on(self, chat: str, staff: str) -> None:
        """Another colleague in the group becomes its owner."""
        group, person = self._group(chat), self._staff(staff)
        if person.id not in group.people:
            raise Mistake(f"{person.name} 不在“{group.name}”里。")
        group.owner, group.status = person.id, 0
        self._events.group_news(group, "update", "change_owner")

    def dismiss(self, chat: str) -> None:
        """The owner dismisses the group."""
        group = self._group(chat)
        group.dismissed = True
        self._events.group_news(group, "dismiss")

    def owner_leaves(self, chat: str) -> None:
        """The owner leaves the company: no callback tells of it."""
        self._group(chat).status = 1

    def add_half(self, staff: str, member: str, state: str = "") -> None:
        """A customer adds a colleague, who does not add them back."""
        colleague, customer = self._staff(staff), self._customer(member)
        if (staff, member) in self._world.relations:
            raise Mistake(f"{customer.name} 已经添加过 {colleague.name}。")
        self._world.relations[staff, member] = Relation(self._clock.now(), state, half=True)
        code = self._contacts.new_welcome(staff, member)
        self._events.contact_change(
            colleague, customer, "add_half_external_contact", State=state, WelcomeCode=code
        )

    def add_back(self, staff: str, member: str) -> None:
        """The colleague adds the customer too."""
        relation = self._relation(staff, member)
        relation.half = False
        self._events.contact_change(
            self._staff(staff),
            self._customer(member),
            "add_external_contact",
            State=relation.state,
            WelcomeCode="",
        )

    def delete_customer(self, staff: str, member: str, *, passed_on: bool = False) -> None:
        """The colleague deletes the customer, or passes them on."""
        self._relation(staff, member)
        del self._world.relations[staff, member]
        source = {"Source": "DELETE_BY_TRANSFER"} if passed_on else {}
        self._events.contact_change(
            self._staff(staff), self._customer(member), "del_external_contact", **source
        )

    def refuse_transfer(self, staff: str, member: str, reason: str = "customer_refused") -> None:
        """The customer refuses to be passed on to a colleague."""
        self._events.contact_change(
            self._staff(staff), self._customer(member), "transfer_fail", FailReason=reason
        )

    def remark(self, staff: str, member: str, remark: str, description: str = "") -> None:
        """The colleague notes something of the customer by hand."""
        relation = self._relation(staff, member)
        relation.remark, relation.description = remark, description
        self._events.contact_change(
            self._staff(staff), self._customer(member), "edit_external_contact"
        )

    def _group(self, id: str) -> Group:
        group = self._world.groups.get(id)
        if group is None or group.kind != "customer" or group.dismissed:
            raise Mistake(f"没有编号为 {id} 的客户群。")
        return group

    def _staff(self, id: str) -> Person:
        person = self._world.people.get(id)
        if person is None or person.kind != "staff":
            raise Mistake(f"没有编号为 {id} 的员工。")
        return person

    def _customer(self, id: str) -> Person:
        person = self._world.people.get(id)
        if person is None or person.kind != "member":
            raise Mistake(f"没有编号为 {id} 的客户。")
        return person

    def _relation(self, staff: str, member: str) -> Relation:
        relation = self._world.relations.get((staff, member))
        if relation is None:
            raise Mistake("他们还不是联系人。")
        return relation
