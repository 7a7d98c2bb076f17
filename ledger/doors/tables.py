"""The kinds of table. Every model is one of them; the database's rights follow from the kind.

APPEND_ONLY  facts: the application may read and add, never change or remove
STATEFUL     things with a life: read, add, change; never remove
REFERENCE    data from outside, loaded from seeds: read, add, change, remove
ENGINE       owned by a role that cannot log in: read only; written by posting functions
"""

from enum import StrEnum

import pgtrigger
from django.db import models


class TableKind(StrEnum):
    APPEND_ONLY = "APPEND_ONLY"
    STATEFUL = "STATEFUL"
    REFERENCE = "REFERENCE"
    ENGINE = "ENGINE"


class AppendOnlyTable(models.Model):
    """Facts. UPDATE and DELETE are refused by trigger, TRUNCATE by rights."""

    table_kind = TableKind.APPEND_ONLY

    class Meta:
        abstract = True
        triggers: list[pgtrigger.Trigger] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]


class StatefulTable(models.Model):
    """Things with a life; never removed."""

    table_kind = TableKind.STATEFUL

    class Meta:
        abstract = True
        triggers: list[pgtrigger.Trigger] = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)
        ]


class ReferenceTable(models.Model):
    """Data from outside, loaded from `seeds/`."""

    table_kind = TableKind.REFERENCE

    class Meta:
        abstract = True


class EngineTable(models.Model):
    """Written by `SECURITY DEFINER` functions alone."""

    table_kind = TableKind.ENGINE

    class Meta:
        abstract = True
