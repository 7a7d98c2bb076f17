"""A witness of a ledger, for a bank to run: Python and `cryptography`, no Django.

witness init FOLDER --name bank.example/w1 --log KEY     once; prints the witness's own key
witness trust FOLDER --log KEY                           another log, or the log's next key
witness serve FOLDER [--host H] [--port P]               cosign what continues what was seen
witness show FOLDER                                      what was seen last, what was refused
"""

import argparse
import sys
from pathlib import Path

from ledger.audit.notes import VerifierKey
from ledger.audit.witnessing.server import WitnessServer
from ledger.audit.witnessing.witness import Witness
from ledger.kernel.errors import DomainError


def main(arguments: list[str] | None = None) -> int:
    """0: done. 2: refused, and why on stderr."""
    asked = _parser().parse_args(arguments)
    witness = Witness(asked.folder)
    try:
        if asked.act == "init":
            witness = Witness.found(asked.folder, name=asked.name)
        for one in getattr(asked, "log", ()):
            witness.trust(VerifierKey.parse(one))
        _ACTS[asked.act](witness, asked)
    except (DomainError, OSError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    return 0


def _show_key(witness: Witness, asked: argparse.Namespace) -> None:
    _say(f"witness {witness.key.name.replace('/', '-')} {witness.key}")
    for log in witness.logs():
        _say(f"log {log}")


def _serve(witness: Witness, asked: argparse.Namespace) -> None:
    with WitnessServer(witness, asked.host, asked.port) as server:
        _say(f"{server.name} listens on http://{asked.host}:{server.server_address[1]}")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def _show_seen(witness: Witness, asked: argparse.Namespace) -> None:
    for note in witness.seen().values():
        _say(note)
    for why, note in witness.refused():
        _say(f"REFUSED ({why}):\n{note}")


_ACTS = {"init": _show_key, "trust": _show_key, "serve": _serve, "show": _show_seen}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="witness", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    acts = parser.add_subparsers(dest="act", required=True)
    for name in _ACTS:
        act = acts.add_parser(name)
        act.add_argument("folder", type=Path, help="the witness's own folder; back it up, too")
        if name in {"init", "trust"}:
            act.add_argument("--log", action="append", default=[], help="verifier key of a log")
        if name == "init":
            act.add_argument("--name", required=True, help="such as bank.example/w1")
        if name == "serve":
            act.add_argument("--host", default="127.0.0.1")
            act.add_argument("--port", type=int, default=8400)
    return parser


def _say(text: str) -> None:
    sys.stdout.buffer.write(text.encode() + b"\n")
    sys.stdout.flush()


def run() -> None:
    """For the file that `build_witness` writes."""
    sys.exit(main())


if __name__ == "__main__":
    run()
