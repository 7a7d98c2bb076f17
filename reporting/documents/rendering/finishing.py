"""Last touches to the PDF that WeasyPrint has no option for."""

import zlib
from typing import Any

import pydyf

# PDF/A allows a foreign property in the metadata only with its description beside it.
UNIVERSAL_ACCESS = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF>"""


def finish(_document: Any, pdf: pydyf.PDF) -> None:
    """Say that the file is accessible (PDF/UA-1) beside archival (PDF/A-3a)."""
    reference = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[reference]
    metadata.stream = [part.replace(b"</rdf:RDF>", UNIVERSAL_ACCESS) for part in metadata.stream]
    preferences = pdf.catalog.setdefault("ViewerPreferences", pydyf.Dictionary())
    preferences["DisplayDocTitle"] = "true"
    for stream in pdf.objects:
        if isinstance(stream, pydyf.Stream) and stream.compress:
            compress(stream)


def compress(stream: pydyf.Stream) -> None:
    """By us, because the library takes level 9: a fifth of an attestation's time, most of it for
    the fonts, and a file a hundredth smaller.
    """
    _length, _, written = pydyf.Stream(stream.stream).data.partition(b"\nstream\n")
    stream.stream = [zlib.compress(written.removesuffix(b"\nendstream"))]
    stream.extra = {**stream.extra, "Filter": "/FlateDecode"}
    stream.compress = False
