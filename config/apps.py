from django.apps import AppConfig


class TanzhangConfig(AppConfig):
    """The composition root: it owns the commands and ties lower rooms to upper ones."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        from config import (
            celery,  # noqa: F401  shared tasks bind to it
            start_check,  # noqa: F401  its check is registered
            wiring,
        )

        wiring.connect()
