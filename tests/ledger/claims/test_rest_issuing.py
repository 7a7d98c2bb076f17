"""Metered months and certificates issued from them, by machines; another's plant is not there."""

import pytest

from ledger.accounts import operations as accounts
from ledger.claims.models import Generation, Issuance
from ledger.instruments import operations as instruments
from ledger.kernel.actors import SYSTEM
from ledger.parameters.operations import load_seeds
from tests.factories.farms import MAY, SEEDS
from tests.factories.machines import machine
from tests.factories.people import make_party

pytestmark = pytest.mark.django_db


class Plant:
    def __init__(self):
        load_seeds(folder=SEEDS, by=SYSTEM, at=MAY)
        instruments.load_schemes(by=SYSTEM, at=MAY)
        self.party = make_party()
        made = instruments.register_plant(
            code="W-1", name_zh="象山海上风电", technology="OFFSHORE_WIND",
            owner_id=self.party.id, by=SYSTEM, at=MAY,
        )  # fmt: skip
        self.id, self.mine = str(made.pk), machine(self.party.id)
        self.other = machine(make_party(name_zh="别家").id)
        self.issuer, self.account = (
            accounts.open_account(
                holder_id=self.party.id, type=kind, registry="GEC_PLATFORM", number=number,
                by=SYSTEM, at=MAY,
            ).pk
            for kind, number in (("ISSUER", "NEA"), ("GENERATOR", "G-1"))
        )  # fmt: skip

    def meter(self, month, mwh, *, by=None):
        body = {"plant_id": self.id, "month": month, "metered_mwh": mwh, "evidence": "结算单"}
        return (by or self.mine).post("generation/", body, key=f"g-{month}-{mwh}")

    def issue(self, month, *, by=None):
        body = {
            "plant_id": self.id,
            "month": month,
            "issuer_account_id": str(self.issuer),
            "to_account_id": str(self.account),
        }
        return (by or self.mine).post("issuances/", body, key=f"i-{month}")


@pytest.fixture
def plant():
    return Plant()


def test_two_months_are_metered_and_issued_with_their_remainder(plant):
    """TV-3.1"""
    assert plant.meter("2024-01-01", "2500.7").status_code == 201
    assert plant.meter("2024-02-01", "1300.6").status_code == 201
    first, second = plant.issue("2024-01-01").json(), plant.issue("2024-02-01").json()
    assert (first["unit_count"], first["carried_out_mwh"]) == (2500, "0.700000")
    assert (second["carried_in_mwh"], second["unit_count"]) == ("0.700000", 1301)
    assert plant.issue("2024-02-01").json() == second
    assert Issuance.objects.count() == 2
    listed = plant.mine.get("generation/", plant_id=plant.id).json()["items"]
    assert [one["month"] for one in listed] == ["2024-02-01", "2024-01-01"]


def test_another_figure_a_stranger_and_a_month_not_metered_are_refused(plant):
    plant.meter("2024-01-01", "10")
    assert plant.meter("2024-01-01", "11").status_code == 409
    assert plant.meter("2024-02-01", "10", by=plant.other).status_code == 404
    assert plant.issue("2024-01-01", by=plant.other).status_code == 404
    assert plant.issue("2024-03-01").status_code == 409
    assert plant.other.get("generation/").json()["items"] == []
    assert (Generation.objects.count(), Issuance.objects.count()) == (1, 0)
