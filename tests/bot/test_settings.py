"""config.yaml: every mistake with its place; secrets that are missing, and that are not shown."""

import pkgutil
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest

import bot.payouts
from bot.app import payer_types
from bot.config import Config
from bot.digest_settings import DigestSettings
from bot.settings import Missing, PageSettings, Settings, read_config, robot_variable, settings
from bot.shelf import EXAMPLE
from sop.community import Community, DeliveryMode, Role, Staff

GOOD = """
company: 示例银行
database: sqlite:///data/q.db
library: [plans]
wecom:
  corp_id: ww1
  api: https://qyapi.weixin.qq.com/
  app: {agent: 1000002}
  aibot: {id: aib1, name: 群运}
staff:
  - {id: li, name: 李静, roles: [rm]}
  - {id: wang, name: 王强, roles: [manager, operator]}
communities:
  - {id: wealth-01, name: 财富群, chat_id: wr1, owner: li, mode: robot, labels: [wealth]}
  - {id: wealth-02, name: 客户群, chat_id: wr2, owner: li, mode: assist}
  - {id: wealth-03, name: 智能群, chat_id: wr3, owner: li, mode: aibot}
payouts: {payer: marketing_platform, url: "https://pay.example.com/"}
"""
NEEDED = [
    "QUNYUN_APP_SECRET",
    "QUNYUN_APP_TOKEN",
    "QUNYUN_APP_AES_KEY",
    "QUNYUN_ROBOT_WEALTH_01",
    "QUNYUN_AIBOT_TOKEN",
    "QUNYUN_AIBOT_AES_KEY",
    "QUNYUN_PAYOUT_SECRET",
]
SECRETS = {name: f"secret-of-{name.lower()}" for name in NEEDED}
AES_KEY = "AesKeyToHide" + "0" * 31
SECRETS |= {"QUNYUN_APP_AES_KEY": AES_KEY, "QUNYUN_AIBOT_AES_KEY": AES_KEY}

PAYERS = "manual、marketing_platform、wechat_transfer、wecom_redpacket"

