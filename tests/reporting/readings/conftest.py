import pytest

from tests.factories import readings as factory


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    storage = {**settings.STORAGES["evidence"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "evidence": storage}
    return tmp_path


@pytest.fixture
def park(db):
    return factory.make_park()
