"""Why an act on a pledge is refused."""

from ledger.kernel.errors import N_, DomainError


class NotPerfect(DomainError):
    """R7.16: nothing is drawn before both registrations are recorded."""

    code = "pledge_not_perfect"
    message = N_("Facility %(code)s: nothing is drawn before the pledge is registered twice.")


class BeyondTheCollateral(DomainError):
    """R7.18."""

    code = "beyond_the_collateral"
    message = N_("The pledge carries %(limit)s; %(wanted)s would be owed.")


class Insolvent(DomainError):
    code = "insolvent"
    message = N_("A court has opened proceedings over the debtor (%(number)s).")


class Stayed(DomainError):
    """Enterprise Bankruptcy Law, article 75."""

    code = "enforcement_stayed"
    message = N_("During a reorganisation enforcement needs the court's leave: give its number.")


class NotInDefault(DomainError):
    code = "not_in_default"
    message = N_("A pledge is enforced after the lender has declared default.")


class OnlyTheCreditor(DomainError):
    code = "only_the_creditor"
    message = N_("Only the pledge's creditor decides this.")


class OnlyTheDebtor(DomainError):
    code = "only_the_debtor"
    message = N_("Only the party that pledges may do this.")


class OddLines(DomainError):
    code = "odd_lines"
    message = N_("The lines must rise: target, warning, top-up, close-out.")


class NoCollateral(DomainError):
    code = "no_collateral"
    message = N_("A pledge needs units.")


class ConsentMissing(DomainError):
    """I10: named by the number of the request to which the first creditor consented."""

    code = "first_consent_missing"
    message = N_("The first creditor has not consented to a second pledge under this number.")


class RegisteredOtherwise(DomainError):
    code = "registered_otherwise"
    message = N_("The registration must end after the day on which it was made.")


class DecidedByTheAsker(DomainError):
    code = "decided_by_the_asker"
    message = N_("Who asked cannot decide, whichever party she acts for.")


class ThreeEvidences(DomainError):
    """R7.23."""

    code = "three_evidences"
    message = N_(
        "A release needs three documents: repayment, cancelled registration, lifted freeze."
    )


class MoreThanPledged(DomainError):
    code = "more_than_pledged"
    message = N_("%(wanted)s wanted, %(held)s are pledged.")


class NumberTaken(DomainError):
    code = "pledge_number_taken"
    message = N_("There is a pledge %(number)s already.")


class NotOver(DomainError):
    code = "pledge_not_over"
    message = N_("The pledge is in force until %(day)s.")


class ProceedsOdd(DomainError):
    code = "odd_proceeds"
    message = N_("Costs cannot be negative or more than the proceeds.")


class NoPriceYet(DomainError):
    code = "collateral_without_price"
    message = N_("There is no price for all of the collateral on %(day)s.")
