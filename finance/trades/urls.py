from django.urls import path

from finance.trades import rest, views
from ledger.doors.admin import site

urlpatterns = [
    path("lots/", site.admin_view(views.cost_lots), name="trades_lots"),
    path("result/", site.admin_view(views.result), name="trades_result"),
    path("entries/", site.admin_view(views.entries), name="trades_entries"),
    path("notes/", site.admin_view(views.notes), name="trades_notes"),
    path("unmatched/", site.admin_view(views.unmatched), name="trades_unmatched"),
    path(
        "batches/<uuid:batch_id>/entries.<str:form>",
        site.admin_view(views.batch_file),
        name="trades_batch",
    ),
]

api = [
    path("trades/", rest.Trades.as_view()),
    path("trades/<uuid:trade_id>/", rest.OneTrade.as_view()),
    path("trades/<uuid:trade_id>/settlements/", rest.Settlements.as_view()),
    path("trades/<uuid:trade_id>/failures/", rest.Failures.as_view()),
    path("trades/<uuid:trade_id>/reversals/", rest.Reversals.as_view()),
    path("cost-lots/", rest.CostLots.as_view()),
    path("suggested-entries/", rest.SuggestedEntries.as_view()),
    path("entry-batches/", rest.Batches.as_view()),
    path("entry-batches/<uuid:batch_id>/", rest.OneBatch.as_view()),
]
