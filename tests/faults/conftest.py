"""Banks and towns to break, over SQLite and over PostgreSQL."""

import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from bot.sandbox.seed import MerchantSeed
from tests.faults.bank import Bank
from tests.faults.installation import ROOT, SECRET
from tests.faults.records import PostgresRecords, Records, SqliteRecords
from tests.faults.town import Builder, Town
from tests.faults.town_files import API_KEY, MERCHANT, PUBLIC_KEY_ID


@pytest.fixture(scope="session")
def nest() -> Iterator[Path]:
    """The socket of a process that has bots ready to start."""
    with tempfile.TemporaryDirectory(prefix="qunyun-nest-") as folder:
        path = Path(folder) / "nest"
        program = [sys.executable, "-m", "tests.faults.nest", str(path)]
        pipe = subprocess.PIPE
        with subprocess.Popen(program, cwd=ROOT, stdin=pipe, stdout=pipe) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield path
            # The end of its input ends it.


@pytest.fixture
async def bank(nest: Path, tmp_path: Path, sqlite_template: bytes) -> AsyncIterator[Bank]:
    """A bank over a SQLite file, before the bot's first start."""
    path = tmp_path / "qunyun.db"
    path.write_bytes(sqlite_template)
    one = Bank(nest, tmp_path, SqliteRecords(path))
    await one.open()
    yield one
    await one.close()


@pytest.fixture
async def postgres_bank(nest: Path, tmp_path: Path, postgres_url: str) -> AsyncIterator[Bank]:
    """A bank over PostgreSQL, before the bot's first start."""
    one = Bank(nest, tmp_path, PostgresRecords(postgres_url))
    await one.open()
    yield one
    await one.close()


@pytest.fixture
def records(request: pytest.FixtureRequest) -> Records:
    """An empty database: SQLite, or what the test's parameter names."""
    if getattr(request, "param", "sqlite") == "postgres":
        return PostgresRecords(request.getfixturevalue("postgres_url"))
    url: str = request.getfixturevalue("sqlite_url")
    return SqliteRecords(Path(url.removeprefix("sqlite:///")))


@pytest.fixture
async def town_on(nest: Path, tmp_path: Path, records: Records) -> AsyncIterator[Builder]:
    """Makes towns, before the bot's first start."""
    towns: list[Town] = []

    async def build(payer: str, members: int) -> Town:
        town = Town(nest, tmp_path, records, payer, members, _merchant(tmp_path))
        towns.append(town)
        await town.open()
        return town

    yield build
    for town in towns:
        await town.close()


def _merchant(folder: Path) -> MerchantSeed:
    """An account at WeChat Pay, its files in the folder."""
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    own = authority.issue_cert("merchant", key_type=trustme.KeyType.RSA)
    platform = authority.issue_cert("platform", key_type=trustme.KeyType.RSA)
    certificate, private = own.cert_chain_pems[0].bytes(), platform.private_key_pem.bytes()
    key = load_pem_private_key(own.private_key_pem.bytes(), None)
    (folder / "apiclient_cert.pem").write_bytes(certificate)
    (folder / "apiclient_key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    public = load_pem_private_key(private, None).public_key()
    (folder / "pub_key.pem").write_bytes(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return MerchantSeed(MERCHANT, API_KEY, SECRET, API_KEY, certificate, private, PUBLIC_KEY_ID)
