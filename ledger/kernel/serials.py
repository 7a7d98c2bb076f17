"""Runs of serial numbers: both ends inside, all numbers between them, one prefix."""

import re
from dataclasses import dataclass

from ledger.kernel.errors import N_, DomainError


class InvalidSerialRange(DomainError):
    code = "invalid_serial_range"
    message = N_("%(text)s is not a range of serial numbers.")


class SerialOutsideRange(DomainError):
    code = "serial_outside_range"
    message = N_("%(serial)s is not inside %(range)s.")


# A plain hyphen separates only when the prefix is repeated (or there is none), for prefixes hold
# hyphens of their own.
_STRONG = re.compile(
    r"(?P<prefix>.*?)(?P<first>\d+)\s*(?:\.\.|–|—|~|～|至|\bto\b)\s*(?:(?P=prefix))?(?P<last>\d+)"
)
_HYPHEN = re.compile(r"(?P<prefix>.*?)(?P<first>\d+)\s*-\s*(?P=prefix)(?P<last>\d+)")
_SINGLE = re.compile(r"(?P<prefix>(?:(?!\.\.|[–—~～至]).)*?)(?P<first>\d+)(?P<last>)")


@dataclass(frozen=True, slots=True, order=True)
class SerialRange:
    """`first` to `last` inclusive under `prefix`. Two prefixes never touch, overlap or subtract."""

    first: int
    last: int
    prefix: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last:
            raise InvalidSerialRange(text=f"{self.prefix}{self.first}..{self.prefix}{self.last}")

    @classmethod
    def parse(cls, text: str) -> "SerialRange":
        """A range as registries write it: "GEC-000001..GEC-000100", "1-100", "A7" (one unit).

        :raises InvalidSerialRange: text of no such form, or ends the wrong way round
        """
        plain = text.strip()
        for form in (_STRONG, _HYPHEN, _SINGLE):
            if match := form.fullmatch(plain):
                first, last = match["first"], match["last"] or match["first"]
                return cls(int(first), int(last), match["prefix"])
        raise InvalidSerialRange(text=text)

    def format(self, width: int = 0) -> str:
        """Both ends in full, zero-filled to `width`; `parse` reads it back."""
        return f"{self.prefix}{self.first:0{width}d}..{self.prefix}{self.last:0{width}d}"

    def __str__(self) -> str:
        return self.format()

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    def __contains__(self, serial: int) -> bool:
        return self.first <= serial <= self.last

    def contains(self, other: "SerialRange") -> bool:
        return self.prefix == other.prefix and other.first in self and other.last in self

    def overlaps(self, other: "SerialRange") -> bool:
        return self.prefix == other.prefix and self.first <= other.last and other.first <= self.last

    def touches(self, other: "SerialRange") -> bool:
        """The one goes on where the other stops."""
        return self.prefix == other.prefix and (
            self.last + 1 == other.first or other.last + 1 == self.first
        )

    def intersection(self, other: "SerialRange") -> "SerialRange | None":
        if not self.overlaps(other):
            return None
        first, last = max(self.first, other.first), min(self.last, other.last)
        return SerialRange(first, last, self.prefix)

    def split_after(self, serial: int) -> "tuple[SerialRange, SerialRange]":
        """Two ranges, the first ending with `serial`.

        :raises SerialOutsideRange: nothing would be left on one side
        """
        if not self.first <= serial < self.last:
            raise SerialOutsideRange(serial=serial, range=str(self))
        return (
            SerialRange(self.first, serial, self.prefix),
            SerialRange(serial + 1, self.last, self.prefix),
        )

    def take(self, count: int) -> "tuple[SerialRange, SerialRange | None]":
        """The lowest `count` numbers, and what remains.

        :raises SerialOutsideRange: fewer than one or more than all are wanted
        """
        if not 1 <= count <= self.count:
            raise SerialOutsideRange(serial=self.first + count - 1, range=str(self))
        if count == self.count:
            return self, None
        return self.split_after(self.first + count - 1)

    def subtract(self, other: "SerialRange") -> "tuple[SerialRange, ...]":
        """What remains without `other`: none, one or two ranges, in order."""
        common = self.intersection(other)
        if common is None:
            return (self,)
        rest = []
        if self.first < common.first:
            rest.append(SerialRange(self.first, common.first - 1, self.prefix))
        if common.last < self.last:
            rest.append(SerialRange(common.last + 1, self.last, self.prefix))
        return tuple(rest)
