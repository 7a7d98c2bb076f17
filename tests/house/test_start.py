"""A command, a worker of the bench and the sealer start without what only a few functions need."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Together they took longer to load than Django with all rooms.
HEAVY = {
    "PIL", "aiohttp", "asn1crypto", "fontTools", "lxml", "matplotlib", "numpy", "openpyxl",
    "pandas", "pydyf", "pyhanko", "pyhanko_certvalidator", "weasyprint",
}  # fmt: skip
# `check` also loads every page and its forms.
START = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("check")
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_nothing_heavy_is_loaded_at_start():
    environment = {
        **os.environ,
        "TANZHANG_MODE": "test",
        "DATABASE_URL": "postgresql://x@/x",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"django", "ledger", "reporting", "config"} <= loaded
    assert sorted(loaded & HEAVY) == []
