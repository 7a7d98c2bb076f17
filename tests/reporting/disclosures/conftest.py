from tests.reporting.inventories.conftest import (  # noqa: F401  the same park
    dataset,
    facility,
    manager,
    operator,
    own_folder,
    park,
    reference,
)
