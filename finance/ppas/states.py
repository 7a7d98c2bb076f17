"""Kinds and states of green power contracts, statements and files of meter rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class ContractState(models.TextChoices):
    DRAFT = "DRAFT", _("Draft")
    SIGNED = "SIGNED", _("In force")
    DISCARDED = "DISCARDED", _("Discarded")


CONTRACT_TRANSITIONS: Transitions = {
    ContractState.DRAFT: frozenset({ContractState.SIGNED, ContractState.DISCARDED}),
    ContractState.SIGNED: frozenset(),
    ContractState.DISCARDED: frozenset(),
}


class StatementKind(models.TextChoices):
    """R8.7. What is final is never written again: the next version is an adjustment (退补)."""

    PRELIMINARY = "PRELIMINARY", _("Preliminary")
    FINAL = "FINAL", _("Final")
    ADJUSTED = "ADJUSTED", _("Adjusted")


STATEMENT_TRANSITIONS: Transitions = {
    StatementKind.PRELIMINARY: frozenset({StatementKind.PRELIMINARY, StatementKind.FINAL}),
    StatementKind.FINAL: frozenset({StatementKind.ADJUSTED}),
    StatementKind.ADJUSTED: frozenset({StatementKind.ADJUSTED}),
}


class UploadState(models.TextChoices):
    WAITING = "WAITING", _("Being read")
    TAKEN = "TAKEN", _("Taken in")
    REFUSED = "REFUSED", _("Refused")


UPLOAD_TRANSITIONS: Transitions = {
    UploadState.WAITING: frozenset({UploadState.TAKEN, UploadState.REFUSED}),
    UploadState.TAKEN: frozenset(),
    UploadState.REFUSED: frozenset(),
}


class ContractKind(models.TextChoices):
    """Rule book §8.1."""

    GREEN_TRADE = "GREEN_TRADE", _("Green power trade")
    MULTI_YEAR = "MULTI_YEAR", _("Green power trade of several years")
    DIRECT = "DIRECT", _("Direct connection")
    CERTIFICATES = "CERTIFICATES", _("Certificates only")
    ON_SITE = "ON_SITE", _("Distributed or on-site power")


class Matching(models.TextChoices):
    MONTH = "MONTH", _("by month")
    HOUR = "HOUR", _("hour by hour")


class QuantityRule(models.TextChoices):
    THREE_WAY = "THREE_WAY", _("least of contracted, generated and consumed")
    CONTRACTED = "CONTRACTED", _("least of contracted and generated")
    METERED = "METERED", _("least of generated and consumed")


class PartKind(models.TextChoices):
    """Rule book §8.2; the names of the price parts on the user's bill."""

    ENERGY = "ENERGY", _("Energy")
    ENVIRONMENT = "ENVIRONMENT", _("Green environmental premium")
    TRANSMISSION = "TRANSMISSION", _("Transmission and distribution")
    LOSSES = "LOSSES", _("Line losses")
    SYSTEM = "SYSTEM", _("System operation")
    FUNDS = "FUNDS", _("Government funds and surcharges")
    SERVICE = "SERVICE", _("Retail service")


class Tariff(models.TextChoices):
    """Time of use. One letter for each hour of a typical day of each month."""

    ALL = "", _("all hours")
    SHARP = "S", _("sharp peak")
    PEAK = "P", _("peak")
    FLAT = "F", _("flat")
    VALLEY = "V", _("valley")
    DEEP = "D", _("deep valley")


class DeviationOf(models.TextChoices):
    """R8.5: who failed."""

    SELLER = "SELLER", _("Shortfall of the generator")
    BUYER = "BUYER", _("Shortfall of the user")
    SURPLUS = "SURPLUS", _("Surplus")


class RuleKind(models.TextChoices):
    """R8.4."""

    NONE = "NONE", _("none")
    SHARE_OF_PRICE = "SHARE_OF_PRICE", _("share of the contract price")
    MAKE_GOOD = "MAKE_GOOD", _("make good in certificates")
    REPLACEMENT = "REPLACEMENT", _("difference to a replacement price")
    AT_PRICE = "AT_PRICE", _("at a price of its own")


class Role(models.TextChoices):
    """Who pays and who is paid."""

    BUYER = "BUYER", _("Buyer")
    SELLER = "SELLER", _("Seller")
    GRID = "GRID", _("Grid company")
    TREASURY = "TREASURY", _("Treasury")


class Side(models.TextChoices):
    GENERATION = "GENERATION", _("Generation")
    CONSUMPTION = "CONSUMPTION", _("Consumption")


class Grain(models.TextChoices):
    HOUR = "HOUR", _("hourly rows")
    MONTH = "MONTH", _("monthly rows")


class MatchPurpose(models.TextChoices):
    SETTLED = "SETTLED", _("settled power")
    MAKE_GOOD = "MAKE_GOOD", _("made good")
