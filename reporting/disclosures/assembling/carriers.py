"""What energy carriers are called. A factor's own name may say more, e.g. of which grid."""

from reporting.disclosures.assembling.wording import same, words

CARRIERS = {
    "ANTHRACITE": ("无烟煤", "Anthracite"),
    "BITUMINOUS": ("烟煤", "Bituminous"),
    "LIGNITE": ("褐煤", "Lignite"),
    "WASHED_COAL": ("洗精煤", "Washed coal"),
    "OTHER_WASHED_COAL": ("其他洗煤", "Other washed coal"),
    "GANGUE": ("煤矸石", "Coal gangue"),
    "COAL_SLIME": ("煤泥", "Coal slime"),
    "COKE": ("焦炭", "Coke"),
    "PETROLEUM_COKE": ("石油焦", "Petroleum coke"),
    "OTHER_COAL_PRODUCTS": ("其他煤制品", "Other coal products"),
    "CRUDE_OIL": ("原油", "Crude oil"),
    "FUEL_OIL": ("燃料油", "Fuel oil"),
    "GASOLINE": ("汽油", "Gasoline"),
    "DIESEL": ("柴油", "Diesel"),
    "KEROSENE": ("煤油", "Kerosene"),
    "OTHER_OIL_PRODUCTS": ("其他石油制品", "Other oil products"),
    "LNG": ("液化天然气", "LNG"),
    "LPG": ("液化石油气", "LPG"),
    "COAL_TAR": ("煤焦油", "Coal tar"),
    "REFINERY_GAS": ("炼厂干气", "Refinery dry gas"),
    "NATURAL_GAS": ("天然气", "Natural gas"),
    "BLAST_FURNACE_GAS": ("高炉煤气", "Blast-furnace gas"),
    "CONVERTER_GAS": ("转炉煤气", "Converter gas"),
    "COKE_OVEN_GAS": ("焦炉煤气", "Coke-oven gas"),
    "OTHER_COAL_GAS": ("其他煤气", "Other coal gas"),
    "COKING_BITUMINOUS": ("炼焦烟煤", "Coking bituminous"),
    "POWER_COAL": ("电煤", "Coal for power"),
    "AVIATION_GASOLINE": ("航空汽油", "Aviation gasoline"),
    "JET_KEROSENE": ("航空煤油", "Jet kerosene"),
    "NAPHTHA": ("石脑油", "Naphtha"),
    "LUBRICANTS": ("润滑油", "Lubricants"),
    "PARAFFIN": ("石蜡", "Paraffin"),
    "WHITE_SPIRIT": ("溶剂油", "White spirit"),
    "BITUMEN": ("石油沥青", "Bitumen"),
    "FIREWOOD": ("薪柴", "Firewood"),
    "CHARCOAL": ("木炭", "Charcoal"),
    "AGRICULTURAL_WASTE": ("农业废弃物", "Agricultural waste"),
    "DUNG": ("粪便", "Dung"),
    "BIOGENIC_WASTE": ("生物源城市固体废物", "Biogenic municipal waste"),
    "BIOGAS": ("沼气及其他生物气", "Biogas"),
    "BIO_GASOLINE": ("生物汽油", "Bio-gasoline"),
    "BIODIESEL": ("生物柴油", "Biodiesel"),
    "OTHER_BIO_LIQUIDS": ("其他液体生物燃料", "Other liquid biofuels"),
    "ELECTRICITY": ("电力", "Electricity"),
    "HEAT": ("热力", "Heat"),
}


def carrier_name(code: str) -> dict[str, str]:
    """As it stands if a later version of us wrote it."""
    known = CARRIERS.get(code)
    return words(known) if known else same(code.replace("_", " ").lower())
