"""What refuses a signature or a report."""

from ledger.kernel.errors import N_, DomainError


class UnknownLanguage(DomainError):
    code = "unknown_language"
    message = N_("Reports are made in Chinese and English, not in %(language)s.")


class DocumentKeyMissing(DomainError):
    code = "document_key_missing"
    message = N_("There is no key to sign documents with; run manage.py make_keys.")


class DemonstrationKeyRefused(DomainError):
    code = "demonstration_key_refused"
    message = N_("A demonstration key must not sign in production.")


class KeyOfAnotherCertificate(DomainError):
    code = "key_of_another_certificate"
    message = N_("The document key does not belong to its certificate.")


class NoTimeStamp(DomainError):
    """A report said to be B-T never goes out as less."""

    code = "no_time_stamp"
    message = N_(
        "The time-stamping service %(service)s gave no time stamp (%(why)s). Nothing was signed; "
        "try again later."
    )


class DraftIsNotSigned(DomainError):
    code = "draft_is_not_signed"
    message = N_("A draft is never signed.")


class AlreadyWithdrawn(DomainError):
    code = "report_already_withdrawn"
    message = N_("This report was withdrawn before.")


class ReasonMissing(DomainError):
    code = "withdrawal_reason_missing"
    message = N_("Say why the report is withdrawn.")


class DraftHasNoPackage(DomainError):
    code = "draft_has_no_package"
    message = N_("Only a final report has a signed package.")
