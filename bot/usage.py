"""What the terminal says of a command line that is typed wrong, in Chinese.

Typer words its refusals in English and has no translations; each is known by its pattern. One
that is not known is shown as it is.
"""

import re

from typer import TyperException

_INVALID = "Invalid value for '(.+?)': "
_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"Missing argument '(.+?)'.*", "还没有写“{0}”。"),
    (r"Missing option '(.+?)'.*", "还没有写 {0}。"),
    (r"No such option: (\S+) \(Possible options: (.+)\)", "没有 {0} 这个选项，可以写：{1}。"),
    (r"No such option: (\S+).*", "没有 {0} 这个选项。"),
    (r"No such command '(.*?)'\.? *(?:Did you mean (.+)\?)?", "没有“{0}”这个命令。"),
    (r"Got unexpected extra arguments? ?(?:\(s\) )?\((.+)\)", "多写了：{0}。"),
    (r"Option '(.+?)' requires .*", "{0} 后面要写上内容。"),
    (r"Option '(.+?)' does not take a value\.", "{0} 后面不用写内容。"),
    (_INVALID + r"(?:Value error, )?'(.*)' is not one of (.+)\.", "{0} 不能写“{1}”，可以写：{2}。"),
    (_INVALID + r"Input should be greater than or equal to (\S+)", "{0} 最小是 {1}。"),
    (_INVALID + r"Input should be less than or equal to (\S+)", "{0} 最大是 {1}。"),
    (_INVALID + r"Input should be a valid (?:integer|number).*", "{0} 要写数字。"),
    (_INVALID + r"(.+)", "{0} 写得不对：{1}"),
)


def in_chinese(error: TyperException) -> str:
    """What is wrong, and where to look it up; a group of commands typed alone is its help."""
    ctx = getattr(error, "ctx", None)
    said = " ".join(error.format_message().split())
    for pattern, words in _PATTERNS:
        found = re.fullmatch(pattern, said)
        if found is not None:
            given = ((one or "").replace("'", "").replace(", ", "、") for one in found.groups())
            said = words.format(*given)
            break
    else:
        return error.format_message().rstrip()
    return said if ctx is None else f"{said}\n看用法：{ctx.command_path} --help"
