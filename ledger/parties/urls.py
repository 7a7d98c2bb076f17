from django.urls import path

from ledger.parties import rest
from ledger.parties.rest import oauth
from ledger.parties.views import mailed_links, own_account, signing_in

api = [path("me/", rest.Me.as_view())]
# under the bank's door: where its machines get their tokens
tokens = [
    path("oauth/token", oauth.token, name="oauth_token"),
    path("oauth/revoke", oauth.revoke, name="oauth_revoke"),
]

urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-in/code/", signing_in.code, name="sign-in-code"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("second-factor/", own_account.second_factor, name="second-factor"),
    path("password/forgotten/", mailed_links.forgotten, name="password-forgotten"),
    path("password/new/", mailed_links.new_password, name="new-password"),
    path("password/<str:who>/<str:token>/", mailed_links.follow, name="password-link"),
    path("account/", own_account.account, name="account"),
    path("account/password/", own_account.password, name="change-password"),
    path("account/recovery-codes/", own_account.recovery_codes, name="recovery-codes"),
    path("account/second-factor/remove/", own_account.remove_second_factor, name="remove-factor"),
    path("account/sessions/end/", own_account.sign_out_everywhere, name="end-sessions"),
    path("account/sessions/<uuid:session_id>/end/", own_account.end_session, name="end-session"),
    path("language/", own_account.language, name="language"),
    path("party/", own_account.switch_party, name="switch-party"),
]
