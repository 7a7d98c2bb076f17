from reporting.activity.admin import datasets, findings

__all__ = ["datasets", "findings"]
