# Django's own zh_Hans groups by four with an empty separator, so 1234567.89 stays bare.
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
