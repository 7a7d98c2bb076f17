from reporting.parks.admin import lists, metering

__all__ = ["lists", "metering"]
