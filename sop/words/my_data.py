"""我的数据: where the member sees what is kept about them."""

from sop.privacy import MY_DATA, my_data
from sop.word import Word

WORD = Word(
    name=MY_DATA,
    aliases=("我的信息", "查看我的数据"),
    handle=lambda one: my_data(one.facts, one.community, one.member, one.now),
)
