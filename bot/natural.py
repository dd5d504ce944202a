"""How people ask without knowing the commands: `今天干嘛` means `今日`.

A small table of whole sentences; nothing is guessed at. What is asked this way is only ever
answered: a sentence that means a command which changes something is asked back, with the line to
type (`bot.asked`).
"""

from bot.typed import plain, quoted, words

_SAID = {
    "今日": (
        *("今天干嘛", "今天干什么", "今天做什么", "今天要做什么", "今天有什么", "今天有什么安排"),
        *("今天有哪些事", "今天有啥", "今天发什么", "今天的安排", "今日安排", "现在做什么"),
        *("现在该做什么", "我该做什么", "我今天做什么"),
    ),
    "本周": (
        *("这周安排", "这周的安排", "本周安排", "这周干嘛", "这周做什么", "这周有什么安排"),
        *("这个星期做什么", "这星期安排", "本周计划", "这周发什么"),
    ),
    "跟进": (
        *("谁该跟进", "该跟进谁", "今天跟进谁", "要跟进谁", "谁要跟进", "该联系谁"),
        *("今天联系谁", "给谁打电话", "该给谁打电话", "跟进谁", "有哪些跟进", "谁还没跟进"),
    ),
    "名单": ("谁中奖了", "谁中了奖", "谁中奖", "中奖名单", "中奖的有谁", "谁抽中了", "获奖名单"),
    "线索": ("名单线索", "线索名单", "要加谁", "该加谁", "加谁好友"),
    "沉默": (
        *("谁不说话", "谁没动静", "谁沉默了", "谁不活跃", "哪些人不说话", "谁好久没来"),
        *("谁很久没说话", "沉默的人", "沉默成员", "谁潜水"),
    ),
    "活跃": ("谁最活跃", "谁活跃", "活跃的人", "哪些人活跃", "活跃成员", "谁参与最多"),
    "排行": ("谁积分最多", "谁的积分最多", "积分排行", "积分排名", "排行榜", "积分榜"),
    "邀请榜": ("谁邀请最多", "谁拉人最多", "谁带人最多", "邀请排行"),
    "周报": ("上周怎么样", "上周数据", "看周报", "上周的数据", "数据怎么样"),
    "周报 本周": ("这周怎么样", "这周数据", "本周数据"),
    "公示": ("抽奖规则", "现在有什么抽奖", "有什么抽奖", "抽奖公告"),
    "欢迎": ("欢迎语", "怎么欢迎", "欢迎词", "欢迎新人", "新人来了说什么"),
    "稿件": ("谁投稿了", "有哪些投稿", "有什么投稿", "看投稿"),
    "渠道": ("哪个渠道好", "渠道数据", "从哪来的"),
    "预算": ("还剩多少钱", "花了多少钱", "预算还有多少", "还有多少预算"),
    "批准": ("有什么要批准", "有什么要批", "要批什么", "待批准"),
    "审核": ("有什么要审", "要审什么", "待审核", "有什么要审核"),
    "撤销": ("撤回", "反悔", "搞错了", "弄错了", "撤销上一步", "取消刚才的", "我反悔了"),
    "结束": ("游戏结束", "结束游戏", "不玩了", "停止游戏"),
    "揭晓": ("公布答案", "说答案", "揭晓答案"),
    "提示": ("给个提示", "给点提示", "提示一下"),
    "延时": ("多给点时间", "加点时间", "再等等"),
    "暂停": ("先别发", "停一停", "先停一下", "别发了", "暂停计划"),
    "恢复": ("继续发", "恢复计划", "可以发了"),
    "结束练习": ("不练了", "退出练习", "练习结束"),
    "帮助": (
        "你会什么",
        "你能做什么",
        "能做什么",
        "怎么用",
        "有什么命令",
        "有哪些指令",
        "有哪些命令",
    ),
}
_FILLERS = ("请问", "帮我看看", "帮我看一下", "我想知道", "看一下", "看看")
_PARTICLES = "呢啊呀吧吗嘛哦了的"
_LINE_OF = {sentence: line for line, sentences in _SAID.items() for sentence in sentences}
_LONGEST = 24
_ABOUT = {"为什么": "标签"}
"""A word with a member after it → the command that answers it about the member: why somebody is on
a list stands beside the labels."""


def meant(text: str) -> str | None:
    """The whole line that a sentence means; None if it is none of the table."""
    typed = words(text)
    if len(typed) > 1 and plain(typed[0]) in _ABOUT:
        return f"{_ABOUT[plain(typed[0])]} {quoted(typed[1].rstrip('？?！!。'))}"
    said = "".join(one for one in plain(text) if one.isalnum())
    if not said or len(said) > _LONGEST:
        return None
    for filler in ("", *_FILLERS):
        if said.startswith(filler):
            rest = said.removeprefix(filler)
            found = _LINE_OF.get(rest) or _LINE_OF.get(rest.rstrip(_PARTICLES))
            if found is not None:
                return found
    return None


def sentences() -> dict[str, str]:
    """The table: sentence → line."""
    return dict(_LINE_OF)
