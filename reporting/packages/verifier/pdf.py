"""The PDF: the one file embedded in it, and its signature (PAdES, one revision, nothing after it).

A reader of as much PDF and DER as our documents use. Whatever else there is, is refused.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ledger.kernel.errors import N_
from reporting.packages.verifier.trust import Refused

LARGEST = 64_000_000
EMBEDDED = re.compile(rb"/Type\s*/EmbeddedFile\b")
STREAM = re.compile(rb">>\s*stream\r?\n")
BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")

SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")
CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
SIGNING_CERTIFICATE = bytes.fromhex("060b2a864886f70d010910022f")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SHA256 = (bytes.fromhex("0609608648016503040201"), bytes.fromhex("06096086480165030402010500"))
ECDSA_SHA256 = bytes.fromhex("06082a8648ce3d040302")
RSA_SHA256 = (bytes.fromhex("06092a864886f70d01010b"), bytes.fromhex("06092a864886f70d01010b0500"))
ONE = bytes.fromhex("020101")


def embedded_file(pdf: bytes) -> bytes:
    """:raises Refused: none, more than one, or one that cannot be unpacked"""
    places = [found.end() for found in EMBEDDED.finditer(pdf)]
    if len(places) != 1:
        raise Refused("pdf", f"{len(places)} files are embedded, not one")
    start = STREAM.search(pdf, places[0])
    if start is None or b"/FlateDecode" not in pdf[places[0] - 300 : start.start()]:
        raise Refused("pdf", N_("the embedded file is packed in another way"))
    reading = zlib.decompressobj()
    try:
        content = reading.decompress(pdf[start.end() :], LARGEST)
    except zlib.error as wrong:
        raise Refused("pdf", N_("the embedded file cannot be unpacked")) from wrong
    if not reading.eof:
        raise Refused("pdf", N_("the embedded file is too large or cut off"))
    return content


class Signer(NamedTuple):
    """Who signed, and whether a time stamp stands beside the signature (nobody signs that)."""

    subject: str
    is_stamped: bool


def check_signature(pdf: bytes, *, roots: frozenset[str]) -> Signer:
    """Who signed every byte of the file, under a trusted root.

    :raises Refused: not signed, not all of it, by somebody else, or not in the expected form
    """
    try:
        return _check(pdf, roots)
    except (ValueError, LookupError, TypeError, InvalidSignature, x509.InvalidVersion) as wrong:
        raise Refused("pdf", f"its signature does not hold ({wrong!r})"[:300]) from wrong


def check_detached(cms: bytes, content: bytes, *, roots: frozenset[str]) -> Signer:
    """Who signed the content beside which the signature lies, under a trusted root.

    :raises Refused: somebody else, another content, or not in the expected form
    """
    try:
        return _check_cms(cms, hashlib.sha256(content).digest(), roots)
    except Refused as no:
        raise Refused("signature", no.why) from no
    except (ValueError, LookupError, TypeError, InvalidSignature, x509.InvalidVersion) as wrong:
        raise Refused("signature", f"it does not hold ({wrong!r})"[:300]) from wrong


def _check(pdf: bytes, roots: frozenset[str]) -> Signer:
    ranges = BYTE_RANGE.findall(pdf)
    if len(ranges) != 1:
        raise Refused("pdf", N_("not signed once"))
    start, before, after, rest = map(int, ranges[0])
    if start or after + rest != len(pdf) or not before < after:
        raise Refused("pdf", N_("the signature does not cover the whole file"))
    hole = pdf[before:after]
    cms = bytes.fromhex(hole[1:-1].decode())
    cms = cms[: _item(cms, 0)[2]]
    # one form only: upper case, then zeros
    if hole != b"<" + cms.hex().upper().encode().ljust(after - before - 2, b"0") + b">":
        raise Refused("pdf", N_("bytes that are not of the signature stand in its place"))
    digest = hashlib.sha256(pdf[:before] + pdf[after:]).digest()
    return _check_cms(cms, digest, roots)


def _item(der: bytes, at: int) -> tuple[int, int, int]:
    """Tag, where the content begins, where it ends."""
    length, begin = der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + size], "big"), begin + size
        if size == 0 or length < 0x80 or (length.bit_length() + 7) // 8 != size:
            raise ValueError("length")
    if begin + length > len(der):
        raise ValueError("cut off")
    return der[at], begin, begin + length


def _items(der: bytes, tag: int) -> list[bytes]:
    """The parts of a constructed item, each with its head."""
    told, at, end = _item(der, 0)
    if told != tag or end != len(der):
        raise ValueError(f"tag {told:#x}, not {tag:#x}")
    found = []
    while at < end:
        _, _, after = _item(der, at)
        found.append(der[at:after])
        at = after
    return found


def _check_cms(cms: bytes, digest: bytes, roots: frozenset[str]) -> Signer:
    kind, wrapped = _items(cms, 0x30)
    (signed,) = _items(wrapped, 0xA0)
    version, algorithms, content, certificates, signers = _items(signed, 0x30)
    (algorithm,), (signer,) = _items(algorithms, 0x31), _items(signers, 0x31)
    sound = kind == SIGNED_DATA and version == ONE and _items(content, 0x30) == [DATA]
    if not sound or _inside(algorithm) not in SHA256:
        raise Refused("pdf", N_("the signature is of another kind"))
    signing = _chain(_items(certificates, 0xA0), roots)
    is_stamped = _check_signer(_items(signer, 0x30), signing, digest)
    return Signer(signing.subject.rfc4514_string(), is_stamped)


def _inside(der: bytes, tag: int = 0x30) -> bytes:
    told, begin, end = _item(der, 0)
    if told != tag or end != len(der):
        raise ValueError(f"tag {told:#x}, not {tag:#x}")
    return der[begin:end]


def _chain(told: list[bytes], roots: frozenset[str]) -> x509.Certificate:
    """The one certificate that signs, issued by the trusted root; no others are in the file."""
    bag = [x509.load_der_x509_certificate(one) for one in told]
    trusted = [one for one in bag if one.fingerprint(hashes.SHA256()).hex() in roots]
    others = [one for one in bag if one not in trusted]
    if len(trusted) != 1 or len(others) != 1:
        raise Refused("pdf", N_("its certificate does not come from a root that you trust"))
    others[0].verify_directly_issued_by(trusted[0])
    return others[0]


def _check_signer(parts: list[bytes], signing: x509.Certificate, digest: bytes) -> bool:
    """Whether anything stands behind the signature, which could only be time stamps."""
    version, who, hashed, attributes, method, signature, *stamps = parts
    serial = _integer(signing.serial_number)
    if version != ONE or _inside(who) != signing.issuer.public_bytes() + serial:
        raise Refused("pdf", N_("the signature names another certificate"))
    said = dict(_attributes(attributes))
    if _inside(hashed) not in SHA256 or said.get(CONTENT_TYPE) != DATA:
        raise Refused("pdf", N_("the signature is of another kind"))
    if said.get(MESSAGE_DIGEST) != b"\x04\x20" + digest:
        raise Refused("pdf", N_("it was changed after it was signed"))
    if b"\x04\x20" + signing.fingerprint(hashes.SHA256()) not in _named_certificate(said):
        raise Refused("pdf", N_("the signature names another certificate"))
    message, key = b"\x31" + attributes[1:], signing.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and _inside(method) == ECDSA_SHA256:
        key.verify(_inside(signature, 0x04), message, ec.ECDSA(hashes.SHA256()))
    elif isinstance(key, rsa.RSAPublicKey) and _inside(method) in RSA_SHA256:
        key.verify(_inside(signature, 0x04), message, padding.PKCS1v15(), hashes.SHA256())
    else:
        raise Refused("pdf", N_("the signature is of another kind"))
    for one in stamps:
        _inside(one, 0xA1)
    return bool(stamps)


def _named_certificate(said: Mapping[bytes, bytes]) -> list[bytes]:
    """What the signer signed of her own certificate (ESSCertIDv2, RFC 5035)."""
    (named,) = _items(_items(said[SIGNING_CERTIFICATE], 0x30)[0], 0x30)
    return _items(named, 0x30)


def _integer(value: int) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(content)]) + content


def _attributes(told: bytes) -> Iterator[tuple[bytes, bytes]]:
    for one in _items(told, 0xA0):
        kind, values = _items(one, 0x30)
        (value,) = _items(values, 0x31)
        yield kind, value
