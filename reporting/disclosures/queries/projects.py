"""The register of sink and CCUS projects: the newest version of each, and what each removed."""

from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from reporting.disclosures.models import Project, Removal
from reporting.disclosures.queries.entries import SEES_ALL


def projects_for(by: Actor) -> QuerySet[Project]:
    """Each project of the actor's own party as it stands: in its newest version."""
    newer = Project.objects.filter(
        park_id=OuterRef("park_id"), code=OuterRef("code"), version__gt=OuterRef("version")
    )
    rows = Project.objects.filter(~Exists(newer))
    return rows if by.has(*SEES_ALL) else rows.filter(party_id=by.own_party)


def with_removed(rows: QuerySet[Project]) -> QuerySet[Project]:
    """Each with `removed`: what is said now of all its years together."""
    said = Removal.objects.filter(_is_newest(), park_id=OuterRef("park_id"), code=OuterRef("code"))
    whole = said.order_by().values("code").annotate(whole=Sum("removed_tco2e")).values("whole")
    return rows.annotate(removed=Coalesce(Subquery(whole), Value(Decimal(0))))


def _is_newest() -> Q:
    """Of a removal: no later version tells of its project and year."""
    newer = Removal.objects.filter(
        park_id=OuterRef("park_id"),
        code=OuterRef("code"),
        year=OuterRef("year"),
        version__gt=OuterRef("version"),
    )
    return Q(~Exists(newer))


def removals_for(by: Actor) -> QuerySet[Removal]:
    """What is said of each project and year now."""
    rows = Removal.objects.filter(_is_newest())
    return rows if by.has(*SEES_ALL) else rows.filter(party_id=by.own_party)


def get_project(project_id: UUID, *, by: Actor) -> Project:
    """The project that a row is a version of, as it stands.

    :raises NotFound: not there, or another party's
    """
    row = Project.objects.filter(pk=project_id).first()
    found = row and projects_for(by).filter(park_id=row.park_id, code=row.code).first()
    if not found:
        raise NotFound
    return found


def versions_of(project: Project) -> QuerySet[Project]:
    """Newest first."""
    rows = Project.objects.filter(park_id=project.park_id, code=project.code)
    return rows.order_by("-version")


def removals_of(project: Project) -> list[Removal]:
    """Of each year what is said now, the newest year first."""
    rows = Removal.objects.filter(park_id=project.park_id, code=project.code)
    newest = {row.year: row for row in rows.order_by("year", "version")}
    return [newest[year] for year in sorted(newest, reverse=True)]


def newest_version(park_id: UUID, code: str) -> int:
    found = Project.objects.filter(park_id=park_id, code=code).order_by("-version").first()
    return found.version if found else 0


def newest_removal_version(project: Project, year: int) -> int:
    rows = Removal.objects.filter(park_id=project.park_id, code=project.code, year=year)
    found = rows.order_by("-version").first()
    return found.version if found else 0
