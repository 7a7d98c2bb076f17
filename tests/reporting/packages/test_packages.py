"""The signed package: whole it is accepted, touched it is refused, whoever touches it."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from ledger.audit import keys as log_keys
from ledger.audit import operations as audit
from ledger.audit.models import Event
from ledger.jobs.models import Job
from ledger.jobs.states import JobState
from ledger.kernel.actors import SYSTEM, Actor
from ledger.parties.models import Party
from reporting.attestations import checking
from reporting.documents import queries as documents
from reporting.packages import operations, queries, signing, tasks
from reporting.packages.models import Form
from reporting.packages.packing import contents_of, pack
from reporting.packages.verifier import tracing
from reporting.packages.verifier.checking import check_file
from reporting.packages.verifier.forms import canonical
from reporting.packages.verifier.trust import Policy, Refused
from reporting.parks import operations as parks
from reporting.readings import queries as readings
from tests.factories import readings as factory
from tests.factories.holdings import holdings
from tests.ledger.claims.test_claims import claim
from tests.reporting.attestations.alone import lines_behind
from tests.reporting.inventories.conftest import NOON, SEEDS, Role, checked_year, person
from tests.reporting.packages.making import figure, frozen_year, make, metered_february
from tests.reporting.packages.test_reports import opine

Parts = dict[str, bytes]
Change = Callable[[Parts], None]
_MADE: dict[str, "Made"] = {}


@dataclass(frozen=True)
class Made:
    """One package of a real year, the trust that a reader was given, and what it is made of."""

    package: bytes
    trust: str
    parts: Mapping[str, bytes]
    about: Mapping[str, str]
    keys: Path
    day: bytes  # the proof of a day that was counted, asked for after it was corrected
    corrected: bytes  # of the same day as it is now

    def policy(self) -> Policy:
        return Policy.parse(self.trust)

    def signed(self, change: Change, keys: Path | None = None) -> bytes:
        """The same with a change, packed and signed anew: by its maker, or by somebody else."""
        parts = dict(self.parts)
        change(parts)
        about = dict(self.about)
        for name in ("statement.json", "report.pdf"):
            hashed = hashlib.sha256(parts[name]).hexdigest()
            about[f"{name.partition('.')[0]}_sha256"] = hashed
        signer = signing.FileDocumentSigner(keys or self.keys)
        return pack(parts, about=about, sign=signer.sign_detached)

    def touched(self, change: Change) -> bytes:
        """The same with parts changed and nothing else: the signature is the old one."""
        with zipfile.ZipFile(io.BytesIO(self.package)) as box:
            parts = {name: box.read(name) for name in box.namelist()}
        change(parts)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
            for name, content in parts.items():
                kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
                box.writestr(name, content, kind)
        return out.getvalue()


@pytest.fixture
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Made once, in a database where commits are real: the log seals only what is committed."""
    if not _MADE:
        request.getfixturevalue("committed_db")
        settings = request.getfixturevalue("settings")
        monkeypatch = request.getfixturevalue("monkeypatch")
        settings.KEY_DIR = tmp_path_factory.mktemp("keys") / "k"
        settings.CHECKPOINT_DIR = tmp_path_factory.mktemp("checkpoints")
        monkeypatch.setattr(log_keys, "_MAKERS", {})
        audit.make_keys(by=SYSTEM, at=NOON, is_demonstration=True)
        signing.make_document_keys(settings.KEY_DIR, demonstration=True, at=datetime.now(UTC))
        _MADE["one"] = _make(Path(settings.KEY_DIR))
    return _MADE["one"]


def _make(keys: Path) -> Made:
    from ledger.parameters import operations as parameters
    from reporting.factors import operations as factors

    parameters.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    factors.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    operator = Party.objects.create(kind=Party.Kind.PARK_OPERATOR, name_zh="梅山园区")
    manager = person(operator, Role.CARBON_MANAGER)
    park = parks.register_park(code="MS", name_zh="梅山", province="330000", by=manager, at=NOON)
    checked_year(park, operator, manager, also=metered_february)
    account, lot_id = holdings(5000, scheme="CCER")
    claim(account, lot_id, 4000, claimant_id=operator.pk, use="OFFSET", purpose="年会")
    figure(park, manager, "net_revenue", "29000")
    frozen = frozen_year(park, manager)
    opine(frozen, park, manager, year=2025)
    report = make(frozen, manager)
    assert not report.is_draft, report.statement.content["draft_reasons"]
    job_id = operations.request_package(report_id=report.pk, by=manager, at=NOON)
    tasks.make_package(job_id=str(job_id))
    job = Job.objects.get(pk=job_id)
    assert job.state == JobState.DONE, job.error
    tasks.make_package(job_id=str(job_id))  # again: nothing more happens
    assert Event.objects.filter(verb="report.file_issued").count() == 3
    about = {
        "number": report.document_number,
        "report_sha256": report.sha256,
        "statement_sha256": report.statement.content_hash,
    }
    package, parts = queries.form_of(report, Form.PACKAGE), contents_of(report)
    day, corrected = _proofs_of_a_day(park, manager, parts)
    return Made(package, checking.trust_text(), parts, about, keys, day, corrected)


