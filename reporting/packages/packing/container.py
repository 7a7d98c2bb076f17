"""The container: ASiC-E (EN 319 162-1) with one CAdES signature over a list of digests.

What `manifest.json` says, the ASiC manifest repeats in the form of the standard, byte for byte as
`verifier/package.py` expects it: so a small verifier needs no reader of XML.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any

from ledger.kernel.canonical import canonical_json
from reporting.packages.verifier.package import (
    ASIC_MANIFEST,
    MANIFEST,
    MIMETYPE,
    SIGNATURE,
    TYPE,
    asic_manifest,
)

FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def pack(parts: Mapping[str, bytes], *, about: Mapping[str, Any], sign: Any) -> bytes:
    """The signed package. `sign` takes the bytes to be signed and gives a detached CMS."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    manifest = canonical_json({"type": TYPE, **about, "files": hashes})
    signed = asic_manifest({**hashes, MANIFEST: hashlib.sha256(manifest).hexdigest()})
    whole = {
        **dict(sorted(parts.items())),
        MANIFEST: manifest,
        ASIC_MANIFEST: signed,
        SIGNATURE: sign(signed),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        # first and unpacked, so that a reader knows what it is from the first bytes
        container.writestr(_named("mimetype"), MIMETYPE, zipfile.ZIP_STORED)
        for name, content in whole.items():
            container.writestr(_named(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _named(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, FIRST_DAY)
