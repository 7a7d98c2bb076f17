"""Grid regions and provinces (GB/T 2260) in words: codes in the rows, names on the pages."""

from collections.abc import Mapping

from ledger.kernel.errors import N_

REGIONS: Mapping[str, str] = {
    "CN": N_("the whole country"),
    "NORTH": N_("North grid"),
    "NORTHEAST": N_("Northeast grid"),
    "EAST": N_("East grid"),
    "CENTRAL": N_("Central grid"),
    "NORTHWEST": N_("Northwest grid"),
    "SOUTH": N_("South grid"),
    "SOUTHWEST": N_("Southwest grid"),
}
PROVINCES: Mapping[str, str] = {
    "110000": N_("Beijing"),
    "120000": N_("Tianjin"),
    "130000": N_("Hebei"),
    "140000": N_("Shanxi"),
    "150000": N_("Inner Mongolia"),
    "210000": N_("Liaoning"),
    "220000": N_("Jilin"),
    "230000": N_("Heilongjiang"),
    "310000": N_("Shanghai"),
    "320000": N_("Jiangsu"),
    "330000": N_("Zhejiang"),
    "340000": N_("Anhui"),
    "350000": N_("Fujian"),
    "360000": N_("Jiangxi"),
    "370000": N_("Shandong"),
    "410000": N_("Henan"),
    "420000": N_("Hubei"),
    "430000": N_("Hunan"),
    "440000": N_("Guangdong"),
    "450000": N_("Guangxi"),
    "460000": N_("Hainan"),
    "500000": N_("Chongqing"),
    "510000": N_("Sichuan"),
    "520000": N_("Guizhou"),
    "530000": N_("Yunnan"),
    "540000": N_("Tibet"),
    "610000": N_("Shaanxi"),
    "620000": N_("Gansu"),
    "630000": N_("Qinghai"),
    "640000": N_("Ningxia"),
    "650000": N_("Xinjiang"),
    "710000": N_("Taiwan"),
    "810000": N_("Hong Kong"),
    "820000": N_("Macao"),
}


def region_name(code: str) -> str:
    """What a region or province is called, to be translated at the door; else the code."""
    return REGIONS.get(code) or PROVINCES.get(code) or code
