"""The first run without the demonstration: found the operator, then take in what there is.

It knows every storey, so it stands here and in no room.
"""
