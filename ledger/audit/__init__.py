"""Append-only events, hash chain, Merkle log, checkpoints, proofs, verification."""
