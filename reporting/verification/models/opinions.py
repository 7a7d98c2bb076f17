from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.kernel.ids import new_id
from reporting.verification.models.engagements import Engagement
from reporting.verification.states import DraftState, FactState, OpinionKind


class OpinionKindChoice(models.TextChoices):
    UNMODIFIED = OpinionKind.UNMODIFIED, _("unmodified")
    MODIFIED = OpinionKind.MODIFIED, _("modified")
    ADVERSE = OpinionKind.ADVERSE, _("adverse")
    DISCLAIMED = OpinionKind.DISCLAIMED, _("disclaimed")


class DraftStateChoice(models.TextChoices):
    WAITING = DraftState.WAITING, _("Waits for the signature")
    SIGNED = DraftState.SIGNED, _("Signed")
    REPLACED = DraftState.REPLACED, _("Replaced by a later one")


class FactStateChoice(models.TextChoices):
    TOLD = FactState.TOLD, _("Told")
    REOPENED = FactState.REOPENED, _("Engagement re-opened")
    DISMISSED = FactState.DISMISSED, _("Changes nothing")


class OpinionDraft(StatefulTable):
    """A statement prepared for signing: these very bytes, and no others, are signed."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, related_name="drafts", verbose_name=_("engagement")
    )
    frozen = models.ForeignKey(
        "reporting_inventories.FrozenInventory",
        models.PROTECT,
        related_name="+",
        verbose_name=_("frozen inventory"),
    )
    kind = models.CharField(_("opinion"), max_length=12, choices=OpinionKindChoice)
    text = models.TextField(_("text of the opinion"))
    statement = models.TextField(_("statement to sign"))
    statement_sha256 = models.CharField(_("SHA-256 of the statement"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=DraftStateChoice)
    prepared_at = models.DateTimeField(_("prepared at"))
    prepared_by = models.UUIDField(_("prepared by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("statement to sign")
        verbose_name_plural = _("statements to sign")
        ordering = ["-prepared_at"]
        constraints = [
            models.CheckConstraint(
                name="opiniondraft_state_is_known",
                condition=Q(state__in=[state.value for state in DraftState]),
            ),
            models.UniqueConstraint(
                fields=["engagement"],
                condition=Q(state=DraftState.WAITING),
                name="opiniondraft_one_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.statement_sha256[:12]}"


class Opinion(AppendOnlyTable):
    """The verifier's word on one frozen inventory and its dataset: bound to one hash."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, related_name="opinions", verbose_name=_("engagement")
    )
    frozen = models.ForeignKey(
        "reporting_inventories.FrozenInventory",
        models.PROTECT,
        related_name="+",
        verbose_name=_("frozen inventory"),
    )
    kind = models.CharField(_("opinion"), max_length=12, choices=OpinionKindChoice)
    content_hash = models.CharField(_("content hash"), max_length=64)
    dataset_hash = models.CharField(_("dataset hash"), max_length=64)
    bound_hash = models.CharField(_("hash the opinion binds to"), max_length=64)
    threshold_tco2e = models.DecimalField(
        _("materiality threshold (tCO2e)"), max_digits=40, decimal_places=15
    )
    misstatement_tco2e = models.DecimalField(
        _("uncorrected misstatement (tCO2e)"), max_digits=40, decimal_places=15
    )
    text = models.TextField(_("text of the opinion"))
    given_at = models.DateTimeField(_("given at"))
    given_by = models.UUIDField(_("given by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("verification opinion")
        verbose_name_plural = _("verification opinions")
        ordering = ["-given_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.bound_hash[:12]}"


class OpinionSignature(AppendOnlyTable):
    """The verifier's own signature over the statement of an opinion. Her key was never here."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    opinion = models.OneToOneField(
        Opinion, models.PROTECT, related_name="signature", verbose_name=_("opinion")
    )
    draft = models.OneToOneField(
        OpinionDraft, models.PROTECT, related_name="signature", verbose_name=_("statement to sign")
    )
    cms_base64 = models.TextField(_("detached signature (CMS)"))
    certificate_pem = models.TextField(_("certificate"))
    certificate_sha256 = models.CharField(_("SHA-256 of the certificate"), max_length=64)
    subject = models.CharField(_("issued to"), max_length=500)
    issuer = models.CharField(_("issued by"), max_length=500)
    serial = models.CharField(_("serial number"), max_length=80)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"))
    chain = models.JSONField(_("chain of certificates"), default=list)
    algorithm = models.CharField(_("algorithm"), max_length=80)
    # what the signature itself says, without a time stamp: nobody vouches for it
    claimed_on = models.DateTimeField(_("time of signing, as claimed"), null=True)
    signed_at = models.DateTimeField(_("received at"))
    signed_by = models.UUIDField(_("received from"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("signature of an opinion")
        verbose_name_plural = _("signatures of opinions")
        ordering = ["-signed_at"]

    def __str__(self) -> str:
        return self.subject


class LaterFact(StatefulTable):
    """Something that came to light after the opinion was given (R5.18)."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, related_name="later_facts", verbose_name=_("engagement")
    )
    opinion = models.ForeignKey(
        Opinion, models.PROTECT, related_name="later_facts", verbose_name=_("opinion")
    )
    text = models.TextField(_("what came to light"))
    state = models.CharField(_("state"), max_length=10, choices=FactStateChoice)
    conclusion = models.TextField(_("conclusion"), blank=True)
    told_at = models.DateTimeField(_("told at"))
    told_by = models.UUIDField(_("told by"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.UUIDField(_("decided by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("fact discovered later")
        verbose_name_plural = _("facts discovered later")
        ordering = ["-told_at"]
        constraints = [
            models.CheckConstraint(
                name="laterfact_state_is_known",
                condition=Q(state__in=[state.value for state in FactState]),
            ),
            models.CheckConstraint(
                name="laterfact_decided_by_somebody",
                condition=Q(state=FactState.TOLD, decided_at__isnull=True, decided_by__isnull=True)
                | (
                    ~Q(state=FactState.TOLD) & Q(decided_at__isnull=False, decided_by__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]
