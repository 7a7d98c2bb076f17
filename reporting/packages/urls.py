from django.urls import path

from reporting.packages import rest

api = [
    path("reports/", rest.Reports.as_view()),
    path("reports/<uuid:report_id>/", rest.OneReport.as_view()),
    path("reports/<uuid:report_id>/files/<str:form>/", rest.ReportContent.as_view()),
    path("reports/<uuid:report_id>/packages/", rest.ReportPackages.as_view()),
    path("reports/<uuid:report_id>/withdrawals/", rest.ReportWithdrawals.as_view()),
    path("report-jobs/<uuid:job_id>/", rest.OneReportJob.as_view()),
    path("report-jobs/<uuid:job_id>/cancellations/", rest.ReportJobCancellations.as_view()),
    path("report-jobs/<uuid:job_id>/retries/", rest.ReportJobRetries.as_view()),
]
