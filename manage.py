#!/usr/bin/env python3
"""The only door: `python3 manage.py up` starts the product, `python3 manage.py test` tries it."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
