"""Starts (a) or (b) on a free port: `python -m tests.benchmarks.servers.by_hand flask|fastapi DB`.

Each runs under the server that its documentation names: gunicorn with threads, uvicorn.
"""

import os
import socket
import sys

from tests.benchmarks.machine import pin_as_told
from tests.benchmarks.servers import schema

FLASK = "tests.benchmarks.servers.flask_app:app"
FASTAPI = "tests.benchmarks.servers.fastapi_app:app"


def main(kind: str, database: str) -> None:
    """Listens, says where, and becomes the server."""
    schema.prepare(database)
    os.environ["BENCH_DB"] = database
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.set_inheritable(True)
    print(listener.getsockname()[1], flush=True)
    bound = str(listener.fileno())
    if kind == "flask":
        arguments = ["gunicorn", "-w", "1", "--threads", "8", "--keep-alive", "60"]
        arguments += ["--worker-connections", "2000", "--log-level", "error"]
        arguments += ["-b", f"fd://{bound}", FLASK]
    else:
        arguments = ["uvicorn", "--fd", bound, "--log-level", "error", "--no-access-log", FASTAPI]
    os.execv(sys.executable, [sys.executable, "-m", *arguments])


if __name__ == "__main__":
    pin_as_told()
    main(sys.argv[1], sys.argv[2])
