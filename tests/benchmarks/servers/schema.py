"""What the hand-written sides store: a dedupe key and one activity row."""

import sqlite3

HELP = "@我 时可以说：签到、抽奖、我的奖品；游戏开始后 @我 作答。"
TABLES = """
CREATE TABLE IF NOT EXISTS seen (msgid TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS activity (
    id INTEGER PRIMARY KEY, chat TEXT NOT NULL, member TEXT NOT NULL, kind TEXT NOT NULL,
    at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS activity_chat_at ON activity (chat, at);
"""


def connect(path: str) -> sqlite3.Connection:
    """WAL, FULL, patient."""
    connection = sqlite3.connect(path, timeout=30)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def prepare(path: str) -> None:
    """Makes the tables."""
    connection = connect(path)
    connection.executescript(TABLES)
    connection.close()
