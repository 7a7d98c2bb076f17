"""Our own fonts and no others, so that a document looks the same on every machine."""

import os
import tempfile
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from django.conf import settings
from weasyprint.text.fonts import FontConfiguration

FONTS = "config/static/fonts"
RULES = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@cache
def font_configuration() -> FontConfiguration:
    """One for the whole process: a new one for each document eats memory."""
    folder = Path(tempfile.mkdtemp(prefix="tanzhang-fonts-"))
    rules = folder / "fonts.conf"
    fonts = escape(str(Path(settings.BASE_DIR) / FONTS))
    rules.write_text(RULES.format(fonts=fonts, cache=escape(str(folder / "cache"))))
    # read by the fontconfig library when the configuration below is made
    os.environ["FONTCONFIG_FILE"] = str(rules)
    return FontConfiguration()
