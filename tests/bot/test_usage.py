"""A command line typed wrong: what is wrong is said in Chinese, and the exit code is 2."""

import sys

import pytest

from bot.cli import main


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("init", "还没有写“folder”。\n看用法：qunyun init --help"),
        ("report", "还没有写 --week。\n看用法：qunyun report --help"),
        ("nosuch", "没有“nosuch”这个命令。\n看用法：qunyun --help"),
        ("schema one two", "多写了：one two。\n看用法：qunyun schema --help"),
        ("check --format xml", "--format 不能写“xml”，可以写：text、json、github。\n"),
        ("rehearse --days 0", "--days 最小是 1。\n看用法：qunyun rehearse --help"),
        ("rehearse --members 20001", "--members 最大是 20000。\n"),
        ("rehearse --days x", "--days 要写数字。\n看用法：qunyun rehearse --help"),
        ("review list --al", "没有 --al 这个选项，可以写：--all、--help。\n"),
        ("review list --nothing", "没有 --nothing 这个选项。\n看用法：qunyun review list --help"),
        ("review list --all=1", "--all 后面不用写内容。"),
        ("review stamp one --by", "--by 后面要写上内容。"),
    ],
)
def test_command_line_typed_wrong_is_explained(
    typed: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Regression: the terminal answered in English."""
    monkeypatch.setattr(sys, "argv", ["qunyun", *typed.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert (ended.value.code, shown.out) == (2, "")
    assert shown.err.startswith(said)
