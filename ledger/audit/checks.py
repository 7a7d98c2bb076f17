"""What must not be in production."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from ledger.audit import keys


@register(Tags.security)
def check_no_demonstration_key(**options: Any) -> Sequence[CheckMessage]:
    """Demonstration keys and the demonstration origin are refused in production."""
    if not settings.PRODUCTION:
        return []
    found = []
    store = keys.key_store()
    if store.has(keys.CHECKPOINT_KEY) and store.is_demonstration(keys.CHECKPOINT_KEY):
        hint = "Move the key folder away and run manage.py make_keys, or manage.py rotate_key."
        found.append(
            Error("The checkpoint key is a demonstration key.", hint=hint, id="audit.E001")
        )
    if settings.AUDIT_ORIGIN.endswith(".invalid/ledger"):
        hint = "Set AUDIT_ORIGIN to an address of your own, such as park.example.cn/ledger."
        found.append(Error("AUDIT_ORIGIN is the demonstration's.", hint=hint, id="audit.E002"))
    return found
