"""备注: what a colleague calls a customer in WeCom, and notes of them there."""

from bot.command import Command, Request, Scope, Topic, Usage
from bot.customers import Customer, answered, find_customer, name_for
from sop.community import Role
from sop.effects import Effect, Record, Reply, SetRemark
from sop.tagging import LONGEST_DESCRIPTION, LONGEST_REMARK
from storage import relations, remarks

_NOTE = "描述"


def _remark(request: Request) -> list[Effect]:
    if len(request.args) < 2:
        if request.args:
            raise Usage(f"请在“{request.args[0]}”后面写上备注名。")
        raise Usage("请先写成员，再写备注。")
    name, noted, text = _read(request.args)
    longest = LONGEST_DESCRIPTION if noted else LONGEST_REMARK
    if len(text) > longest:
        long = "" if noted else f"长的请写成描述：备注 {name} {_NOTE} ……"
        raise Usage(f"{_NOTE if noted else '备注名'}最多 {longest} 个字。{long}")
    customer = find_customer(request, name, f"备注 {{}} {_NOTE + ' ' if noted else ''}{text}")
    by, called = request.sender.id, name_for(request, customer)
    relation = relations.get(request.tx, by, customer.id)
    if relation is None or relation.ended_at is not None:
        return [Reply(f"{called}不是您的微信好友，备注只能写在自己的好友上。")]
    remark, description = _written(request, customer)
    if (description if noted else remark) == text:
        return [Reply(f"{called}的{_NOTE if noted else '备注'}已经是“{text}”。")]
    if noted:
        change, back = _noting(customer, by, text), _noting(customer, by, description)
    else:
        change, back = _calling(customer, by, text), _calling(customer, by, remark)
    what = _NOTE if noted else "备注名"
    return [
        change,
        Reply(f"📝 {called}的{what}：{text}\n稍后会写进企业微信。\n> 反悔请发：撤销"),
        Record(by, "备注", customer.id, what, (back,)),
    ]


def _read(args: tuple[str, ...]) -> tuple[str, bool, str]:
    """Member, whether it is a note, and the text: a name of one word, or what stands before
    描述."""
    if _NOTE in args[1:]:
        place = args.index(_NOTE, 1)
        text = " ".join(args[place + 1 :])
        if not text:
            raise Usage("请在“描述”后面写上内容。")
        return " ".join(args[:place]), True, text
    return args[0], False, " ".join(args[1:])


def _written(request: Request, customer: Customer) -> tuple[str, str]:
    """(remark, description) as they will stand once everything owed is written."""
    by = request.sender.id
    relation = relations.get(request.tx, by, customer.id)
    owed = remarks.of(request.tx, by, customer.id)
    if owed is not None and owed.status != "waiting":
        owed = None
    remark = relation.remark if relation else ""
    description = relation.description if relation else ""
    if owed is not None and owed.remark is not None:
        remark = owed.remark
    if owed is not None and owed.description is not None:
        description = owed.description
    return remark, description


def _calling(customer: Customer, by: str, remark: str) -> SetRemark:
    return SetRemark(customer.id, by, remark=remark)


def _noting(customer: Customer, by: str, description: str) -> SetRemark:
    return SetRemark(customer.id, by, description=description)


COMMANDS = [
    Command(
        name="备注",
        aliases=("remark",),
        roles=frozenset({Role.RM}),
        scope=Scope.OPTIONAL,
        usage="备注 成员 备注名〔社群〕，长的写：备注 成员 描述 内容",
        example="备注 王芳 王芳-爱答题",
        summary="改好友的备注名，或者写描述",
        handle=answered(_remark),
        private=True,
        topic=Topic.MEMBERS,
    )
]
