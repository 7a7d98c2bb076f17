from django.urls import path

from finance.funds import rest, views
from ledger.doors.admin import site

urlpatterns = [
    path("positions/", site.admin_view(views.positions), name="fund_positions"),
    path("positions.<str:form>", site.admin_view(views.positions_file), name="fund_positions_file"),
]

api = [
    path("funds/", rest.Funds.as_view()),
    path("funds/<uuid:fund_id>/", rest.OneFund.as_view()),
    path("funds/<uuid:fund_id>/performance/", rest.Performance.as_view()),
    path("funds/<uuid:fund_id>/calls/", rest.ProposeCall.as_view()),
    path("funds/<uuid:fund_id>/distributions/", rest.ProposeDistribution.as_view()),
    path("funds/<uuid:fund_id>/cash/", rest.ProposeCash.as_view()),
    path("funds/<uuid:fund_id>/net-asset-values/", rest.ProposeNav.as_view()),
    path("fund-call-lines/", rest.CallLines.as_view()),
    path("fund-call-lines/<uuid:line_id>/payments/", rest.Payments.as_view()),
    path("fund-distribution-lines/", rest.DistributionLines.as_view()),
    path("net-asset-values/", rest.Navs.as_view()),
]
