"""The merchant account: its files, what config.yaml must say, what the doctor finds."""

import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import MovableClock, SystemClock
from bot.config import Config, MerchantEntry
from bot.doctor import _certificates, _payer
from bot.merchant import Unusable, read_merchant
from bot.sandbox.server import Sandbox
from bot.settings import Missing, read_config, settings, settings_without_secrets
from tests.house import CONFIG, SECRETS

NAME = "wechat_transfer"


def test_account_knows_its_numbers(account: Any, platform_serial: str) -> None:
    by_key = read_merchant(MerchantEntry(**account.entry()), account.folder)
    entry = account.entry(platform_key="platform_cert.pem", platform_key_id="")
    by_certificate = read_merchant(MerchantEntry(**entry), account.folder)
    assert by_key.platform is not None
    assert by_certificate.platform is not None
    assert (by_key.platform.serial, by_key.platform.good_until) == (
        "PUB_KEY_ID_0114232134912410000000000000",
        None,
    )
    assert by_certificate.platform.serial == platform_serial
    assert isinstance(by_key.tls(), ssl.SSLContext)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"certificate": "none.pem"}, "none.pem 读不了"),
        ({"certificate": "apiclient_key.pem"}, "apiclient_key.pem 不是 PEM 格式的证书"),
        ({"key": "apiclient_cert.pem"}, "apiclient_cert.pem 不是没有口令的 PEM 格式私钥"),
        ({"key": "elliptic.pem"}, "elliptic.pem 不是 RSA 私钥"),
        ({"key": "other_key.pem"}, "不是一对，请重新下载商户 API 证书"),
        (
            {"platform_key": "apiclient_key.pem"},
            "apiclient_key.pem 不是微信支付公钥，也不是平台证书",
        ),
        ({"platform_key_id": ""}, "还要写 platform_key_id"),
    ],
)
def test_file_that_cannot_be_used_is_named(
    account: Any, changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(Unusable, match=reason):
        read_merchant(MerchantEntry(**account.entry(**changes)), account.folder)


def test_unusable_file_stops_the_start(account: Any) -> None:
    merchant = account.entry(certificate="none.pem")
    config = Config.model_validate({**CONFIG, "payouts": {"payer": NAME, "merchant": merchant}})
    with pytest.raises(Missing, match=r"^微信支付商户的文件不能用：.*none\.pem 读不了"):
        settings(config, SECRETS, account.folder)


def test_only_what_the_payer_needs_is_asked_of_the_environment(account: Any) -> None:
    payouts = {"payer": "wecom_redpacket", "merchant": account.entry()}
    config = Config.model_validate({**CONFIG, "payouts": payouts})
    with pytest.raises(Missing, match="QUNYUN_PAYOUT_APP_SECRET"):
        settings(config, SECRETS, account.folder)
    made = settings(config, SECRETS | {"QUNYUN_PAYOUT_APP_SECRET": "a"}, account.folder)
    assert (made.payout_url, made.payout_secret, made.payout_app_secret) == (
        "https://api.mch.weixin.qq.com",
        "payer-secret",
        "a",
    )
    assert made.merchant is not None
    assert made.merchant.id == "1900000109"


def test_secrets_are_not_shown(account: Any) -> None:
    payouts = {"payer": "wecom_redpacket", "merchant": account.entry()}
    config = Config.model_validate({**CONFIG, "payouts": payouts})
    environ = SECRETS | {"QUNYUN_PAYOUT_APP_SECRET": "secret-of-the-app"}
    shown = repr(settings(config, environ, account.folder))
    found = [one for one in ("secret-of-the-app", "apiclient_key", "PrivateKey") if one in shown]
    assert found == []


def test_without_secrets_no_file_is_read(account: Any) -> None:
    payouts = {"payer": "wecom_redpacket", "merchant": account.entry()}
    config = Config.model_validate({**CONFIG, "payouts": payouts})
    assert settings_without_secrets(config, Path("/nowhere")).merchant is None


@pytest.mark.parametrize(
    ("payouts", "problem"),
    [
        ("payer: marketing_platform", "还要写 url：营销平台的地址"),
        (
            "payer: wecom_redpacket",
            "还要写 merchant（微信支付商户）的 id、certificate、key",
        ),
        (
            'payer: wechat_transfer\n  merchant: {id: "12345678", certificate: c, key: k}',
            "还要写 merchant（微信支付商户）的 platform_key",
        ),
        (
            "payer: 微信",
            "没有叫“微信”的发奖方式，可以写："
            "manual、marketing_platform、wechat_transfer、wecom_redpacket",
        ),
    ],
)
def test_what_a_payer_lacks_is_said_at_its_place(
    tmp_path: Path, payouts: str, problem: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "company: 示例银行\n"
        "wecom: {corp_id: ww1, app: {agent: 1}}\n"
        "staff: [{id: li, name: 李静, roles: [rm]}]\n"
        "communities: [{id: a, name: 一群, chat_id: wr1, owner: li, mode: assist}]\n"
        f"payouts:\n  {payouts}\n",
        encoding="utf-8",
    )
    _, problems = read_config(path)
    assert [(one.line, one.column, one.message) for one in problems] == [(6, 10, problem)]


@pytest.mark.parametrize("name", ["marketing_platform", "wecom_redpacket", NAME])
async def test_doctor_knocks_at_the_payer(counter: Any, name: str) -> None:
    sandbox = Sandbox(MovableClock(running=True), counter.sandbox.seed)
    await sandbox.start()
    chosen = counter.settings(name)
    here = chosen.payout_url.replace(counter.sandbox.url, sandbox.url)
    found = [await _payer(replace(chosen, payout_url=here))]
    await sandbox.close()
    found.append(await _payer(replace(chosen, payout_url=here)))
    assert found[0] == [(True, f"发奖：{name} 能连上，也认得我们")]
    ((fine, text),) = found[1]
    assert (fine, text.startswith(f"发奖：{name} 不能用：连不上 127.0.0.1")) == (False, True)


async def test_doctor_leaves_finance_alone(counter: Any) -> None:
    chosen = counter.settings("manual")
    assert (await _payer(chosen), _certificates(chosen)) == ([], [])


def test_doctor_counts_the_days_of_certificates(counter: Any) -> None:
    entry = {"platform_key": "platform_cert.pem", "platform_key_id": ""}
    chosen = counter.settings(NAME, entry)
    soon = SystemClock().now() + timedelta(days=29)
    short = replace(chosen, merchant=replace(chosen.merchant, good_until=soon))
    day = soon.astimezone(chosen.zone).date()
    own, platform = _certificates(short)
    assert own == (False, f"商户证书：到 {day} 为止，请到微信支付商户平台更换")
    assert (platform[0], platform[1][:9]) == (True, "微信支付平台证书："[:9])
