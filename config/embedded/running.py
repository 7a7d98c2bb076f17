"""The embedded database for one command: that of a running `up`, or started and stopped for it."""

import contextlib
import os
import sys
from collections.abc import Iterator

from django.conf import settings
from django.db import connections

from config.embedded.places import DATABASE, Places
from config.embedded.postgres import Cluster


@contextlib.contextmanager
def embedded_database(*, create: bool = False) -> Iterator[None]:
    """Nothing to do where DATABASE_URL names a server."""
    places: Places = settings.EMBEDDED
    if os.environ.get("DATABASE_URL") or not (create or places.postgres.exists()):
        yield
        return
    places.make()
    cluster = Cluster(places.postgres, places.sockets)
    new = not cluster.exists()
    if new:
        cluster.create()
    was_running = cluster.is_running()
    cluster.start()
    try:
        cluster.create_roles(DATABASE)
        if new:  # the settings were read before there was an address: read them again
            os.execv(sys.executable, [sys.executable, *sys.argv])
        yield
    finally:
        connections.close_all()
        if not was_running:
            cluster.stop()
