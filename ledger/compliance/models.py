"""Trading systems, entities in them, what is told of these, and what follows from it."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.compliance.states import AllocationStep, CarryOverState, FactKind
from ledger.doors.tables import AppendOnlyTable, ReferenceTable, StatefulTable
from ledger.doors.wording import in_language
from ledger.kernel.ids import new_id

FACTS = [
    (FactKind.ENTERED.value, _("entered")),
    (FactKind.FIRST_YEAR.value, _("first year set")),
    (FactKind.LAST_YEAR.value, _("last year set")),
    (FactKind.EXCLUDED.value, _("year excluded")),
    (FactKind.INCLUDED.value, _("exclusion taken back")),
    (FactKind.EMISSIONS.value, _("verified emissions")),
]
STEPS = [
    (AllocationStep.ENTITLED.value, _("entitled")),
    (AllocationStep.ALLOCATED.value, _("allocated")),
    (AllocationStep.RETURNED.value, _("returned")),
    (AllocationStep.REVERSED.value, pgettext_lazy("allocation", "reversed")),
]
SECTORS = [
    ("POWER", _("power")),
    ("STEEL", _("steel")),
    ("CEMENT", _("cement")),
    ("ALUMINIUM", _("aluminium")),
    ("INSTALLATION", _("installation")),
    ("AIRCRAFT", _("aircraft operator")),
    ("MARITIME", _("maritime operator")),
    ("EFFORT_SHARING", _("effort sharing")),
    ("COVERED_ENTITY", _("covered entity")),
]
STATUSES = [
    ("AWAITING", _("emissions not verified yet")),
    ("OPEN", _("to be covered")),
    ("MET", _("met")),
    ("SHORT", _("short")),
    ("FULFILLED", _("met")),
    ("UNFULFILLED", _("short")),
    ("EXCLUDED", _("excluded")),
    ("NOT_APPLICABLE", _("not applicable yet")),
    ("A", _("A: surrendered enough")),
    ("B", _("B: surrendered too little")),
    ("C", _("C: emissions missing")),
]
CARRY_OVERS = [
    (CarryOverState.APPLIED.value, _("applied for")),
    (CarryOverState.DONE.value, _("carried over")),
    (CarryOverState.WITHDRAWN.value, _("withdrawn")),
]


class Regime(ReferenceTable):
    """A trading system with its rule set, as `seeds/regimes/` holds it."""

    code = models.CharField(_("code"), max_length=30, primary_key=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    region = models.CharField(_("region"), max_length=30)
    rules = models.JSONField(_("rule set"))
    source = models.CharField(_("source"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=1)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("trading system")
        verbose_name_plural = _("trading systems")

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Entity(StatefulTable):
    """A party's place in a trading system: a key emitting entity, an operator."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"), db_index=True)
    regime = models.ForeignKey(Regime, on_delete=models.PROTECT, verbose_name=_("trading system"))
    code = models.CharField(_("entity number"), max_length=60)
    name = models.CharField(_("name"), max_length=200, blank=True)
    sector = models.CharField(_("sector"), max_length=20, choices=SECTORS)
    entered_at = models.DateTimeField(_("recorded at"))
    entered_by = models.UUIDField(_("recorded by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("regulated entity")
        verbose_name_plural = _("regulated entities")
        constraints = [
            models.UniqueConstraint(fields=["regime", "code"], name="entity_number_once")
        ]
        # a row to lock by: facts of one entity follow each other
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(name="entity_never_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Fact(AppendOnlyTable):
    """One dated thing told of an entity. Standing follows from these and the surrenders (I27)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entity = models.ForeignKey(
        Entity, on_delete=models.PROTECT, related_name="facts", verbose_name=_("regulated entity")
    )
    kind = models.CharField(_("fact"), max_length=10, choices=FACTS)
    year = models.PositiveSmallIntegerField(_("year"), null=True)
    tonnes = models.BigIntegerField(_("verified emissions, t"), null=True)
    parts = models.JSONField(_("by installation"), default=dict)
    purpose = models.CharField(_("verified for"), max_length=20, blank=True)
    verification = models.CharField(_("verification"), max_length=120, blank=True)
    content_hash = models.CharField(_("hash of what was verified"), max_length=64, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    told_on = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("compliance fact")
        verbose_name_plural = _("compliance facts")
        indexes = [models.Index(fields=["entity", "recorded_at"], name="fact_by_entity")]
        constraints = [
            models.CheckConstraint(
                name="fact_emissions_are_verified_for_the_ets_with_evidence",
                condition=Q(tonnes__isnull=True)
                | Q(
                    ~Q(verification=""),
                    ~Q(evidence=""),
                    tonnes__gte=0,
                    kind=FactKind.EMISSIONS,
                    year__isnull=False,
                    purpose="ETS",
                    content_hash__regex=r"^[0-9a-f]{64}$",
                ),
            ),
            models.CheckConstraint(
                name="fact_names_its_year",
                condition=Q(year__isnull=False) | Q(kind=FactKind.LAST_YEAR),
            ),
            models.CheckConstraint(
                name="fact_kind_is_told_by_people", condition=Q(kind__in=[k for k, _l in FACTS])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.year or ''}".strip()


class Obligation(StatefulTable):
    """An entity's obligation year, as it followed from the facts when it was last reckoned."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entity = models.ForeignKey(
        Entity,
        on_delete=models.PROTECT,
        related_name="obligations",
        verbose_name=_("regulated entity"),
    )
    year = models.PositiveSmallIntegerField(_("obligation year"))
    emissions_t = models.BigIntegerField(_("verified emissions, t"), null=True)
    owed_t = models.BigIntegerField(_("owed, t"), null=True)
    allocated_t = models.BigIntegerField(_("allocated free, t"), default=0)
    allowances_t = models.BigIntegerField(_("allowances surrendered, t"), default=0)
    offsets_t = models.BigIntegerField(_("offsets surrendered, t"), default=0)
    open_t = models.BigIntegerField(_("still owed, t"), default=0)
    offset_cap_t = models.BigIntegerField(_("offsets at most, t"), null=True)
    due_on = models.DateField(_("due on"), null=True)
    status = models.CharField(_("status"), max_length=20, choices=STATUSES)
    entity_status = models.CharField(
        _("status of the entity"), max_length=20, choices=STATUSES, blank=True
    )
    numbers = models.JSONField(_("rule numbers used"), default=dict)
    regime_digest = models.CharField(_("version of the rules"), max_length=64)
    reckoned_at = models.DateTimeField(_("reckoned at"))
    reckoned_by = models.UUIDField(_("reckoned by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("compliance year")
        verbose_name_plural = _("compliance years")
        ordering = ["-year", "entity"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "year"], name="obligation_once_a_year"),
            models.CheckConstraint(
                name="obligation_amounts_not_negative",
                condition=Q(allowances_t__gte=0, offsets_t__gte=0, open_t__gte=0),
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.ReadOnly(
                name="obligation_stays_of_its_entity_and_year", fields=["id", "entity", "year"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.year}"


class Allocation(AppendOnlyTable):
    """A step of a free allocation, with the calculation that it came from."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entity = models.ForeignKey(
        Entity,
        on_delete=models.PROTECT,
        related_name="allocations",
        verbose_name=_("regulated entity"),
    )
    year = models.PositiveSmallIntegerField(_("obligation year"))
    step = models.CharField(pgettext_lazy("allocation", "step"), max_length=10, choices=STEPS)
    table = models.CharField(_("allocation table"), max_length=20)
    unit_count = models.BigIntegerField(_("units"))
    calculation = models.JSONField(_("calculation"), default=dict)
    is_draft = models.BooleanField(_("by a draft rule"), default=False)
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, verbose_name=_("follows")
    )
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("free allocation")
        verbose_name_plural = _("free allocations")
        constraints = [
            models.CheckConstraint(
                name="allocation_units_not_negative", condition=Q(unit_count__gte=0)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.unit_count}"


class Surrender(AppendOnlyTable):
    """Units handed in against an obligation; the entry is the ledger's own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    obligation = models.ForeignKey(
        Obligation,
        on_delete=models.PROTECT,
        related_name="surrenders",
        verbose_name=_("compliance year"),
    )
    entry_id = models.UUIDField(_("entry"), unique=True)
    account = models.ForeignKey(
        "ledger_accounts.Account", on_delete=models.PROTECT, verbose_name=_("account")
    )
    lot = models.ForeignKey("ledger_units.Lot", on_delete=models.PROTECT, verbose_name=_("lot"))
    unit_count = models.BigIntegerField(_("units"))
    is_offset = models.BooleanField(_("offset"))
    is_flagged = models.BooleanField(_("unusual vintage"), default=False)
    surrendered_on = models.DateField(_("surrendered on"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    idempotency_key = models.CharField(max_length=250)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = pgettext_lazy("noun", "surrender")
        verbose_name_plural = pgettext_lazy("noun", "surrenders")
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="surrender_key_once"),
            models.CheckConstraint(name="surrender_units_positive", condition=Q(unit_count__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.unit_count}"


class CarryOver(StatefulTable):
    """An application to carry old vintages over into a later year (R2.29, I25)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entity = models.ForeignKey(
        Entity,
        on_delete=models.PROTECT,
        related_name="carry_overs",
        verbose_name=_("regulated entity"),
    )
    to_year = models.PositiveSmallIntegerField(_("into the year"))
    sold_t = models.BigIntegerField(_("sold, t"))
    purchased_t = models.BigIntegerField(_("purchased, t"))
    held_t = models.BigIntegerField(_("held, t"))
    limit_t = models.BigIntegerField(_("at most, t"))
    unit_count = models.BigIntegerField(_("units"))
    numbers = models.JSONField(_("rule numbers used"), default=dict)
    evidence = models.CharField(_("evidence"), max_length=300)
    state = models.CharField(
        _("state"), max_length=10, choices=CARRY_OVERS, default=CarryOverState.APPLIED.value
    )
    entry_id = models.UUIDField(_("entry"), null=True, unique=True)
    applied_on = models.DateField(_("applied on"))
    applied_at = models.DateTimeField(_("recorded at"))
    applied_by = models.UUIDField(_("recorded by"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True)
    resolved_by = models.UUIDField(_("resolved by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("carry-over")
        verbose_name_plural = _("carry-overs")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "to_year"],
                condition=~Q(state=CarryOverState.WITHDRAWN.value),
                name="carry_over_once",
            ),
            models.CheckConstraint(
                name="carry_over_within_its_limit",
                condition=Q(unit_count__gt=0, unit_count__lte=models.F("limit_t")),
            ),
            models.CheckConstraint(
                name="carry_over_resolved_with_moment_and_person",
                condition=Q(
                    state=CarryOverState.APPLIED.value,
                    resolved_at__isnull=True,
                    resolved_by__isnull=True,
                )
                | (
                    ~Q(state=CarryOverState.APPLIED.value)
                    & Q(resolved_at__isnull=False, resolved_by__isnull=False)
                ),
            ),
        ]
        triggers: list[Any] = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(
                name="carry_over_moves_by_the_table",
                field="state",
                transitions=[("APPLIED", "DONE"), ("APPLIED", "WITHDRAWN")],
            ),
            pgtrigger.ReadOnly(
                name="carry_over_facts_never_change",
                exclude=["state", "entry_id", "resolved_at", "resolved_by"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_count} → {self.to_year}"
