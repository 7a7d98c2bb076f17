"""Full account numbers of the UK and the Kyoto registries: GB-100-12345-0-22.

The check digits are those of ISO 7064 (MOD 97-10) over number, registry, type and period, the
letters counting from A = 10.
"""

import re
from dataclasses import dataclass

# The registries of the international transaction log, and the UK's own.
REGISTRIES = frozenset(
    {
        "AT", "AU", "BE", "BG", "BY", "CA", "CDM", "CH", "CY", "CZ", "DE", "DK", "EE", "ES",
        "EU", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "JP", "KZ", "LI", "LT", "LU",
        "LV", "MC", "MT", "NL", "NO", "NZ", "PL", "PT", "RO", "RU", "SE", "SI", "SK", "UA", "UK",
        "US",
    }
)  # fmt: skip
OUR_REGISTRIES = frozenset({"GB", "UK"})
# Account types of the Kyoto data exchange standards.
TYPES = frozenset({100, 120, 121, 130, 210, 220, 230, 240, 250, 270, 280, 300, 411, 421, 422, 423})
PERIODS = frozenset({0, 1, 2, 3})
# What `looks_full` asks for, so that plain numbers and names of accounts are left alone.
FULL = re.compile(r"[A-Z]{2,3}-\d{3}-\d+-\d-\d{1,2}")


@dataclass(frozen=True, slots=True)
class AccountNumber:
    """The parts as they stand, trimmed; a part that is not there is empty."""

    registry: str
    type: str = ""
    number: str = ""
    period: str = ""
    check_digits: str = ""

    @classmethod
    def parse(cls, text: str) -> "AccountNumber":
        """Never refuses: each question below is asked of the parts."""
        parts = [part.strip() for part in text.split("-")][:5]
        parts[0] = parts[0].upper()
        return cls(*parts)

    @property
    def has_known_registry(self) -> bool:
        return self.registry in REGISTRIES

    @property
    def belongs_to_uk(self) -> bool:
        return self.registry in OUR_REGISTRIES

    @property
    def has_known_type(self) -> bool:
        return self.type.isdigit() and int(self.type) in TYPES

    @property
    def has_period(self) -> bool:
        return bool(self.period)

    @property
    def has_acceptable_period(self) -> bool:
        """None, or one that exists."""
        return not self.period or (self.period.isdigit() and int(self.period) in PERIODS)

    @property
    def has_acceptable_check_digits(self) -> bool:
        """None, or at most two digits; whether they are right is another question."""
        return not self.check_digits or (self.check_digits.isdigit() and len(self.check_digits) < 3)

    @property
    def has_right_check_digits(self) -> bool:
        """Under the UK's own code or its Kyoto code; False where a part is no number."""
        parts = (self.type, self.number, self.period, self.check_digits)
        if not all(part.isdigit() for part in parts):
            return False
        return any(self._remainder(code, self.check_digits) == 1 for code in OUR_REGISTRIES)

    def with_check_digits(self) -> str:
        """The number in full, its check digits computed."""
        digits = 98 - self._remainder(self.registry, "0")
        return f"{self.registry}-{self.type}-{self.number}-{self.period}-{digits}"

    def _remainder(self, registry: str, check_digits: str) -> int:
        letters = "".join(str(ord(letter) - ord("A") + 10) for letter in registry)
        tail = f"{int(self.type):03}{int(self.period):02}{int(check_digits):02}"
        return int(f"{int(self.number)}{letters}{tail}") % 97


def is_mistyped(text: str) -> bool:
    """A full number of the UK's whose check digits are wrong."""
    if not FULL.fullmatch(text):
        return False
    number = AccountNumber.parse(text)
    return number.belongs_to_uk and not number.has_right_check_digits
