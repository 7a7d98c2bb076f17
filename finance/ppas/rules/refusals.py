"""What a contract, a meter row or a settlement is refused for."""

from ledger.kernel.errors import N_, DomainError


class NotADraft(DomainError):
    code = "contract_not_a_draft"
    message = N_("The contract is signed or discarded; its terms change by an approved amendment.")


class NotSigned(DomainError):
    code = "contract_not_signed"
    message = N_("The contract is not in force.")


class TermsIncomplete(DomainError):
    """What is missing never counts as agreed."""

    code = "contract_terms_incomplete"
    message = N_("The contract cannot be signed: %(why)s.")


class SameParties(DomainError):
    code = "contract_same_parties"
    message = N_("Seller and buyer are the same party.")


class NotYourContract(DomainError):
    code = "contract_of_others"
    message = N_("You enter contracts in which your own party sells or buys.")


class NotWholeMonths(DomainError):
    code = "contract_not_whole_months"
    message = N_("Contracts, prices and settlements run by whole months.")


class OddTariff(DomainError):
    code = "odd_tariff"
    message = N_("A tariff is 24 letters for each month: S, P, F, V or D.")


class TariffPriceWithoutTariff(DomainError):
    code = "tariff_price_without_tariff"
    message = N_("The contract has no hours of use: a price holds for all hours.")


class PremiumHasNoTariff(DomainError):
    """§8.2: the environmental part takes no part in the spread of peak and valley."""

    code = "premium_has_no_tariff"
    message = N_("The green environmental premium is one price for all hours.")


class PriceMissing(DomainError):
    code = "price_missing"
    message = N_("No price is agreed for all hours of %(month)s.")


class NotAPrice(DomainError):
    code = "ppa_not_a_price"
    message = N_("A price is zero or more, with at most eight decimals.")


class OutsideContract(DomainError):
    code = "outside_contract"
    message = N_("%(month)s is outside the term of the contract.")


class OddVolume(DomainError):
    code = "odd_volume"
    message = N_(
        "Line %(number)s: %(text)s. Write a month or year and its MWh, as in 2025-01 1240."
    )


class NotADeviationRule(DomainError):
    code = "not_a_deviation_rule"
    message = N_("This rule does not fit what it is for, or a number of it is missing.")


class ShareTaken(DomainError):
    """No MWh is settled twice: the shares of a meter never exceed the whole."""

    code = "share_taken"
    message = N_("Of this meter, %(share)s is left for that time.")


class NotAShare(DomainError):
    code = "not_a_share"
    message = N_("A share is above 0 and at most 100 percent, in steps of 0.01.")


class PointKnown(DomainError):
    code = "point_known"
    message = N_("A metering point of this code or of this plant is registered already.")


class PlantNeeded(DomainError):
    code = "plant_needed"
    message = N_("A point of generation belongs to a registered plant; one of consumption to none.")


class HourlyNeeded(DomainError):
    code = "hourly_needed"
    message = N_("Hourly matching and hours of use need meters with hourly rows.")


class UploadHasProblems(DomainError):
    code = "meter_rows_have_problems"
    message = N_("%(count)s problems are in the file; nothing was taken in.")


class ReadingsMissing(DomainError):
    """I14: what is missing never counts as passed."""

    code = "readings_missing"
    message = N_("%(place)s has no complete meter rows for %(month)s: %(count)s are missing.")


class NothingToSettle(DomainError):
    code = "nothing_to_settle"
    message = N_("No month of a contract in force lies in that time.")


class NothingPreliminary(DomainError):
    code = "nothing_preliminary"
    message = N_("%(month)s has no preliminary statement.")


class StatementStale(DomainError):
    code = "statement_stale"
    message = N_("Meter rows or terms of %(month)s changed since; settle the month again.")


class NothingToAdjust(DomainError):
    code = "nothing_to_adjust"
    message = N_("%(month)s comes to the same as its last statement.")


class EarlierMonthOpen(DomainError):
    """R3.12: the remainder goes from month to month."""

    code = "earlier_settlement_open"
    message = N_("%(month)s has no final statement yet; months become final in their order.")


class NotBundled(DomainError):
    code = "certificates_not_bundled"
    message = N_("The contract does not bring certificates with the power.")


class IsBundled(DomainError):
    code = "certificates_are_bundled"
    message = N_("Power that comes with certificates is claimed by its certificates.")


class WrongCertificates(DomainError):
    code = "wrong_certificates"
    message = N_("These units are not certificates of the contract's plants for %(month)s.")


class NotDelivered(DomainError):
    code = "certificates_not_delivered"
    message = N_("That entry did not bring these certificates to the buyer.")


class MoreThanDue(DomainError):
    """R8.2."""

    code = "more_certificates_than_due"
    message = N_("%(wanted)s certificates are wanted and %(left)s are due.")


class ClaimedBefore(DomainError):
    """One MWh, one claim."""

    code = "ppa_claimed_before"
    message = N_("This delivery is claimed already.")


class NotTheBuyer(DomainError):
    code = "not_the_buyer"
    message = N_("The buyer claims the power; you are not the buyer.")


class NotFinal(DomainError):
    code = "statement_not_final"
    message = N_("Only what is settled finally is delivered and claimed.")


class NothingSettled(DomainError):
    code = "nothing_settled"
    message = N_("Nothing was settled for %(month)s.")
