"""A question bank as a YAML file that a person can go on editing."""

import json
import os
import re
from pathlib import Path

from sop.bank import Bank, Question
from sop.diagnostics import render
from sop.loader import load_model
from sop.source import read
from sop.syntax import resolve


class NotWritten(Exception):
    """Nothing was written; the message says why and what to do, in Chinese."""


def write_bank(bank: Bank, out: Path, comment: str, *, force: bool) -> None:
    """Writes the file whole or not at all, after reading it back.

    An existing file is replaced only if it is the same bank, and with `force`.
    Raises NotWritten and OSError.
    """
    if not out.parent.is_dir():
        raise NotWritten(f"没有文件夹 {out.parent}。请先建好它，或换一个位置。")
    if os.path.lexists(out):
        _may_replace(bank, out, force=force)
    fresh = out.with_name(f".{out.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with fresh.open("x", encoding="utf-8", newline="\n") as file:
            file.write(bank_text(bank, comment))
            file.flush()
            os.fsync(file.fileno())
        _reads_back(bank, fresh)
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)


def _may_replace(bank: Bank, out: Path, *, force: bool) -> None:
    root = read(out).root
    name = root.child("bank") if root is not None else None
    if name is None or str(name.value) != bank.bank:
        text = f"已经有 {out}，它不是题库“{bank.bank}”。"
        raise NotWritten(f"{text}请用 --out 换一个文件名，或用 --bank 写题库名。")
    if not force:
        raise NotWritten(f"已经有题库“{bank.bank}”：{out}。要用新内容替换它，请加 --force。")


def _reads_back(bank: Bank, path: Path) -> None:
    again, problems, _ = load_model(path, Bank)
    if any(one.code == "size" for one in problems):
        raise NotWritten(
            f"{len(bank.questions)} 道题放在一个题库文件里太大（最多 256 KB、10000 个值）。"
            "请分成几张工作表，用 --sheet 逐张导入，每张用 --bank 起不同的名字。"
        )
    if again != bank:
        raise NotWritten(f"写出的内容和表格不一致，没有写出文件。\n{render(problems)}")


def bank_text(bank: Bank, comment: str) -> str:
    """The file, in the order and form of the shipped banks; `comment` is its first line."""
    topic = f"topic: {_word(bank.topic)}\n" if bank.topic else ""
    head = f"# {comment}\nbank: {_word(bank.bank)}\ntitle: {_word(bank.title)}\n{topic}questions:\n"
    return head + "\n".join(_question(one) for one in bank.questions)


def _question(question: Question) -> str:
    lines = [f"id: {_word(question.id)}", f"ask: {_quoted(question.ask)}"]
    if question.choices:
        lines.append(f"choices: {_list(question.choices)}")
    lines.append(f"answer: {_quoted(question.answer)}")
    if question.accept:
        lines.append(f"accept: {_list(question.accept)}")
    optional = {"hint": question.hint, "explain": question.explain, "source": question.source}
    lines += [f"{key}: {_quoted(text)}" for key, text in optional.items() if text]
    lines.append(f"difficulty: {question.difficulty}")
    return "  - " + "\n    ".join(lines) + "\n"


def _list(texts: list[str]) -> str:
    return f"[{', '.join(_quoted(one) for one in texts)}]"


def _quoted(text: str) -> str:
    """A JSON string is a double-quoted YAML scalar."""
    return json.dumps(text, ensure_ascii=False)


def _word(text: str) -> str:
    """Without quotes where nothing but letters, digits and `-` leaves no doubt."""
    plain = re.fullmatch(r"[^\W\d_][\w-]*", text) is not None and resolve(text) == text
    return text if plain else _quoted(text)
