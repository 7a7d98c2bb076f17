"""A meter's day held against a package: its readings stand under a root that a row names."""

import json
from collections.abc import Mapping

from ledger.audit.paths import check_inclusion, leaf_hash
from ledger.kernel.errors import N_
from reporting.packages.verifier.forms import part
from reporting.packages.verifier.trust import Answer, Refused

LEAF = "tanzhang.readings.v1"


def check_reading(raw: bytes, parts: Mapping[str, bytes], answer: Answer) -> None:
    """`raw` is the proof of a day as the operator hands it out; the package is sound already.

    :raises Refused: not under a root that the package names for this meter and month
    """
    with part("reading"):
        proof = json.loads(raw)
        kind, meter, day, *_values = (body := str(proof["leaf"])).split("\n")
        rows = {row["id"]: row for row in json.loads(parts["activity.json"])}
        roots = {
            facts[-1]
            for row_id, months in json.loads(parts["readings.json"]).items()
            for facts in months
            if facts[0] == meter and rows[row_id]["month"][:7] == day[:7]
        }
        told: str = proof.get("root") or proof["merkle_root"]  # as a file, or as the API says it
        if kind != LEAF or told not in roots:
            raise Refused("reading", N_("no counted row names this root for the meter and month"))
        place, size, root = int(proof["index"]), int(proof["size"]), bytes.fromhex(told)
        path, leaf = [bytes.fromhex(one) for one in proof["path"]], leaf_hash(body.encode())
        check_inclusion(index=place, size=size, leaf=leaf, root=root, path=path)
    answer.prove(
        N_("The readings of meter %(meter)s on %(day)s are among those that were counted."),
        meter=meter,
        day=day,
    )
