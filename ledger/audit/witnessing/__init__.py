"""Outside witnesses of the log (c2sp.org/tlog-witness): the one who cosigns, and how she is asked.

No Django here: a bank runs the witness with Python and `cryptography` alone.
"""