Read = Callable[[str], tuple[Config | None, list[tuple[int, int, str]]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a configuration: it, and (line, column, message) of each problem."""

    def _read(text: str) -> tuple[Config | None, list[tuple[int, int, str]]]:
        path = tmp_path / "config.yaml"
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        config, problems = read_config(path)
        assert {one.file for one in problems} <= {str(path)}
        return config, [(one.line, one.column, one.message) for one in problems]

    return _read


def changed(before: str, after: str) -> str:
    assert GOOD.count(before) == 1
    return GOOD.replace(before, after)


@pytest.fixture
def good(read: Read) -> Config:
    config, problems = read(GOOD)
    assert problems == []
    assert config is not None
    return config


def test_good_configuration_with_its_secrets(good: Config) -> None:
    made = settings(good, SECRETS, Path("/srv/qunyun"))
    zone = ZoneInfo("Asia/Shanghai")
    mine = frozenset({"wealth-01", "wealth-02", "wealth-03"})
    assert made.aibot is not None
    assert replace(made, app=made.app, aibot=None) == Settings(
        digest=DigestSettings(time(8, 45), {}),
        company="示例银行",
        zone=zone,
        database="sqlite:////srv/qunyun/data/q.db",
        library=(Path("/srv/qunyun/plans"),),
        workdays=(),
        host="127.0.0.1",
        port=8080,
        corp_id="ww1",
        api="https://qyapi.weixin.qq.com",
        app=made.app,
        aibot=None,
        staff={
            "li": Staff("li", "李静", frozenset({Role.RM}), mine),
            "wang": Staff("wang", "王强", frozenset({Role.MANAGER, Role.OPERATOR}), frozenset()),
        },
        communities=(
            Community(
                "wealth-01",
                "财富群",
                "wr1",
                "li",
                DeliveryMode.ROBOT,
                frozenset({"wealth"}),
                zone,
                "群运",
                review=True,
                tasks=True,
            ),
            # The bot hears nobody in a customer group.
            Community(
                "wealth-02",
                "客户群",
                "wr2",
                "li",
                DeliveryMode.ASSIST,
                frozenset(),
                zone,
                "",
                review=True,
                tasks=True,
            ),
            Community(
                "wealth-03",
                "智能群",
                "wr3",
                "li",
                DeliveryMode.AIBOT,
                frozenset(),
                zone,
                "群运",
                review=True,
                tasks=True,
            ),
        ),
        payer="marketing_platform",
        payout_url="https://pay.example.com",
        payout_secret="secret-of-qunyun_payout_secret",
        robot_keys={"wealth-01": "secret-of-qunyun_robot_wealth_01"},
    )
    assert (made.app.secret, made.app.token, made.aibot.token, made.aibot.secret) == (
        "secret-of-qunyun_app_secret",
        "secret-of-qunyun_app_token",
        "secret-of-qunyun_aibot_token",
        "",
    )
    assert [made.robot_key(one) for one in ("wealth-01", "wealth-02")] == [
        "secret-of-qunyun_robot_wealth_01",
        None,
    ]


def test_review_is_switched_off_by_configuration_alone(read: Read) -> None:
    config, _ = read(changed("mode: robot,", "mode: robot, review: false,"))
    assert config is not None
    made = settings(config, SECRETS, Path("/srv"))
    assert [one.review for one in made.communities] == [False, True, True]


def test_monthly_ceiling_is_for_customer_groups_alone(read: Read) -> None:
    config, _ = read(changed("name: 群运}", "name: 群运}\n  group_monthly_ceiling: 30"))
    assert config is not None
    made = settings(config, SECRETS, Path("/srv"))
    assert [one.monthly_ceiling for one in made.communities] == [None, 30, None]


def test_settings_show_no_secret(good: Config) -> None:
    shown = repr(settings(good, SECRETS, Path("/srv")))
    assert [one for one in ("secret-of-", "AesKeyToHide") if one in shown] == []


@pytest.mark.parametrize("absent", [NEEDED, NEEDED[3:4], NEEDED[-1:]])
def test_missing_secrets_are_all_named_without_values(good: Config, absent: list[str]) -> None:
    environ = {**{name: SECRETS[name] for name in NEEDED if name not in absent}, "PATH": "/bin"}
    with pytest.raises(Missing) as caught:
        settings(good, environ, Path("/srv"))
    names = "\n".join(f"  {name}" for name in absent)
    assert str(caught.value) == (
        f"缺少这些环境变量：\n{names}\n把它们写进 0600 权限的环境文件后再启动。"
    )


def test_empty_secret_is_missing(good: Config) -> None:
    with pytest.raises(Missing, match="QUNYUN_APP_TOKEN"):
        settings(good, {**SECRETS, "QUNYUN_APP_TOKEN": ""}, Path("/srv"))


@pytest.mark.parametrize("key", [AES_KEY[:-1], AES_KEY + "0", AES_KEY[:-1] + "="])
def test_wrong_aes_key_is_named_without_its_value(good: Config, key: str) -> None:
    with pytest.raises(Missing) as caught:
        settings(good, {**SECRETS, "QUNYUN_APP_AES_KEY": key}, Path("/srv"))
    assert str(caught.value) == (
        "QUNYUN_APP_AES_KEY 必须正好是 43 个字母或数字，请从管理后台重新复制。"
    )


def test_long_connection_needs_its_own_secret_only(read: Read) -> None:
    config, _ = read(changed("name: 群运}", "name: 群运, mode: long_connection}"))
    assert config is not None
    environ = {name: value for name, value in SECRETS.items() if "AIBOT" not in name}
    with pytest.raises(Missing) as caught:
        settings(config, environ, Path("/srv"))
    assert str(caught.value).split("\n")[1:-1] == ["  QUNYUN_AIBOT_SECRET"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sqlite:///q.db", "sqlite:////srv/q.db"),
        ("sqlite:////var/q.db", "sqlite:////var/q.db"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
    ],
)
def test_relative_database_is_beside_the_configuration(
    read: Read, written: str, meant: str
) -> None:
    config, _ = read(changed("sqlite:///data/q.db", written))
    assert config is not None
    assert settings(config, SECRETS, Path("/srv")).database == meant


def test_ten_mistakes_are_told_at_once(read: Read) -> None:
    config, problems = read("""
        companie: 示例银行
        zone: 8
        listen: {host: 127.0.0.1, port: 99999}
        wecom:
          corp_id: ww1
          app: {agent: "1000002"}
          aibot: {name: 群运, mode: webhook}
        staff:
          - {id: li, name: 李静, roles: [客户经理]}
          - {id: wang, name: 王强, roles: []}
        communities:
          - {id: Wealth 01, name: 财富群, chat_id: wr1, owner: li, mode: robots}
    """)
    assert config is None
    assert sorted(problems) == [
        (1, 1, "没有“companie”这一项。"),
        (2, 7, "应为文字，这里是数字或真假值。"),
        (3, 33, "不能大于 65535。"),
        (6, 16, "应为整数，这里是文字。"),
        (7, 3, "缺少“id”。"),
        (7, 27, "这里不能写“webhook”，只能写 callback、long_connection。"),
        (9, 32, "这里不能写“客户经理”，只能写 rm、operator、reviewer、manager、admin。"),
        (10, 26, "至少要有 1 项。"),
        (12, 10, "“Wealth 01”不能用作编号或名称。"),
        (12, 63, "这里不能写“robots”，只能写 robot、assist、aibot。"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (
            "chat_id: wr2, owner: li",
            "chat_id: wr2, owner: lee",
            (14, 53, "同事里没有 userid“lee”"),
        ),
        ("{id: wang,", "{id: li,", (11, 10, "编号“li”写了两次")),
        ("id: wealth-02", "id: wealth-01", (14, 10, "编号“wealth-01”写了两次")),
        ("chat_id: wr3", "chat_id: wr2", (15, 41, "编号“wr2”写了两次")),
        (
            "  aibot: {id: aib1, name: 群运}\n",
            "",
            (14, 63, "发送方式是 aibot，wecom 里却没有配智能机器人（aibot）"),
        ),
        (
            "company: 示例银行",
            "company: 示例银行\nzone: Asia/Beijing",
            (2, 7, "没有叫“Asia/Beijing”的时区，例如 Asia/Shanghai"),
        ),
        (
            "payer: marketing_platform",
            "payer: alipay",
            (16, 18, "没有叫“alipay”的发奖方式，可以写：" + PAYERS),
        ),
        (', url: "https://pay.example.com/"', "", (16, 18, "还要写 url：营销平台的地址")),
    ],
)
def test_mistake_between_entries_is_told_with_its_place(
    read: Read, before: str, after: str, problem: tuple[int, int, str]
) -> None:
    assert read(changed(before, after)) == (None, [problem])


PAGE = "company: 示例银行\nlisten: {public: "


@pytest.mark.parametrize(
    "address",
    [
        "http://qunyun.bank.example",
        "https://qunyun.bank.example/m",
        "https://qunyun.bank.example?x=1",
        "https://user@qunyun.bank.example",
        "https://qunyun.bank.example:99999",
        "https://",
        "qunyun.bank.example",
        "ftp://qunyun.bank.example",
        "http://127.0.0.2:8080",
    ],
)
def test_address_of_the_member_page_that_is_none(read: Read, address: str) -> None:
    found = read(changed("company: 示例银行", f'{PAGE}"{address}"}}'))
    text = "要写成 https://主机名，后面不带路径（只有本机地址可以用 http）"
    assert found == (None, [(2, 18, text)])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("https://qunyun.bank.example/", "https://qunyun.bank.example"),
        ("https://qunyun.bank.example:8443", "https://qunyun.bank.example:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_member_page_with_its_key(read: Read, address: str, public: str) -> None:
    config, _ = read(changed("company: 示例银行", f'{PAGE}"{address}"}}'))
    assert config is not None
    key = "k" * 32
    made = settings(config, {**SECRETS, "QUNYUN_PAGE_SECRET": key}, Path("/srv"))
    assert made.page == PageSettings(public, "https://open.weixin.qq.com", key)
    assert [one.page for one in made.communities] == [True, True, True]
    assert key not in repr(made)


def test_member_page_behind_a_proxy_on_another_machine(read: Read) -> None:
    listen = 'listen: {public: "https://bank.example", trusted_proxies: [10.0.0.0/8, "fd00::7"]}'
    config, _ = read(changed("company: 示例银行", f"company: 示例银行\n{listen}"))
    assert config is not None
    made = settings(config, {**SECRETS, "QUNYUN_PAGE_SECRET": "k" * 32}, Path("/srv"))
    assert made.page is not None
    assert [str(one) for one in made.page.proxies] == [
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
        "fd00::7/128",
    ]


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("proxy.bank.example", "不是地址或网段，例如 10.1.2.3 或 10.0.0.0/8"),
        ("10.1.2.3/8", "不是地址或网段，例如 10.1.2.3 或 10.0.0.0/8"),
        ("0.0.0.0/0", "是所有地址，谁都能冒充别人；请只写反向代理的地址"),
        ("::/0", "是所有地址，谁都能冒充别人；请只写反向代理的地址"),
    ],
)
def test_proxy_that_cannot_be_trusted(read: Read, proxy: str, said: str) -> None:
    listen = f'listen: {{trusted_proxies: [10.0.0.1, "{proxy}"]}}'
    found = read(changed("company: 示例银行", f"company: 示例银行\n{listen}"))
    assert found == (None, [(2, 38, f"“{proxy}”{said}")])


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "缺少这些环境变量：\n  QUNYUN_PAGE_SECRET\n把它们写进 0600 权限的环境文件后再启动。"),
        ("k" * 31, "QUNYUN_PAGE_SECRET 至少要 32 个字符，例如 openssl rand -hex 32。"),
    ],
)
def test_key_of_the_member_page_must_be_long(read: Read, key: str, said: str) -> None:
    config, _ = read(changed("company: 示例银行", f"{PAGE}https://bank.example}}"))
    assert config is not None
    with pytest.raises(Missing) as caught:
        settings(config, {**SECRETS, "QUNYUN_PAGE_SECRET": key}, Path("/srv"))
    assert str(caught.value) == said


def test_without_a_public_address_there_is_no_page(good: Config) -> None:
    made = settings(good, SECRETS, Path("/srv"))
    assert (made.page, {one.page for one in made.communities}) == (None, {False})


def test_file_names_of_payers_are_their_names() -> None:
    files = sorted(one.name for one in pkgutil.iter_modules(bot.payouts.__path__))
    assert files == sorted(payer_types())


def test_example_configuration_is_good() -> None:
    config, problems = read_config(EXAMPLE)
    assert problems == []
    assert config is not None


def test_name_of_the_variable_of_a_robot_key() -> None:
    assert robot_variable("wealth-01") == "QUNYUN_ROBOT_WEALTH_01"


def test_community_without_group_send_tasks(read: Read) -> None:
    config, _ = read(changed("wecom:\n", "wecom:\n  group_tasks: false\n"))
    assert config is not None
    made = settings(config, SECRETS, Path("/srv"))
    assert {one.tasks for one in made.communities} == {False}


@pytest.mark.parametrize("there", [True, False])
def test_customer_groups_are_heard_where_the_archive_is_there(
    read: Read, tmp_path: Path, there: bool
) -> None:
    archive = "archive: {library: sdk.so, keys: [{version: 2, file: two.pem}]}"
    config, problems = read(changed("wecom:\n", f"wecom:\n  {archive}\n"))
    assert (problems, config is not None) == ([], True)
    if there:
        (tmp_path / "sdk.so").touch()
    secrets = {**SECRETS, "QUNYUN_MSGAUDIT_SECRET": "secret-of-msgaudit"}
    made = settings(config, secrets, tmp_path)
    assert [(one.mode.value, one.archived) for one in made.communities] == [
        ("robot", False),
        ("assist", there),
        ("aibot", False),
    ]
    assert made.archive is not None
    assert (made.archive.library, made.archive.keys) == (
        tmp_path / "sdk.so",
        {2: tmp_path / "two.pem"},
    )
    assert "secret-of-msgaudit" not in repr(made)
    with pytest.raises(Missing) as raised:
        settings(config, SECRETS, tmp_path)
    assert "QUNYUN_MSGAUDIT_SECRET" in str(raised.value)


def test_digest_at_a_colleagues_own_minute(read: Read) -> None:
    own = changed("company:", 'digest: "9:00"\ncompany:').replace(
        "name: 李静,", 'name: 李静, digest: "8:15",'
    )
    config, problems = read(own)
    assert (problems, config is not None) == ([], True)
    assert config is not None
    assert settings(config, SECRETS, Path()).digest == DigestSettings(time(9), {"li": time(8, 15)})


def test_digest_that_nobody_wants(read: Read) -> None:
    config, problems = read(changed("company:", "digest: null\ncompany:"))
    assert (problems, config is not None) == ([], True)
    assert config is not None
    assert settings(config, SECRETS, Path()).digest is None


def test_digest_at_no_time_is_refused(read: Read) -> None:
    _, problems = read(changed("company:", "digest: 早上\ncompany:"))
    assert [line for line, _, _ in problems] == [1]
