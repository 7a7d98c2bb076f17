from django.urls import path

from finance.pledges import rest

api = [
    path("pledges/", rest.Pledges.as_view()),
    path("pledges/<uuid:pledge_id>/", rest.OnePledge.as_view()),
    path("pledges/<uuid:pledge_id>/pledging/", rest.ProposePledge.as_view()),
    path("pledges/<uuid:pledge_id>/cover/", rest.CoverToday.as_view()),
    path("pledges/<uuid:pledge_id>/registrations/", rest.RegisterEntry.as_view()),
    path("pledges/<uuid:pledge_id>/requests/", rest.AskCreditor.as_view()),
    path("pledges/<uuid:pledge_id>/collateral/", rest.ProposeTopUp.as_view()),
    path("pledge-valuations/", rest.Valuations.as_view()),
    path("pledge-requests/", rest.Requests.as_view()),
    path("pledge-requests/<uuid:request_id>/decision/", rest.Decide.as_view()),
]
