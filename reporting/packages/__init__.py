"""Sign, bundle, attest, publish."""
