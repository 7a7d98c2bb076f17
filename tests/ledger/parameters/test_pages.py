"""The lists of rule numbers, calendars, factors and warming potentials open, in both languages."""

from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from ledger.doors.admin import site
from ledger.kernel.actors import Actor, Role
from ledger.kernel.ids import new_id
from ledger.parties.models import User
from tests.factories import populated

AT = datetime(2026, 11, 21, 2, tzinfo=UTC)


def request_of(path, role):
    request = RequestFactory().get(path)
    request.actor = Actor(user_id=new_id(), party_id=new_id(), roles=frozenset({role}))
    request.at = AT
    request.user = User.objects.first()
    return request


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("label", "texts"),
    [
        ("ledger_parameters_parameter", ["ets.penalty.old", "20000 – 30000"]),
        ("ledger_parameters_calendaryear", ["2026", "02-14"]),
        ("reporting_factors_factor", ["tCO2/TJ"]),
        ("reporting_factors_gwp", ["CH4"]),
        ("reporting_factors_blend", ["R-410A"]),
    ],
)
def test_a_list_opens_for_every_role(label, texts, language):
    populated._people()
    populated._parameters()
    populated._factors()
    path = f"{reverse(f'admin:{label}_changelist')}?q={texts[0]}"
    model = next(m for m in site._registry if m._meta.db_table == label)
    with translation.override(language):
        answer = site._registry[model].changelist_view(request_of(path, Role.BANK_OFFICER))
        page = answer.render().content.decode()
        row = model.objects.first()
        one = site._registry[model].change_view(request_of(path, Role.AUDITOR), str(row.pk))
        assert one.render().status_code == 200
    assert answer.status_code == 200
    assert [text for text in texts if text not in unescape(page)] == []
