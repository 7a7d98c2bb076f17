"""Checks an attestation or a report without the server: Python and `cryptography`, no Django.

`python -m reporting.packages.verifier FILE [--trust KEYS] [--previous FILE [--way FILE]]
[--reading FILE] [--json]`
"""
