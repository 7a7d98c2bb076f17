from reporting.disclosures.admin import projects, telling

__all__ = ["projects", "telling"]
