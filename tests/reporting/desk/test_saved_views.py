"""A list with its filters kept under a name: everybody's convenience, and hers alone."""

import pytest
from django.urls import reverse

from reporting.desk.models import SavedView
from tests.house.walk import signed_in

pytestmark = pytest.mark.demo
ADDRESS = "/admin/ledger_units/position/?state=FREE"


def save(client, name="Free units", address=ADDRESS):
    return client.post(reverse("save_view"), {"name": name, "address": address})


@pytest.mark.parametrize("role", ["manager", "auditor", "bank"])
def test_a_view_is_kept_shown_and_forgotten_by_its_owner_alone(demo_db, role):
    client = signed_in(role)
    name = f"Free units of {role}"
    assert save(client, name).url == ADDRESS
    view = SavedView.objects.get(name=name, address=ADDRESS)
    assert name in client.get("/admin/").content.decode()

    other = signed_in("approver")
    assert other.post(reverse("forget_view", args=[view.pk])).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()
    assert client.post(reverse("forget_view", args=[view.pk])).status_code == 302
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_the_same_name_again_replaces_the_address(demo_db):
    client = signed_in("manager")
    save(client, "Again")
    save(client, "Again", f"{ADDRESS}&scheme=CEA")
    assert SavedView.objects.get(name="Again").address == f"{ADDRESS}&scheme=CEA"


def test_an_address_outside_the_desk_is_refused_and_nothing_kept(demo_db):
    client = signed_in("manager")
    answer = save(client, "Elsewhere", "https://elsewhere.example/")
    assert answer.url == "/admin/"
    assert not SavedView.objects.filter(name="Elsewhere").exists()
