"""`/verifier/`: for people alone. A verifier has no machine that could think for her."""

from django.urls import path

from config.verifier import door
from config.verifier.views import engagements, opinions, samples, talks

E = "engagements/<uuid:engagement_id>/"

pages = [
    path("", engagements.overview, name="verifier"),
    path(E, engagements.engagement, name="verifier_engagement"),
    path(f"{E}declare/", engagements.declare, name="verifier_declare"),
    path(f"{E}team/", engagements.team, name="verifier_team"),
    path(f"{E}conclude/", engagements.conclude, name="verifier_conclude"),
    path(f"{E}history/", engagements.history, name="verifier_history"),
    path(f"{E}inventories/<uuid:frozen_id>/", engagements.inventory, name="verifier_inventory"),
    path(
        f"{E}inventories/<uuid:frozen_id>/content.json",
        engagements.inventory_file,
        name="verifier_inventory_file",
    ),
    path(f"{E}sample/", samples.draw, name="verifier_draw"),
    path(f"{E}ask/", talks.ask, name="verifier_ask"),
    path(f"{E}finding/", talks.raise_finding, name="verifier_raise"),
    path(f"{E}opinion/", opinions.prepare, name="verifier_prepare"),
    path(f"{E}later-fact/", opinions.tell_fact, name="verifier_tell_fact"),
    path("samples/<uuid:sample_id>/", samples.sample, name="verifier_sample"),
    path("samples/<uuid:sample_id>/draw.json", samples.sample_file, name="verifier_sample_file"),
    path("items/<uuid:item_id>/", samples.item, name="verifier_item"),
    path("items/<uuid:item_id>/outcome/", samples.outcome, name="verifier_outcome"),
    path("items/<uuid:item_id>/evidence/", samples.evidence, name="verifier_evidence"),
    path("items/<uuid:item_id>/ask/", talks.ask_of_item, name="verifier_ask_of_item"),
    path("requests/<uuid:request_id>/", talks.request_page, name="verifier_request"),
    path("requests/<uuid:request_id>/again/", talks.ask_again, name="verifier_ask_again"),
    path("requests/<uuid:request_id>/close/", talks.close_request, name="verifier_close_request"),
    path(
        "requests/<uuid:request_id>/withdraw/",
        talks.withdraw_request,
        name="verifier_withdraw_request",
    ),
    path(
        "requests/<uuid:request_id>/files/<uuid:file_id>/",
        talks.reply_file,
        name="verifier_reply_file",
    ),
    path("findings/<uuid:finding_id>/", talks.finding, name="verifier_finding"),
    path("findings/<uuid:finding_id>/close/", talks.close_finding, name="verifier_close_finding"),
    path("findings/<uuid:finding_id>/back/", talks.send_back, name="verifier_send_back"),
    path(
        "findings/<uuid:finding_id>/withdraw/",
        talks.withdraw_finding,
        name="verifier_withdraw_finding",
    ),
    path("statements/<uuid:draft_id>/", opinions.draft, name="verifier_draft"),
    path(
        "statements/<uuid:draft_id>/statement.json",
        opinions.statement,
        name="verifier_statement",
    ),
    path("statements/<uuid:draft_id>/sign/", opinions.sign, name="verifier_sign"),
    path("opinions/<uuid:opinion_id>/", opinions.opinion, name="verifier_opinion"),
    path(
        "opinions/<uuid:opinion_id>/file.<str:form>",
        opinions.opinion_file,
        name="verifier_opinion_file",
    ),
    path("facts/<uuid:fact_id>/reopen/", opinions.reopen, name="verifier_reopen"),
    path("facts/<uuid:fact_id>/dismiss/", opinions.dismiss, name="verifier_dismiss"),
    path("<path:elsewhere>", door.verifier_page()(door.not_there)),
]
