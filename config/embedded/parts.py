"""The long-running parts of the product, each the body of a forked process."""

import signal
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from config.embedded.children import die_with_parent


class _Web(BaseApplication):
    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        from config.wsgi import application

        return application


def web(address: str) -> None:
    """Two processes of four threads: enough for a trial, and what two cores carry."""
    settings = {
        "bind": address,
        "workers": 2,
        "threads": 4,
        "worker_class": "gthread",
        "timeout": 120,
        "graceful_timeout": 5,
        "accesslog": None,
        "errorlog": "-",
        "proc_name": "tanzhang-web",
        "control_socket_disable": True,
    }
    _Web({name: value for name, value in settings.items() if value is not None}).run()


def worker() -> None:
    """Two tasks at a time."""
    from celery.signals import worker_process_init

    from config.celery import app

    worker_process_init.connect(lambda **_: die_with_parent(signal.SIGKILL), weak=False)
    options = ["--concurrency=2", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
    app.worker_main(["worker", *options])


def beat(run: Path) -> None:
    """The schedule; every task it sends is guarded against a second beat."""
    from config.celery import app

    app.Beat(loglevel="INFO", schedule=str(run / "beat-schedule")).run()