def _proofs_of_a_day(park: Any, manager: Any, parts: Mapping[str, bytes]) -> tuple[bytes, bytes]:
    """Of 3 February, which is corrected once the report is out."""
    (months,) = json.loads(parts["readings.json"]).values()
    meter_id, root = next((facts[0], facts[-1]) for facts in months if facts[3] == "40")
    rows = [("E-1", "2025-02-03 07:00", 12345)]
    officer = Actor(manager.user_id, manager.party_id, frozenset({Role.DATA_OFFICER}))
    told = factory.upload(park, officer, factory.lines(rows), reason="meter error")
    assert (told.state, told.corrected_count) == ("TAKEN", 1)
    asked: dict[str, Any] = {"meter_id": UUID(meter_id), "day": date(2025, 2, 3), "by": manager}
    proofs = [readings.prove_day(**asked, root=root), readings.prove_day(**asked)]
    assert proofs[1]["root"] != proofs[0]["root"] == root
    return json.dumps(proofs[0]).encode(), json.dumps(proofs[1]).encode()


def refused(raw: bytes, policy: Policy) -> str:
    """The name of the part that does not hold."""
    with pytest.raises(Refused) as found:
        check_file(raw, policy=policy)
    return found.value.item


def edit(name: str, change: Callable[[Any], None]) -> Change:
    """Change one JSON part and keep its one form."""

    def act(parts: Parts) -> None:
        told = json.loads(parts[name])
        change(told)
        parts[name] = canonical(told)

    return act


# --- the honest one


def test_an_honest_package_is_accepted_and_its_totals_are_added_up_anew(made: Made) -> None:
    answer = check_file(made.package, policy=made.policy())
    assert answer.kind == "package"
    said = [one.sentence for one in answer.proved]
    assert any("added up anew" in one for one in said)
    assert any("events are in the log" in one for one in said)
    lines = json.loads(made.parts["statement.json"])["lineage"]
    counted = next(x for x in answer.proved if "added up anew" in x.sentence).facts["count"]
    assert counted == len(lines)


def test_a_package_holds_what_a_stranger_needs(made: Made) -> None:
    names = set(made.parts)
    told = {"statement.json", "inventory.json", "activity.json", "opinion.json"}
    told |= {"report.pdf", "report.xlsx", "report.xhtml"}
    assert told | {"evidence/index.json", "ledger/proofs.json"} <= names
    proofs = json.loads(made.parts["ledger/proofs.json"])
    assert {"inventory", "statement", "report", "opinion"} <= set(proofs["proofs"])
    assert sum(name.startswith("entry:") for name in proofs["proofs"]) == 1
    rows = json.loads(made.parts["activity.json"])
    assert len(rows) == 5 * 12  # power of the own roof emits nothing and has no line
    index = json.loads(made.parts["evidence/index.json"])
    assert {one["kind"] for one in index} == {"upload", "entry"}
    for one in index:
        file = made.parts[f"evidence/{one['sha256']}"]
        assert hashlib.sha256(file).hexdigest() == one["sha256"]


def test_a_stranger_checks_it_without_django_and_without_a_network(
    made: Made, tmp_path: Path
) -> None:
    alone, package, trust = (tmp_path / name for name in ("v.pyz", "r.asice", "trust"))
    call_command("build_verifier", str(alone))
    package.write_bytes(made.package)
    trust.write_text(made.trust, encoding="utf-8")
    command = [sys.executable, "-I", str(alone), str(package), "--trust", str(trust), "--json"]
    found = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    told = json.loads(found.stdout)
    assert (found.returncode, told["answer"], told["kind"]) == (0, "YES", "package")


def test_the_verifier_stays_small_enough_to_be_read(made: Made, tmp_path: Path) -> None:
    """All of ours that runs to judge a package; an attestation has its own count."""
    package = tmp_path / "r.asice"
    package.write_bytes(made.package)
    day = tmp_path / "day.json"
    day.write_bytes(made.day)
    with_reading = lines_behind(tmp_path, package, "--reading", str(day), trust=made.trust)
    assert 500 < lines_behind(tmp_path, package, trust=made.trust) < with_reading <= 1500


