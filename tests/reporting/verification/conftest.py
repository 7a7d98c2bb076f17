from tests.reporting.inventories.conftest import (  # noqa: F401  the same park, data and people
    dataset,
    facility,
    manager,
    operator,
    own_folder,
    park,
    reference,
)
