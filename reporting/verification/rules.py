"""When an opinion may be given (R5.17–R5.20, ISO 14064-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError
from reporting.verification.states import FindingKind, FindingState, OpinionKind

ZERO = Decimal(0)
ASSURING = frozenset({OpinionKind.UNMODIFIED, OpinionKind.MODIFIED})


class FindingsOpen(DomainError):
    code = "findings_open"
    message = N_("%(count)s findings are not closed yet.")


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


class DataNotChecked(DomainError):
    code = "data_not_checked"
    message = N_("The activity data must be checked before an opinion is given.")


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
    """The threshold, and what was found against it."""

    threshold_tco2e: Decimal
    found_tco2e: Decimal

    @property
    def is_material(self) -> bool:
        """R5.19: material if |aggregate misstatement| >= threshold."""
        return abs(self.found_tco2e) >= self.threshold_tco2e


def weigh_findings(
    findings: Iterable[FindingFacts], *, total_tco2e: Decimal, materiality: Decimal
) -> Materiality:
    """The sum of the misstatements that were not corrected, against the threshold (R5.19)."""
    uncorrected = (
        one.effect_tco2e or ZERO
        for one in findings
        if one.kind is FindingKind.MISSTATEMENT and not one.is_corrected
    )
    return Materiality(abs(total_tco2e) * materiality, sum(uncorrected, ZERO))


def check_findings_allow(
    kind: OpinionKind, findings: Iterable[FindingFacts], weighed: Materiality
) -> None:
    """A disclaimer may leave findings open; nothing else may. Unmodified stands no material error.

    :raises FindingsOpen, MaterialMisstatement: as they say
    """
    open_count = sum(1 for one in findings if one.state is not FindingState.CLOSED)
    if open_count and kind is not OpinionKind.DISCLAIMED:
        raise FindingsOpen(count=open_count)
    if kind is OpinionKind.UNMODIFIED and weighed.is_material and weighed.found_tco2e != 0:
        raise MaterialMisstatement(
            found=weighed.found_tco2e.normalize(), threshold=weighed.threshold_tco2e.normalize()
        )


def bound_hash(*, content_hash: str, dataset_hash: str) -> str:
    """The one hash an opinion binds to: over the frozen inventory and its dataset."""
    return digest({"content": content_hash, "dataset": dataset_hash}).hex()


def check_text(*texts: str) -> None:
    """:raises TextMissing: an empty text"""
    if not all(text.strip() for text in texts):
        raise TextMissing
