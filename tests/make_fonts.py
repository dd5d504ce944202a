"""Makes the fonts of the summary's picture (`bot/fonts`) from Debian's fonts-noto-cjk.

    .venv/bin/python tests/make_fonts.py

A subset of Noto Sans CJK SC: GB2312, the signs that the summary writes, and characters of names
that GB2312 does not have. Renamed, because a changed font may not carry a name its makers keep.
Without hints (nothing hints at two pixels per point) it is half the size. The same input makes
the same bytes.
"""

from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto")
TARGET = Path(__file__).parents[1] / "bot" / "fonts"
FAMILY = "Qunyun Sans SC"
SIGNS = "←↑→↓≤≥≈≠÷×−·…—–“”‘’¥￥□■●○▲▼✓‰"
NAMES = (
    "喆堃玥珺翀燚昇彧祎垚钰珅玹赟頔晟烜瑀琬璟翊旻昱晗晞晔暄楠沄泓涵滢潇澍濛炘焱煊熠琛琦瑄瑾璇璐睿祺"
    "翎茗莀菡蓁蕙薇芃芊芮荟蕴裴谞郗郦鑫钧铄铭锟镕闫霁霂霖颢飏馨骁骐黛亓仝佟俞倪勐厶叒叕嘏囍堉墉奡妍姞"
    "姝婕婷媛孖崟嵘嵩巍弢彣彤忻恺惇憬懿扆攸昀昉昕昶晏晧曦杕枘栩桁梓棪榕槿橦檀歆毓泠洢洵浠涑淼湜湲溁漪"
    "潞濂灏炅炆炜炫烨焓煜煦熙燊爔玗玘玚玠玢玦珂珈珏珑珣珩珮琊琎琤琨琪琮琰瑗瑛瑜瑞瑢瑶璁璎璞璨璿瓒畲皓"
    "皛皞盉睆砚硕礽祁祐祚祜祯禔禛禧禾稷穆窈筠箐籽纾绎绮绾羲翙翛聿胤臻舜芏芘芪苌茜荃荇莙菁萱葳蔚蕤薿蘅"
    "虞衎袆裕褚觊訚諟谌谡贇赜轶迦逄逖邈邕邰邳郇郜郯郾鄢酆醴鋆鎏钊钲铉铖铧锜锴锶镒阆陟隗隽雍雎雩雯靓韪"
    "颀颐飒馥骅骊骋骎骢鲲鸢鹄鹭麟龑龢"
)


def characters() -> set[int]:
    """The code points of the subset."""
    latin = map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)])
    return {ord(one) for one in (*gb2312(), *latin, *SIGNS, *NAMES)}


def gb2312() -> Iterator[str]:
    """Every character of GB2312."""
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield bytes([high, low]).decode("gb2312")
            except UnicodeDecodeError:
                continue


def make(style: str) -> None:
    """One weight."""
    font = TTFont(SOURCE / f"NotoSansCJK-{style}.ttc", fontNumber=2, recalcTimestamp=False)
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    file = f"{FAMILY.replace(' ', '')}-{style}"
    names = {1: FAMILY, 2: style, 3: file, 4: f"{FAMILY} {style}", 6: file}
    for record in font["name"].names:
        record.string = names.get(record.nameID, str(record))
    cff = font["CFF "].cff
    cff.fontNames = [file]
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName = names[4], FAMILY
    font.save(TARGET / f"{file}.otf")


if __name__ == "__main__":
    shown = characters()
    (TARGET / "characters.txt").write_text("".join(map(chr, sorted(shown))), encoding="utf-8")
    for weight in ("Regular", "Bold"):
        make(weight)
