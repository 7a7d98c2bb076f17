"""The queue, and the whole schedule of what runs by itself."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("tanzhang")
app.config_from_object("django.conf:settings", namespace="CELERY")
# One connection serves many tasks; Celery closes it after each by default. Not in its namespace.
app.conf["CELERY_DB_REUSE_MAX"] = 200
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "close approvals that nobody decided": {"task": "approvals.expire", "schedule": 300.0},
    "compare what registries say with the books": {
        "task": "reconciliation.compare_due",
        "schedule": 3600.0,
    },
    "end the holds whose day has come": {"task": "holds.expire_due", "schedule": 600.0},
    "bring compliance years up to the day": {"task": "compliance.reckon_all", "schedule": 21_600.0},
    "let transfers go out whose day has come": {"task": "holds.send_due", "schedule": 600.0},
    "end the units whose validity is over": {"task": "units.expire_due", "schedule": 3600.0},
    "forget old sessions": {"task": "parties.forget_old_sessions", "schedule": 86_400.0},
    "sweep the outbox": {"task": "jobs.sweep", "schedule": 3.0, "options": {"expires": 3}},
}


@worker_init.connect(weak=False)
@beat_init.connect(weak=False)
def refuse_odd_database(**_: Any) -> None:
    """What the web refuses to run on in production, worker and beat refuse, too.

    :raises SystemExit: Celery would only log any other exception and go on
    """
    import django
    from django.conf import settings

    if not settings.PRODUCTION:
        return
    django.setup()
    from config import env, start_check

    try:
        start_check.refuse_odd_database()
    except env.OddEnvironment as reason:
        os.write(2, f"{reason}\n".encode())  # beat swallows what an exit would say
        raise SystemExit(1) from None
