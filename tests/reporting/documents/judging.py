"""What Arelle, which is not ours, says of an inline XBRL report: offline, with units and sums."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# A process of its own: Arelle keeps state for a whole process, and writes into a home.
JUDGE = """
import json, sys
from arelle.api.Session import Session
from arelle.RuntimeOptions import RuntimeOptions
from arelle.logging.handlers.StructuredMessageLogHandler import StructuredMessageLogHandler
said = {}
for name in sys.argv[1:]:
    options = RuntimeOptions(
        entrypointFile=name, internetConnectivity="offline", validate=True, utrValidate=True,
        calcs="c11r", disablePersistentConfig=True, keepOpen=True,
    )
    handler = StructuredMessageLogHandler()
    with Session() as session:
        session.run(options, logHandler=handler)
        facts = [len(one.facts) for one in session.get_models()]
    wrong = [one for one in handler.messages if one["levelname"] not in ("INFO", "DEBUG")]
    said[name] = [sum(facts), [f"{one['messageCode']}: {one['msg']}" for one in wrong]]
print(json.dumps(said))
"""


def judged(
    folder: Path, reports: Mapping[str, bytes], taxonomy: Mapping[str, bytes]
) -> dict[str, Any]:
    """Of each report how many facts were found in it, and everything that is wrong with it."""
    (folder / "taxonomy").mkdir(exist_ok=True)
    for name, content in taxonomy.items():
        (folder / "taxonomy" / name).write_bytes(content)
    for name, content in reports.items():
        (folder / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-I", "-c", JUDGE, *reports],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
