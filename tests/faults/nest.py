"""Bots without the wait: a process that has imported the program, and forks a bot on request.

A loop of 500 kills starts 500 bots, and nine tenths of a start are imports. Each bot is a process
of its own as `python -m bot` is: own memory, own files, own sockets, ended by its own SIGKILL.

`python -m tests.faults.nest SOCKET` listens on a Unix socket. A connection sends one line of JSON
(`argv`, `env`, `log`, `twin`) and reads two: the bot's number, and how it ended (as
`Popen.returncode` says it). When the connection ends, so does the bot.
"""

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import traceback
from typing import Any

import bot
import sop
import storage


def main(path: str) -> None:
    """Serves until whoever started it is gone: standard input ends then."""
    _import_everything()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
        while True:
            ready, _, _ = select.select([listening, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _keep(connection)
            connection.close()


def _import_everything() -> None:
    """Whatever a bot may import in its life: what is edited meanwhile is not taken up halfway."""
    for top in (bot, sop, storage):
        for one in pkgutil.walk_packages(top.__path__, f"{top.__name__}."):
            # Those two do something when they are imported.
            if not one.name.endswith("__main__") and ".migrations." not in one.name:
                importlib.import_module(one.name)
    importlib.import_module("tests.faults.twins")


def _keep(connection: socket.socket) -> None:
    """Starts a bot, tells how it ends, and ends it when nobody listens any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    wanted = json.loads(connection.makefile("rb").readline())
    number = os.fork()
    if number == 0:
        connection.close()
        _be(wanted)
    bot = os.pidfd_open(number)
    connection.sendall(f"{number}\n".encode())
    ready, _, _ = select.select([connection, bot], [], [])
    if bot not in ready:
        signal.pidfd_send_signal(bot, signal.SIGKILL)
    _, status = os.waitpid(number, 0)
    if bot in ready:
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _be(wanted: dict[str, Any]) -> None:
    """The bot, in this process."""
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(old, new)
    os.environ.clear()
    os.environ.update(wanted["env"])
    sys.argv = ["qunyun", *wanted["argv"]]
    # Where to crash is read from the environment when the module is imported.
    importlib.reload(importlib.import_module("bot.crash"))
    code = 1
    try:
        if wanted["twin"]:
            importlib.import_module("tests.faults.twins").TWINS[wanted["twin"]]()
        importlib.import_module("bot.cli").main()
        code = 0
    except SystemExit as exit:
        code = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
