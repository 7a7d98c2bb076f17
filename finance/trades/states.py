from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.kernel.transitions import Transitions


class TradeState(models.TextChoices):
    """The life of a trade. FAILED: an attempt to settle failed; what is open can be tried again."""

    AGREED = "AGREED", _("Agreed")
    PART_SETTLED = "PART_SETTLED", _("Settled in part")
    SETTLED = "SETTLED", _("Settled")
    FAILED = "FAILED", _("Settlement failed")
    CLOSED = "CLOSED", _("Closed short")  # the rest was given up; what was settled stands
    CANCELLED = "CANCELLED", _("Cancelled")  # nothing stands: reversed, or never settled


TRANSITIONS: Transitions = {
    TradeState.AGREED: frozenset(
        {TradeState.PART_SETTLED, TradeState.SETTLED, TradeState.FAILED, TradeState.CANCELLED}
    ),
    TradeState.PART_SETTLED: frozenset(
        {
            TradeState.PART_SETTLED,
            TradeState.SETTLED,
            TradeState.FAILED,
            TradeState.CLOSED,
            TradeState.CANCELLED,
        }
    ),
    TradeState.FAILED: frozenset(
        {
            TradeState.PART_SETTLED,
            TradeState.SETTLED,
            TradeState.FAILED,
            TradeState.CLOSED,
            TradeState.CANCELLED,
        }
    ),
    TradeState.SETTLED: frozenset({TradeState.CANCELLED}),
    TradeState.CLOSED: frozenset({TradeState.CANCELLED}),
    TradeState.CANCELLED: frozenset(),
}
OPEN = frozenset({TradeState.AGREED, TradeState.PART_SETTLED, TradeState.FAILED})


class Side(models.TextChoices):
    BUY = "BUY", _("buy")
    SELL = "SELL", _("sell")


class Mode(models.TextChoices):
    """How the trade came about (rule book 2.7)."""

    LISTED = "LISTED", _("listed agreement")
    BLOCK = "BLOCK", _("block agreement")
    AUCTION = "AUCTION", _("one-way auction")
    OTC = "OTC", _("over the counter")
    FOREIGN = "FOREIGN", _("foreign market")


class VatKind(models.TextChoices):
    """Whether value-added tax is in the price, comes on top, or is left out (R7.6)."""

    NONE = "NONE", _("without VAT")
    INCLUSIVE = "INCLUSIVE", _("VAT is in the price")
    EXCLUSIVE = "EXCLUSIVE", _("VAT comes on top")


class Draw(models.TextChoices):
    """Which units a sale is of: allocated free, or bought (R7.4)."""

    POLICY = "POLICY", _("as the policy says")
    FREE = "FREE", _("allocated free")
    PAID = "PAID", _("bought")


class Method(models.TextChoices):
    """How the cost of what leaves is found; the law names three for inventories."""

    WEIGHTED_AVERAGE = "WEIGHTED_AVERAGE", _("weighted average")
    FIFO = "FIFO", _("first in, first out")
    SPECIFIC = "SPECIFIC", _("specific identification")


class Order(models.TextChoices):
    """R7.4: which units go first where nobody says which."""

    FREE_FIRST = "FREE_FIRST", _("free ones first")
    PAID_FIRST = "PAID_FIRST", _("bought ones first")
    PROPORTIONAL = "PROPORTIONAL", _("in proportion")


class Outcome(models.TextChoices):
    """What came of an attempt to settle."""

    SETTLED = "SETTLED", _("Settled")
    FAILED = "FAILED", _("Failed")


class BandVerdict(models.TextChoices):
    """Whether the price was held against the limits of its day (rule book 2.7)."""

    WITHIN = "WITHIN", _("within the limits")
    NO_LIMIT = "NO_LIMIT", _("no limit applies")
    NO_CLOSE = "NO_CLOSE", _("not checked: previous close not known")
    STALE_CLOSE = "STALE_CLOSE", _("not checked: previous close is stale")
