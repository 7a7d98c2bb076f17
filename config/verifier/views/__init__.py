"""The pages of the verifier's site, by what they are about."""
