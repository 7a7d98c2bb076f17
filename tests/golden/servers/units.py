"""Serial blocks of the UK registry: split, held and moved by the ledger itself."""

from uuid import UUID

from ledger.imports.layouts.account_numbers import AccountNumber
from ledger.kernel.ids import new_id
from ledger.kernel.serials import SerialOutsideRange, SerialRange
from ledger.units import queries
from ledger.units.rules import NotEnoughUnits, RangeNotHeld
from tests.factories.units import FREE, issued, leg, lot, post
from tests.golden.running import Case, NotCovered, serves

Block = tuple[int, int]


def held(account: UUID, lot_id: UUID) -> list[Block]:
    runs = queries.ranges_in(account_id=account, lot_id=lot_id, state=FREE)
    return [(run.first, run.last) for run in runs]


def a_holder_of(blocks: list[list[int]]) -> tuple[UUID, UUID]:
    account, lot_id = new_id(), lot(space=True)
    for first, last in blocks:
        issued(account, last - first + 1, lot_id=lot_id, first=first)
    return account, lot_id


def move(lot_id: UUID, giver: UUID, taker: UUID, blocks: list[list[int]]) -> None:
    post(
        [
            leg(lot_id, (giver, FREE), (taker, FREE), last - first + 1, first)
            for first, last in blocks
        ]
    )


@serves("ledger_ukets_blocks_and_checks")
def blocks_and_checks(case: Case) -> dict[str, object]:
    operations = {
        "parse_account_identifier": account_identifier,
        "check_requested_quantity_vs_balance": balance,
        "split_at_serial": split_at,
        "check_serials_held_by_transferor": serials_held,
        "split_for_transfer": split_for_transfer,
    }
    if case.operation not in operations:
        raise NotCovered
    return operations[case.operation](case)


def account_identifier(case: Case) -> dict[str, object]:
    number = AccountNumber.parse(case.inputs["identifier"])
    return {
        "valid_type": number.has_known_type,
        "has_commitment_period": number.has_period,
        "valid_commitment_period": number.has_acceptable_period,
        "has_check_digits": number.has_acceptable_check_digits,
        "valid_check_digits": number.has_right_check_digits,
        "belongs_to_registry": number.belongs_to_uk,
        "valid_registry_code": number.has_known_registry,
    }


def balance(case: Case) -> dict[str, object]:
    giver, taker = new_id(), new_id()
    lot_id = issued(giver, case.inputs["available"])
    try:
        post(leg(lot_id, (giver, FREE), (taker, FREE), case.inputs["requested"]))
    except NotEnoughUnits:
        return {"error": True}
    return {"error": False}


def split_at(case: Case) -> dict[str, object]:
    """Cutting at an end leaves the block whole; a serial that is not in it is refused."""
    block = SerialRange(*case.inputs["block"])
    serial = case.inputs["serial"]
    if serial not in block:
        return {"error": True, "split": False}
    at = serial - 1 if case.inputs["cut_before_serial"] else serial
    try:
        parts = block.split_after(at)
    except SerialOutsideRange:
        return {"error": False, "split": False, "blocks": [[block.first, block.last]]}
    return {"error": False, "split": True, "blocks": [[one.first, one.last] for one in parts]}


def serials_held(case: Case) -> dict[str, object]:
    giver, lot_id = a_holder_of(case.inputs["blocks_held_by_account"])
    try:
        move(lot_id, giver, new_id(), case.inputs["blocks"])
    except (RangeNotHeld, NotEnoughUnits):
        return {"error": True}
    return {"error": False}


def split_for_transfer(case: Case) -> dict[str, object]:
    """The transfer of a part splits what is held; both accounts together hold what was held."""
    first, last = case.inputs["requested_block"]
    giver, lot_id = a_holder_of(case.inputs["held_blocks"])
    taker, before = new_id(), held(giver, lot_id)
    try:
        move(lot_id, giver, taker, [[first, last]])
    except (RangeNotHeld, NotEnoughUnits):
        assert held(giver, lot_id) == before
    after = sorted(held(giver, lot_id) + held(taker, lot_id))
    taken = held(taker, lot_id)
    return {
        "new_blocks_created": len(after) - len(before),
        "requested_range_held_as_block": list(taken[0]) if taken == [(first, last)] else None,
        "held_blocks_after": [list(block) for block in after],
    }
