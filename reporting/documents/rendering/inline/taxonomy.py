"""The files of the taxonomy: schema, labels in two languages, calculation. All words are ours."""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from reporting.documents.rendering.inline.concepts import SUMS, concepts

NAMESPACE = "urn:tanzhang:taxonomy:ghg:2026"
SCHEMA = "tanzhang-ghg-2026.xsd"
CALCULATION = "tanzhang-ghg-2026-cal.xml"
LABELS = {"zh": "tanzhang-ghg-2026-lab-zh.xml", "en": "tanzhang-ghg-2026-lab-en.xml"}
LINK = "http://www.xbrl.org/2003/linkbase"
ROLE = "http://www.xbrl.org/2003/role/link"
LABEL_ROLE = "http://www.xbrl.org/2003/role/label"
HAS_LABEL = "http://www.xbrl.org/2003/arcrole/concept-label"
ADDS_UP = "https://xbrl.org/2023/arcrole/summation-item"
ADDS_UP_SCHEMA = "https://www.xbrl.org/2023/calculation-1.1.xsd"
IS_LINKBASE = "http://www.w3.org/1999/xlink/properties/linkbase"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def taxonomy_files() -> Mapping[str, bytes]:
    """Every file by its name; the report names the schema, the schema the others."""
    made = {
        SCHEMA: _schema(),
        CALCULATION: _calculation(),
        **{LABELS[language]: _labels(language) for language in LABELS},
    }
    return {name: (XML + text).encode() for name, text in made.items()}


def _schema() -> str:
    references = "".join(
        f"<link:linkbaseRef xlink:type='simple' xlink:href='{name}' xlink:arcrole='{IS_LINKBASE}' "
        f"xlink:role='http://www.xbrl.org/2003/role/{role}LinkbaseRef'/>"
        for name, role in (
            (CALCULATION, "calculation"), (LABELS["zh"], "label"), (LABELS["en"], "label"),
        )
    )  # fmt: skip
    elements = "\n".join(
        f"<xsd:element name='{one.name}' id='tz_{one.name}' type='{one.item_type}' "
        "substitutionGroup='xbrli:item' xbrli:periodType='duration' nillable='true'/>"
        for one in concepts().values()
    )
    return f"""<xsd:schema targetNamespace='{NAMESPACE}' elementFormDefault='qualified'
 xmlns:xsd='http://www.w3.org/2001/XMLSchema' xmlns:xbrli='http://www.xbrl.org/2003/instance'
 xmlns:link='{LINK}' xmlns:xlink='http://www.w3.org/1999/xlink'
 xmlns:dtr='http://www.xbrl.org/dtr/type/2024-01-31'>
<xsd:annotation><xsd:appinfo>{references}</xsd:appinfo></xsd:annotation>
<xsd:import namespace='http://www.xbrl.org/2003/instance'
 schemaLocation='http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd'/>
<xsd:import namespace='http://www.xbrl.org/dtr/type/2024-01-31'
 schemaLocation='https://www.xbrl.org/dtr/type/2024-01-31/types.xsd'/>
{elements}
</xsd:schema>
"""


def _linkbase(kind: str, body: str, *, arcrole: str = "") -> str:
    return f"""<link:linkbase xmlns:link='{LINK}' xmlns:xlink='http://www.w3.org/1999/xlink'>
{arcrole}<link:{kind}Link xlink:type='extended' xlink:role='{ROLE}'>
{body}
</link:{kind}Link>
</link:linkbase>
"""


def _locator(name: str) -> str:
    return f"<link:loc xlink:type='locator' xlink:href='{SCHEMA}#tz_{name}' xlink:label='{name}'/>"


def _labels(language: str) -> str:
    def lines() -> Iterator[str]:
        for one in concepts().values():
            label = escape(one.label[language])
            yield (
                f"{_locator(one.name)}<link:label xlink:type='resource' "
                f"xlink:label='label_{one.name}' xlink:role='{LABEL_ROLE}' "
                f"xml:lang={quoteattr(language)}>{label}</link:label>"
                f"<link:labelArc xlink:type='arc' xlink:arcrole='{HAS_LABEL}' "
                f"xlink:from='{one.name}' xlink:to='label_{one.name}'/>"
            )

    return _linkbase("label", "\n".join(lines()))


def _calculation() -> str:
    names = dict.fromkeys([*SUMS, *(part for parts in SUMS.values() for part in parts)])
    arcs = [
        f"<link:calculationArc xlink:type='arc' xlink:arcrole='{ADDS_UP}' xlink:from='{whole}' "
        f"xlink:to='{part}' order='{place}' weight='1'/>"
        for whole, parts in SUMS.items()
        for place, part in enumerate(parts, 1)
    ]
    reference = (
        f"<link:arcroleRef xlink:type='simple' arcroleURI='{ADDS_UP}' "
        f"xlink:href='{ADDS_UP_SCHEMA}#summation-item'/>\n"
    )
    body = "\n".join([*(_locator(name) for name in names), *arcs])
    return _linkbase("calculation", body, arcrole=reference)
