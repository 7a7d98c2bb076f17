#!/usr/bin/env python3
"""The only door: `python3 manage.py up` starts the product, `python3 manage.py test` tries it."""

import os
import sys

from config.embedded import bootstrap


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    bootstrap.enter(command)
    if command in {"up", "test", "lock"}:  # these run before there are settings to read
        from importlib import import_module

        import_module(f"config.embedded.{command}").main(sys.argv[2:])
        return
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
