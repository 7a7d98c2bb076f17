from tests.reporting.inventories.conftest import (  # noqa: F401  the same park, data and people
    dataset,
    manager,
    operator,
    own_folder,
    park,
    reference,
)
