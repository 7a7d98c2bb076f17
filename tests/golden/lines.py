"""The lines about public sets at the end of a test run. Loaded before Django: imports nothing."""

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    lines = {
        str(value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "golden"
    }
    if lines:
        terminalreporter.section("public sets")
        for line in sorted(lines):
            terminalreporter.write_line(line)
