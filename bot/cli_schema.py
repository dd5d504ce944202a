"""schema: writes the JSON Schema of every kind of file, for editors."""

import json
from pathlib import Path
from typing import Annotated

import typer

FOLDER = "schema"


def schema(
    out: Annotated[Path, typer.Option(help="写到哪个文件夹")] = Path(FOLDER),
) -> None:
    """写出每种文件的 JSON Schema，编辑器用它补全、提示和检查。"""
    from sop.schema import MODELINE

    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (out / name).write_text(text, encoding="utf-8")
        print(f"写好了 {out / name}")
    print(f"在 YAML 文件的正文上面写一行它的位置，例如：{MODELINE}../{FOLDER}/plan.schema.json")


def texts() -> dict[str, str]:
    """Each schema as the text of its file, by the file's name."""
    from bot.config import Config
    from sop.schema import schema_of, schemas

    found = {**schemas(), "config": schema_of(Config, "群运：配置")}
    return {
        f"{kind}.schema.json": json.dumps(one, ensure_ascii=False, indent=2) + "\n"
        for kind, one in found.items()
    }
