"""The command: YES (0), NO (1), or nothing to judge (2)."""

import argparse
import json
import sys
from pathlib import Path

from reporting.packages.verifier.checking import check_file
from reporting.packages.verifier.trust import Answer, Policy, Refused


def main(arguments: list[str] | None = None) -> int:
    """0: YES. 1: NO. 2: a file could not be read."""
    asked = _parser().parse_args(arguments)
    try:
        raw = asked.file.read_bytes()
        trust = asked.trust.read_text(encoding="utf-8") if asked.trust else ""
        kept = asked.previous.read_bytes() if asked.previous else b""
        way = json.loads(asked.way.read_bytes()) if asked.way else None
        reading = asked.reading.read_bytes() if asked.reading else b""
    except (OSError, ValueError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    try:
        policy = Policy.parse(trust)
        if asked.previous:
            from reporting.packages.verifier.history import kept_checkpoint
        previous = kept_checkpoint(kept) if asked.previous else ""
        answer = check_file(raw, policy=policy, previous=previous, way=way, reading=reading)
    except Refused as no:
        told = {"answer": "NO", "item": no.item, "why": no.why}
        _say(json.dumps(told) if asked.json else f"NO 否\n  {no.item}: {no.why}")
        return 1
    _say(_as_json(answer) if asked.json else _as_text(answer))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verifier", description=__doc__)
    parser.add_argument(
        "file", type=Path, help="an attestation (PDF, JSON), a report or its package"
    )
    parser.add_argument("--trust", type=Path, help="keys that you were given by another way")
    parser.add_argument("--previous", type=Path, help="an attestation or checkpoint that you kept")
    parser.add_argument("--way", type=Path, help="a consistency proof that you asked for, from it")
    parser.add_argument("--reading", type=Path, help="the proof of a meter's day, for a package")
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    return parser


def _as_json(answer: Answer) -> str:
    told = {
        "answer": "YES",
        "kind": answer.kind,
        "sha256": answer.sha256,
        "proved": [str(one) for one in answer.proved],
        "not_proved": [str(one) for one in answer.told],
        "statement": answer.statement,
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _as_text(answer: Answer) -> str:
    lines = ["YES 是", f"  {answer.kind} SHA-256 {answer.sha256}"]
    lines += [f"  + {one}" for one in answer.proved]
    lines += [f"  ? {one}" for one in answer.told]
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.buffer.write(text.encode() + b"\n")


def run() -> None:
    """For the file that `build_verifier` writes."""
    sys.exit(main())


if __name__ == "__main__":
    run()
