"""A verifier's detached signature (CMS, PKCS#7) over the bytes of a statement, taken apart."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.kernel.errors import N_, DomainError

LARGEST = 256 * 1024
PEM = b"-----BEGIN"
CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})
SHORTEST_RSA = 2048


class NotASignature(DomainError):
    code = "not_a_signature"
    message = N_("The file is no detached signature (CMS or PKCS#7, as DER or PEM).")


class SignatureHoldsContent(DomainError):
    code = "signature_holds_content"
    message = N_("The signature carries a content of its own; sign the statement detached.")


class SignerNotClear(DomainError):
    code = "signer_not_clear"
    message = N_("The signature must have exactly one signer, with the certificate inside.")


class SignatureWrong(DomainError):
    code = "signature_wrong"
    message = N_("The signature does not fit this statement: other bytes were signed.")


class SignatureWeak(DomainError):
    code = "signature_weak"
    message = N_("The signature uses an algorithm or a key that is too weak, or not known here.")


class CertificateNotValid(DomainError):
    code = "certificate_not_valid"
    message = N_("The certificate is valid from %(valid_from)s to %(end)s, and today is outside.")


class CertificateNotForSigning(DomainError):
    code = "certificate_not_for_signing"
    message = N_("The certificate is not for signing documents.")


class ChainBroken(DomainError):
    code = "chain_broken"
    message = N_("The certificates in the signature do not lead from one to the next.")


@dataclass(frozen=True, slots=True)
class Link:
    """A certificate on the way from the signer up."""

    subject: str
    issuer: str
    sha256: str
    valid_from: datetime
    valid_to: datetime

    @property
    def is_self_signed(self) -> bool:
        return self.subject == self.issuer


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that holds. Whether its last certificate is trusted is for people to say."""

    certificate_pem: str
    serial: str
    algorithm: str
    claimed_at: datetime | None
    chain: tuple[Link, ...]

    @property
    def signer(self) -> Link:
        return self.chain[0]


def check_signature(raw: bytes, *, statement: bytes, at: datetime) -> Signed:
    """Take the signature apart and hold it against the statement.

    :raises NotASignature, SignatureHoldsContent, SignerNotClear: it is not of the wanted form
    :raises SignatureWeak, SignatureWrong: it does not convince
    :raises CertificateNotValid, CertificateNotForSigning, ChainBroken: its certificate does not
    """
    signed = _parsed(raw)
    certificates = _certificates(signed)
    signer = _only_signer(signed, certificates)
    chain = _chain(signer, certificates)
    _check_certificate(signer, at)
    _check_above(chain, at)
    status = _validated(signed, statement, chain, at)
    return Signed(
        certificate_pem=_pem(signer),
        serial=format(signer.serial_number, "x"),
        algorithm=f"{status.pkcs7_signature_mechanism}, {status.md_algorithm}",
        claimed_at=status.signer_reported_dt,
        chain=tuple(_link(one) for one in chain),
    )


def _parsed(raw: bytes) -> Any:
    # pyHanko teaches asn1crypto its attributes; one that was used before never learns them
    import pyhanko.sign.general  # noqa: F401
    from asn1crypto import cms, pem

    if not raw or len(raw) > LARGEST:
        raise NotASignature
    try:
        if raw.lstrip().startswith(PEM):
            raw = pem.unarmor(raw.lstrip())[2]
        info = cms.ContentInfo.load(raw, strict=True)
        if info["content_type"].native != "signed_data":
            raise NotASignature
        signed = info["content"]
        signed.native  # noqa: B018  reads it to the end: what cannot be read is told now
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise NotASignature from error
    if signed["encap_content_info"]["content"].native is not None:
        raise SignatureHoldsContent
    return signed


def _certificates(signed: Any) -> list[Any]:
    return [one.chosen for one in signed["certificates"] if one.name == "certificate"]


def _only_signer(signed: Any, certificates: list[Any]) -> Any:
    infos = list(signed["signer_infos"])
    if len(infos) != 1:
        raise SignerNotClear
    sid = infos[0]["sid"]
    for one in certificates:
        if sid.name == "issuer_and_serial_number":
            named = (one.issuer, one.serial_number)
            if named == (sid.chosen["issuer"], sid.chosen["serial_number"].native):
                return one
        elif one.key_identifier == sid.chosen.native:
            return one
    raise SignerNotClear


def _chain(signer: Any, certificates: list[Any]) -> list[Any]:
    """From the signer up, as far as the signature brings certificates along."""
    chain = [signer]
    while chain[-1].self_signed == "no":
        above = [one for one in certificates if one.subject == chain[-1].issuer]
        above = [one for one in above if one not in chain]
        if not above:
            break
        chain.append(above[0])
    return chain


def _check_certificate(signer: Any, at: datetime) -> None:
    begin, end = signer.not_valid_before, signer.not_valid_after
    if not begin <= at <= end:
        raise CertificateNotValid(valid_from=begin.date().isoformat(), end=end.date().isoformat())
    usage = signer.key_usage_value
    allowed = usage.native if usage is not None else {"digital_signature"}
    if not allowed & {"digital_signature", "non_repudiation"}:
        raise CertificateNotForSigning
    key = signer.public_key
    if key.algorithm == "rsa" and key.bit_size < SHORTEST_RSA:
        raise SignatureWeak
    if key.algorithm == "ec" and key.curve[1] not in CURVES:
        raise SignatureWeak


def _check_above(chain: list[Any], at: datetime) -> None:
    """What stands above the signer are authorities of today, and the top signed itself."""
    from cryptography import x509

    if any(
        not one.ca or not one.not_valid_before <= at <= one.not_valid_after for one in chain[1:]
    ):
        raise ChainBroken
    if chain[-1].self_signed == "no":
        return
    try:
        top = x509.load_der_x509_certificate(chain[-1].dump())
        top.verify_directly_issued_by(top)
    except Exception as error:  # a stranger's bytes, as below
        raise ChainBroken from error


def _validated(signed: Any, statement: bytes, chain: list[Any], at: datetime) -> Any:
    """By pyHanko: the attributes, the digest, the signature, and the path up the chain."""
    import asyncio

    from pyhanko.sign.validation import async_validate_detached_cms
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(
        trust_roots=[chain[-1]], other_certs=chain, moment=at, best_signature_time=at
    )
    # what the certificate is for was looked at; without the extension it is for everything
    wanted = KeyUsageConstraints(key_usage=set(), match_all_key_usages=False)
    try:
        status = asyncio.run(
            async_validate_detached_cms(
                statement,
                signed,
                signer_validation_context=context,
                key_usage_settings=wanted,
            )
        )
    except Exception as error:  # a stranger's bytes: what cannot be read is refused
        raise SignatureWeak from error
    if not (status.intact and status.valid):
        raise SignatureWrong
    if not status.trusted:
        raise ChainBroken
    return status


def _link(certificate: Any) -> Link:
    from cryptography import x509

    try:
        told = x509.load_der_x509_certificate(certificate.dump())
        subject, issuer = told.subject.rfc4514_string(), told.issuer.rfc4514_string()
    except ValueError as error:  # read by one library, and by the stricter one not
        raise ChainBroken from error
    return Link(
        subject=subject,
        issuer=issuer,
        sha256=certificate.sha256.hex(),
        valid_from=certificate.not_valid_before,
        valid_to=certificate.not_valid_after,
    )


def _pem(certificate: Any) -> str:
    from asn1crypto import pem

    return str(pem.armor("CERTIFICATE", certificate.dump()).decode())
