"""(a): Flask as a tutorial writes it, but at its best: one kept connection for each thread.

wechatpy for the crypto, sqlite3 by hand, WAL and FULL: verify, decrypt, dedupe, one activity
row, commit, encrypted reply. gunicorn starts it with one worker of eight threads.
"""

import json
import os
import sqlite3
import threading
import time

from flask import Flask, Response, request
from wechatpy.work.crypto import WeChatCrypto

from tests.benchmarks import wire
from tests.benchmarks.servers import schema

app = Flask(__name__)
crypto = WeChatCrypto(wire.TOKEN, wire.AES_KEY, "")
local = threading.local()


def connection() -> sqlite3.Connection:
    """This thread's own."""
    found: sqlite3.Connection | None = getattr(local, "connection", None)
    if found is None:
        found = local.connection = schema.connect(os.environ["BENCH_DB"])
    return found


@app.post(wire.PATH)
def callback() -> Response:
    query = request.args
    document = crypto.decrypt_message(
        {"Encrypt": json.loads(request.data)["encrypt"]},
        query["msg_signature"],
        query["timestamp"],
        query["nonce"],
    )
    message = json.loads(document)
    with connection() as tx:
        added = tx.execute("INSERT OR IGNORE INTO seen VALUES (?)", (message["msgid"],))
        if added.rowcount:
            tx.execute(
                "INSERT INTO activity (chat, member, kind, at) VALUES (?, ?, 'message', ?)",
                (message["chatid"], message["from"]["userid"], time.time()),
            )
    reply = json.dumps({"msgtype": "stream", "stream": {"id": "1", "content": schema.HELP}})
    sealed = crypto.encrypt_message(reply, query["nonce"], query["timestamp"])
    return Response(sealed, mimetype="text/xml")
