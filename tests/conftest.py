"""Databases for tests: each process clones the template, and a test that commits clones again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.utils import translation
from hypothesis import settings as hypothesis

from config.embedded.postgres import SUPERUSER, Cluster
from tests.factories import demo

# Whether a machine is busy says nothing about the code.
hypothesis.register_profile("house", deadline=None)
hypothesis.load_profile("house")


# What takes longest is shared out first, or one process would end with it alone.
LONG = ("browser", "house", "crashes", "config", "reporting", "stories", "finance")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return LONG.index(folder) if folder in LONG else len(LONG)

    items.sort(key=turn)


def superuser_url(database: str) -> str:
    data = Path(os.environ["TANZHANG_TEST_CLUSTER"])
    return Cluster(data, data.parent / "s").url(SUPERUSER, database)


def _sql(statement: str) -> None:
    with psycopg.connect(superuser_url("postgres"), autocommit=True) as admin:
        admin.execute(statement)  # type: ignore[call-overload]


def _clone(source: str) -> str:
    name = f"t_{uuid4().hex[:12]}"
    _sql(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
    return name


def _connect_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    """Another database for a while; what a module has open in its own stays open meanwhile."""
    own, before = connections[DEFAULT_DB_ALIAS], str(connection.settings_dict["NAME"])
    if own.in_atomic_block:
        connections[DEFAULT_DB_ALIAS] = own.copy()
    _connect_to(name)
    try:
        yield
    finally:
        _connect_to(before)
        connections[DEFAULT_DB_ALIAS] = own


@pytest.fixture(autouse=True)
def _language() -> None:
    """A request leaves its language behind in the thread: no test speaks that of the one before."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """One clone for the whole process; ordinary tests roll back in it."""
    name = _clone("tanzhang")
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        _connect_to(name)
    yield
    connection.close()
    _sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _use_demo_files(settings: Any) -> None:
    folder = demo.folder()
    settings.DATA_DIR = folder
    evidence = {**settings.STORAGES["evidence"], "OPTIONS": {"location": folder / "files"}}
    settings.STORAGES = {**settings.STORAGES, "evidence": evidence}


@pytest.fixture(scope="module")
def _demo_clone(django_db_setup: None) -> Iterator[str]:
    name = _clone(demo.template())
    yield name
    _sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def demo_db(
    _demo_clone: str, settings: Any, django_db_blocker: pytest.FixtureRequest
) -> Iterator[str]:
    """The demonstration park in a database that the tests of a module share: for looking only."""
    _use_demo_files(settings)
    with django_db_blocker.unblock(), _connected_to(_demo_clone):  # type: ignore[attr-defined]
        yield _demo_clone


@pytest.fixture(scope="module")
def module_db(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[None]:
    """What a module builds once for its tests; each of them rolls back its own part only."""
    if any(_wants_demo(item) for item in request.session.items if item.path == request.path):
        demo.template()  # its log could not be sealed beside the transaction that is opened here
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield
        transaction.set_rollback(True)


def _wants_demo(item: pytest.Item) -> bool:
    return item.get_closest_marker("demo") is not None or "demo_db" in item.fixturenames  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _rolled_back(request: pytest.FixtureRequest) -> None:
    """A test of what its module built leaves it as it was."""
    if "module_db" in request.fixturenames:
        request.getfixturevalue("db")


@pytest.fixture
def committed_db(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[str]:
    """A database of this test's own, where commits are real (threads, processes, jobs).

    Yields its name. Nothing is truncated afterwards: the database is dropped. Under the mark
    `demo` it holds the demonstration park.
    """
    wants_demo = request.node.get_closest_marker("demo") is not None
    if wants_demo:
        _use_demo_files(request.getfixturevalue("settings"))
    name = _clone(demo.template() if wants_demo else "tanzhang")
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with _connected_to(name):
            yield name
        _sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
