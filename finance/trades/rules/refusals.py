"""Why something about a trade is refused."""

from ledger.kernel.errors import N_, DomainError


class NotAPrice(DomainError):
    code = "trade_not_a_price"
    message = N_("The price must be above zero, in steps of %(size)s.")


class NegativeAmount(DomainError):
    code = "trade_negative_amount"
    message = N_("Fees and taxes are not below zero.")


class OutsideBand(DomainError):
    """Rule book 2.7: the exchange takes no such price."""

    code = "trade_outside_band"
    message = N_("The price %(price)s lies outside the day's limits of %(low)s to %(high)s.")


class TooLargeForListing(DomainError):
    code = "trade_too_large_for_listing"
    message = N_(
        "A listed order stays below %(limit)s t; %(wanted)s t are traded as a block (R2.33)."
    )


class TooSmallForBlock(DomainError):
    code = "trade_too_small_for_block"
    message = N_("A block trade has at least %(limit)s t; %(wanted)s t are listed (R2.33).")


class NotATradingDay(DomainError):
    code = "trade_not_a_trading_day"
    message = N_("%(day)s is not a trading day.")


class SettlesBeforeTrade(DomainError):
    code = "trade_settles_before_trade"
    message = N_("A trade settles on the day of the trade or later.")


class TradeInTheFuture(DomainError):
    code = "trade_in_the_future"
    message = N_("%(day)s lies in the future: what has happened is recorded.")


class RateNeeded(DomainError):
    code = "trade_rate_needed"
    message = N_("A trade in %(currency)s needs its rate in CNY.")


class LotNeeded(DomainError):
    code = "trade_lot_needed"
    message = N_("A sale names the account and lot of the units; they are set aside until settled.")


class WrongLot(DomainError):
    code = "trade_wrong_lot"
    message = N_("The lot is of %(found)s, the trade of %(wanted)s.")


class NotAHoldingAccount(DomainError):
    code = "trade_not_a_holding_account"
    message = N_("Units are traded out of and into one's own holding or trading accounts.")


class NotAnOutsideAccount(DomainError):
    """Another's account is not ours to take from: the seller's own trade delivers."""

    code = "trade_not_an_outside_account"
    message = N_(
        "The account %(number)s has its own books here: the seller delivers, and the purchase is "
        "settled with the seller's entry."
    )


class MoreThanOpen(DomainError):
    code = "trade_more_than_open"
    message = N_("%(wanted)s units asked for, %(left)s are open.")


class NothingOpen(DomainError):
    code = "trade_nothing_open"
    message = N_("Nothing of this trade is open.")


class NothingSettled(DomainError):
    code = "trade_nothing_settled"
    message = N_("Nothing of this trade was settled: cancel it instead.")


class EntryDoesNotFit(DomainError):
    code = "trade_entry_does_not_fit"
    message = N_("The entry does not bring %(count)s units of this instrument and vintage to us.")


class EntryUsed(DomainError):
    code = "trade_entry_used"
    message = N_("The entry settles another trade already.")


class NotEnoughOfThese(DomainError):
    """Of the lots of one kind there are fewer than the sale names."""

    code = "trade_not_enough_of_these"
    message = N_("%(wanted)s units wanted, the cost lots asked for have %(held)s.")


class PicksNeeded(DomainError):
    code = "trade_picks_needed"
    message = N_("By the policy of %(year)s a sale names its cost lots.")


class PolicyFixed(DomainError):
    """A policy holds for a whole year; another may begin with the next (R7.3)."""

    code = "trade_policy_fixed"
    message = N_("The policy of %(year)s is fixed: the year has begun, and units have left.")


class PolicyThere(DomainError):
    code = "trade_policy_there"
    message = N_("The policy of %(year)s is set already.")


class CostNotHere(DomainError):
    code = "trade_cost_not_here"
    message = N_("The entry brought no units of this lot into your books.")


class CostFollowsTrade(DomainError):
    code = "trade_cost_follows_trade"
    message = N_("The cost of these units follows from their trade.")


class NothingToSuggest(DomainError):
    code = "trade_nothing_to_suggest"
    message = N_("There is no new suggested entry in this period.")


class PeriodNotOver(DomainError):
    code = "trade_period_not_over"
    message = N_("The period ends after today.")


class MatchTaken(DomainError):
    code = "trade_match_taken"
    message = N_("The line or the trade is matched already.")


class MatchDiffers(DomainError):
    code = "trade_match_differs"
    message = N_("The line and the trade are not of the same side, instrument and units.")
