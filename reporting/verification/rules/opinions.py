"""When an opinion may be given (R5.17–R5.20, ISO 14064-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError
from reporting.verification.states import AssuranceLevel, FindingKind, FindingState, OpinionKind

ZERO = Decimal(0)
ASSURING = frozenset({OpinionKind.UNMODIFIED, OpinionKind.MODIFIED})
SETTLED = frozenset({FindingState.CLOSED, FindingState.WITHDRAWN})


class FindingsOpen(DomainError):
    code = "findings_open"
    message = N_("%(count)s findings are not closed yet.")


class RequestsOpen(DomainError):
    code = "requests_open"
    message = N_("%(count)s requests are not closed yet.")


class MaterialMisstatement(DomainError):
    code = "material_misstatement"
    message = N_(
        "Uncorrected misstatements of %(found)s tCO2e reach the threshold of %(threshold)s tCO2e: "
        "an unmodified opinion is not possible."
    )


class InventoryChanged(DomainError):
    code = "inventory_changed"
    message = N_("What the inventory was made of has changed since it was frozen.")


class VerifierIsMaker(DomainError):
    code = "verifier_is_maker"
    message = N_("Whoever made the inventory, and the operator itself, cannot verify it.")


class OtherInventory(DomainError):
    code = "other_inventory"
    message = N_("This hash is of no frozen inventory of the engagement's park and period.")


class NotAVerifier(DomainError):
    code = "not_a_verifier"
    message = N_("The party is not a verification body.")


class NotOfTheBody(DomainError):
    code = "not_of_the_body"
    message = N_("Somebody of the team is not a verifier of this body today.")


class NotDeclared(DomainError):
    code = "not_declared"
    message = N_("Declare your own independence first: the declaration of another is not yours.")


class DeclaredAlready(DomainError):
    code = "declared_already"
    message = N_("You have declared your independence for this engagement.")


class DataNotChecked(DomainError):
    code = "data_not_checked"
    message = N_("The activity data must be checked before an opinion is given.")


class NoOpinionOfProcedures(DomainError):
    code = "no_opinion_of_procedures"
    message = N_("Agreed-upon procedures end with findings, not with an opinion.")


class NothingToConclude(DomainError):
    code = "nothing_to_conclude"
    message = N_("Such an engagement ends with an opinion.")


class StatementOutdated(DomainError):
    code = "statement_outdated"
    message = N_(
        "Since the statement was prepared something in the engagement has changed; "
        "prepare it again and sign that one."
    )


class NothingToReopen(DomainError):
    code = "nothing_to_reopen"
    message = N_("There is no opinion that could be re-opened.")


class TextMissing(DomainError):
    code = "text_missing"
    message = N_("Say it in words: the text is empty.")


@dataclass(frozen=True, slots=True)
class FindingFacts:
    kind: FindingKind
    state: FindingState
    effect_tco2e: Decimal | None
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class Materiality:
    """The threshold, and what was found against it: net, and each direction by itself."""

    threshold_tco2e: Decimal
    found_tco2e: Decimal
    overstated_tco2e: Decimal = ZERO
    understated_tco2e: Decimal = ZERO  # as a positive amount

    @property
    def is_material(self) -> bool:
        """R5.19: material if |aggregate misstatement| >= threshold."""
        return abs(self.found_tco2e) >= self.threshold_tco2e

    @property
    def is_offset(self) -> bool:
        """Not material together, but one direction by itself would be: a matter of judgement."""
        worst = max(self.overstated_tco2e, self.understated_tco2e)
        return not self.is_material and worst >= self.threshold_tco2e


def weigh_findings(
    findings: Iterable[FindingFacts], *, total_tco2e: Decimal, materiality: Decimal
) -> Materiality:
    """The misstatements that were not corrected, against the threshold (R5.19)."""
    effects = [
        one.effect_tco2e or ZERO
        for one in findings
        if one.kind is FindingKind.MISSTATEMENT
        and not one.is_corrected
        and one.state is not FindingState.WITHDRAWN
    ]
    over = sum((one for one in effects if one > 0), ZERO)
    under = -sum((one for one in effects if one < 0), ZERO)
    return Materiality(abs(total_tco2e) * materiality, over - under, over, under)


def check_findings_allow(
    kind: OpinionKind, findings: Iterable[FindingFacts], weighed: Materiality
) -> None:
    """A disclaimer may leave findings open; nothing else may. Unmodified stands no material error.

    :raises FindingsOpen, MaterialMisstatement: as they say
    """
    check_all_settled(kind, findings)
    if kind is OpinionKind.UNMODIFIED and weighed.is_material and weighed.found_tco2e != 0:
        raise MaterialMisstatement(
            found=f"{weighed.found_tco2e.normalize():f}",
            threshold=f"{weighed.threshold_tco2e.normalize():f}",
        )


def check_all_settled(kind: OpinionKind | None, findings: Iterable[FindingFacts]) -> None:
    """:raises FindingsOpen: some are open, and this is no disclaimer"""
    open_count = sum(1 for one in findings if one.state not in SETTLED)
    if open_count and kind is not OpinionKind.DISCLAIMED:
        raise FindingsOpen(count=open_count)


def check_level_has_opinion(level: str) -> None:
    """:raises NoOpinionOfProcedures: agreed-upon procedures give none (R5.17)"""
    if level == AssuranceLevel.PROCEDURES:
        raise NoOpinionOfProcedures


def bound_hash(*, content_hash: str, dataset_hash: str) -> str:
    """The one hash an opinion binds to: over the frozen inventory and its dataset."""
    return digest({"content": content_hash, "dataset": dataset_hash}).hex()


def check_text(*texts: str) -> None:
    """:raises TextMissing: an empty text"""
    if not all(text.strip() for text in texts):
        raise TextMissing