# --- readings, proved on request


def held_against(made: Made, proof: bytes) -> str:
    """YES, or the name of the part that does not hold."""
    try:
        check_file(made.package, policy=made.policy(), reading=proof)
    except Refused as no:
        return no.item
    return "YES"


def test_a_package_names_the_root_of_every_meters_month_behind_a_row(made: Made) -> None:
    ((row_id, months),) = json.loads(made.parts["readings.json"]).items()
    row = next(one for one in json.loads(made.parts["activity.json"]) if one["id"] == row_id)
    assert (row["source_code"], row["month"][:7]) == ("GRID", "2025-02")
    assert {len(facts[-1]) for facts in months} == {64} and len(months) == 2
    said = check_file(made.package, policy=made.policy()).proved
    assert any("under its Merkle root" in one.sentence for one in said)


def test_a_day_of_readings_is_proved_against_the_package_even_after_a_correction(
    made: Made,
) -> None:
    assert held_against(made, made.day) == "YES"
    assert held_against(made, made.corrected) == "reading"


@pytest.mark.parametrize(
    "change",
    [
        lambda proof: proof.update(leaf=proof["leaf"].replace("500000000", "400000000", 1)),
        lambda proof: proof.update(leaf=proof["leaf"].replace("2025-02-03", "2025-02-04")),
        lambda proof: proof.update(leaf=proof["leaf"].replace("2025-02-03", "2025-03-03")),
        lambda proof: proof.update(root="0" * 64),
        lambda proof: proof["path"].pop(),
        lambda proof: proof.update(index=proof["index"] + 1),
        lambda proof: proof.pop("root"),
        lambda proof: proof.update(path="no path"),
    ],
)
def test_a_forged_proof_of_readings_is_refused(
    made: Made, change: Callable[[dict[str, Any]], None]
) -> None:
    proof = json.loads(made.day)
    change(proof)
    assert json.dumps(proof).encode() != made.day
    assert held_against(made, json.dumps(proof).encode()) == "reading"


def test_readings_are_asked_of_a_package_alone(made: Made) -> None:
    with pytest.raises(Refused) as found:
        check_file(made.parts["report.pdf"], policy=made.policy(), reading=made.day)
    assert found.value.item == "reading"


# --- a stranger's forgeries: the signature no longer fits, or is not one that the reader trusts


