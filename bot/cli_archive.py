"""`qunyun campaign archive` and `verify-archive`: a closed round as one signed file."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, read


def archive(
    number: Annotated[int, typer.Argument(help="奖池编号，见 campaign list")],
    out: Annotated[Path, typer.Option(help="写到哪个 zip 文件")],
    config: ConfigFile = CONFIG,
) -> None:
    """把一期已结束抽奖的证据、规则、公示、中奖和发奖记录打成一个签名的档案。"""
    from bot.archive import KEY_VARIABLE, BadKey, public_of, sealed, signing_key
    from bot.clock import SystemClock

    try:
        key = signing_key(os.environ.get(KEY_VARIABLE, ""))
    except BadKey as error:
        raise Stop(1, str(error)) from error
    now = SystemClock().now()
    bundle = read(config, lambda tx: sealed(tx, number, key, now))
    out.touch(mode=0o600)
    out.write_bytes(bundle)
    print(f"写好了 {out}")
    print(f"公钥 {public_of(key)}（请另外保存，验证时要用）")
    print(f"验证：qunyun campaign verify-archive {out} --key {public_of(key)}")


def verify_archive(
    file: Annotated[Path, typer.Argument(help="档案文件")],
    key: Annotated[str, typer.Option(help="公钥，导出档案时打印的 64 位十六进制")],
) -> None:
    """验证一个档案：签名、每个文件，以及里面的证据。不需要数据库。"""
    from bot.archive import BadKey, check

    if not file.is_file():
        raise Stop(1, f"没有这个文件：{file}")
    try:
        problems = check(file.read_bytes(), key)
    except BadKey as error:
        raise Stop(1, str(error)) from error
    if problems:
        raise Stop(1, "\n".join(f"❌ {one}" for one in problems))
    print("✅ 签名、每个文件和里面的证据都对得上。")
