from django.urls import path

from ledger.doors.admin import site
from reporting.verification import rest, views

api = [
    path("verification/engagements/", rest.VerificationEngagements.as_view()),
    path(
        "verification/engagements/<uuid:engagement_id>/",
        rest.OneVerificationEngagement.as_view(),
    ),
    path("verification/findings/", rest.VerificationFindings.as_view()),
    path("verification/findings/<uuid:finding_id>/answers/", rest.FindingAnswers.as_view()),
    path("verification/requests/", rest.VerificationRequests.as_view()),
    path("verification/requests/<uuid:request_id>/answers/", rest.RequestAnswers.as_view()),
    path("verification/opinions/", rest.VerificationOpinions.as_view()),
    path("verification/opinions/<uuid:opinion_id>/", rest.OneVerificationOpinion.as_view()),
]

urlpatterns = [
    path(
        "requests/<uuid:request_id>/files/<uuid:file_id>/",
        site.admin_view(views.reply_file),
        name="verification_reply_file",
    ),
]
