"""Signs with a key that lies in a token or a hardware module (PKCS#11) and never leaves it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography import x509

from reporting.packages.rules import DocumentKeyMissing
from reporting.packages.signing.contract import PadesSigner

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer


@dataclass(frozen=True)
class TokenDocumentSigner(PadesSigner):
    """`module` is the library of the token's maker; key and certificate bear one label.

    Needs the package `python-pkcs11`, which a deployment with a token installs itself.
    """

    module: str
    token: str
    pin: str
    label: str
    time_service: str = ""

    @cached_property
    def certificate(self) -> x509.Certificate:
        der = self._signer.signing_cert
        if der is None:
            raise DocumentKeyMissing
        return x509.load_der_x509_certificate(der.dump())

    @cached_property
    def _signer(self) -> "Signer":
        """The session stays open as long as the process.

        :raises DocumentKeyMissing: no such library, token or key
        """
        try:
            from pyhanko.config.pkcs11 import TokenCriteria
            from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

            wanted = TokenCriteria(label=self.token) if self.token else None
            session = open_pkcs11_session(
                self.module, token_criteria=wanted, user_pin=self.pin or None
            )
            return PKCS11Signer(
                session, cert_label=self.label, key_label=self.label, use_raw_mechanism=True
            )
        except Exception as wrong:  # a token's library raises what it likes
            raise DocumentKeyMissing from wrong