def test_a_changed_byte_in_any_part_is_refused(made: Made) -> None:
    for name in made.parts:

        def flip(parts: Parts, name: str = name) -> None:
            raw = bytearray(parts[name])
            raw[len(raw) // 2] ^= 1
            parts[name] = bytes(raw)

        assert refused(made.touched(flip), made.policy()) in {name, "manifest", "package"}, name


def test_other_numbers_with_every_hash_made_anew_are_refused(made: Made) -> None:
    def lower(parts: Parts) -> None:
        edit("statement.json", lambda s: s["totals"].update(direct_tco2e="1"))(parts)
        manifest = json.loads(parts["manifest.json"])
        said = hashlib.sha256(parts["statement.json"]).hexdigest()
        manifest["files"]["statement.json"] = manifest["statement_sha256"] = said
        parts["manifest.json"] = canonical(manifest)

    assert refused(made.touched(lower), made.policy()) == "manifest"


def test_swapped_evidence_is_refused(made: Made) -> None:
    def swap(parts: Parts) -> None:
        name = next(x for x in parts if x.startswith("evidence/") and x != "evidence/index.json")
        parts[name] = b"another bill\n"

    assert refused(made.touched(swap), made.policy()).startswith("evidence/")


def test_a_removed_opinion_is_refused(made: Made) -> None:
    assert refused(made.touched(lambda p: p.pop("opinion.json")), made.policy()) == "manifest"


def test_a_part_too_many_is_refused(made: Made) -> None:
    forged = made.touched(lambda p: p.update({"note.txt": b"trust me"}))
    assert refused(forged, made.policy()) == "manifest"


def test_a_package_signed_again_by_another_key_is_refused(made: Made, tmp_path: Path) -> None:
    other = tmp_path / "other"
    signing.make_document_keys(other, demonstration=True, at=datetime.now(UTC))
    forged = made.signed(lambda _parts: None, keys=other)
    assert refused(forged, made.policy()) == "signature"


def test_without_a_trusted_root_nothing_is_accepted(made: Made) -> None:
    log_line = next(line for line in made.trust.splitlines() if line.startswith("log "))
    assert refused(made.package, Policy.parse(log_line)) == "signature"


def test_what_is_no_package_is_refused(made: Made) -> None:
    assert refused(b"PK\x03\x04 and so on", made.policy()) == "package"
    assert refused(made.package[:-40], made.policy()) == "package"


# --- the maker's own lies: the signature is good, and still it does not hold together


def test_another_statement_than_the_report_carries_is_refused(made: Made) -> None:
    forged = made.signed(edit("statement.json", lambda s: s["totals"].update(direct_tco2e="1")))
    assert refused(forged, made.policy()) == "report"


def test_a_report_of_other_numbers_signed_anew_by_the_maker_is_refused(made: Made) -> None:
    def lower(parts: Parts) -> None:
        statement = json.loads(parts["statement.json"])
        statement["totals"]["direct_tco2e"] = "1"
        pdf = documents.get_pdf(statement, language="en")
        parts["report.pdf"] = signing.FileDocumentSigner(made.keys).sign(pdf).content
        parts["statement.json"] = canonical(statement)

    assert refused(made.signed(lower), made.policy()) == "figures"


def test_an_inventory_with_other_lines_is_refused(made: Made) -> None:
    def halve(inventory: Any) -> None:
        inventory["result"]["lines"].pop()

    assert refused(made.signed(edit("inventory.json", halve)), made.policy()) == "inventory"


def test_a_row_with_another_amount_is_refused(made: Made) -> None:
    def more(rows: Any) -> None:
        rows[0]["amount"] = "1"

    assert refused(made.signed(edit("activity.json", more)), made.policy()) == "activity"


@pytest.mark.parametrize(
    "change",
    [
        lambda months: next(iter(months.values())).pop(),
        lambda months: next(iter(months.values()))[0].__setitem__(-1, "0" * 64),
        lambda months: next(iter(months.values()))[0].__setitem__(1, "1"),
        lambda months: months.clear(),
    ],
)
def test_other_meters_behind_a_row_are_refused(made: Made, change: Callable[[Any], None]) -> None:
    assert refused(made.signed(edit("readings.json", change)), made.policy()) == "readings"


def test_a_row_that_is_not_the_sum_of_its_meters_is_refused() -> None:
    months = [["m", "1500000000", "kWh", "2", "672", "0", "672", "0" * 64]]
    row = {"evidence": f"meters:1 sha256:{tracing.digest(months)}", "measure": "MWh"}
    tracing._check_meters({**row, "amount": "3.000000000000"}, months)
    with pytest.raises(Refused, match="not the sum"):
        tracing._check_meters({**row, "amount": "2.9"}, months)


def test_evidence_swapped_by_the_maker_is_refused(made: Made) -> None:
    def swap(parts: Parts) -> None:
        index = json.loads(parts["evidence/index.json"])
        one = next(x for x in index if x["kind"] == "upload")
        content = b"source,month,quantity\n"
        parts.pop(f"evidence/{one['sha256']}")
        one["sha256"] = one["row"]["sha256"] = hashlib.sha256(content).hexdigest()
        parts[f"evidence/{one['sha256']}"] = content
        parts["evidence/index.json"] = canonical(index)

    assert refused(made.signed(swap), made.policy()) == "proofs"


def test_an_opinion_left_out_or_made_better_by_the_maker_is_refused(made: Made) -> None:
    assert refused(made.signed(lambda p: p.pop("opinion.json")), made.policy()) == "opinion"
    better = edit("opinion.json", lambda o: o.update(text="Better than it was."))
    assert refused(made.signed(better), made.policy()) == "proofs"
    bound = edit("opinion.json", lambda o: o.update(bound_hash="0" * 64))
    assert refused(made.signed(bound), made.policy()) == "opinion"


def test_a_tagged_report_with_other_totals_is_refused(made: Made) -> None:
    def retag(parts: Parts) -> None:
        page = parts["report.xhtml"].decode()
        head, tag, rest = page.partition('name="tz:Scope1"')
        begin, _value, end = rest.split(">", 1)[0], *rest.split(">", 1)[1].split("<", 1)
        parts["report.xhtml"] = f"{head}{tag}{begin}>1.00<{end}".encode()

    assert refused(made.signed(retag), made.policy()) == "figures"


def test_a_proof_left_out_is_refused(made: Made) -> None:
    for name in ("inventory", "opinion", "rows:0"):
        forged = made.signed(edit("ledger/proofs.json", lambda p, n=name: p["proofs"].pop(n)))
        assert refused(forged, made.policy()) == "proofs", name
