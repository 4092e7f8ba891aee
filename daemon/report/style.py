"""Colours and style sheet of the page, for light and dark: 4.5 : 1 for colours of text, 3 : 1 of marks."""

LIGHT = {
    "page": "#f4f3ef",
    "card": "#ffffff",
    "ink": "#1b2028",
    "soft": "#57606c",
    "line": "#e3e0d8",
    "axis": "#8b8f96",
    "target": "#3d5ccc",
    "draft": "#0b7d77",
    "lookup": "#8250b8",
    "prompt": "#b36a0c",
    "host": "#79828f",
    "good": "#14804a",
    "loss": "#b9412c",
    "wash": "#e4ebfb",
}
DARK = {
    "page": "#0f1216",
    "card": "#181c22",
    "ink": "#e9ebef",
    "soft": "#a5aebb",
    "line": "#2c323b",
    "axis": "#7a8390",
    "target": "#8ea8ff",
    "draft": "#40c2b6",
    "lookup": "#c09df2",
    "prompt": "#e5aa4f",
    "host": "#929cab",
    "good": "#55c98a",
    "loss": "#f18b73",
    "wash": "#222b45",
}
TEXTS = ("ink", "soft")
"""Colours of text, on ``page`` and ``card``."""
MARKS = ("target", "draft", "lookup", "prompt", "host", "good", "loss")
"""Colours of what is drawn, on ``card``; text has these colours only where it is large."""

_RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums}
.sheet{max-width:1080px;margin:0 auto;padding:28px 20px 56px}
h1,h2,p,ul,figure{margin:0}
h1{font-size:clamp(1.75rem,1.2rem + 2.4vw,2.75rem);line-height:1.13;letter-spacing:-.022em;font-weight:680;
text-wrap:balance;max-width:20em}
h2{font-size:1.25rem;line-height:1.25;letter-spacing:-.012em;font-weight:660;text-wrap:balance}
p{text-wrap:pretty}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--wash);color:var(--ink);
padding:.12em .4em;border-radius:5px;white-space:nowrap}
.top{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:baseline;justify-content:space-between;
color:var(--soft);font-size:.875rem;margin-bottom:34px}
.brand{color:var(--ink);font-weight:700;font-size:1.0625rem;letter-spacing:-.01em}
.brand i{font-style:normal;color:var(--draft)}
.lead{color:var(--soft);font-size:1.0938rem;margin-top:12px;max-width:46em}
.tiles{list-style:none;padding:0;margin-top:28px;display:grid;gap:1px;background:var(--line);
border:1px solid var(--line);border-radius:14px;overflow:hidden;grid-template-columns:repeat(4,1fr)}
.tiles li{background:var(--card);padding:16px 18px 18px}
.tiles b{display:block;font-size:1.75rem;line-height:1.2;font-weight:660;letter-spacing:-.02em}
.tiles b.none{color:var(--soft);font-weight:500}
.tiles .name{font-size:.8125rem;font-weight:600;color:var(--soft)}
.tiles .means{font-size:.8125rem;line-height:1.4;color:var(--soft);display:block;margin-top:4px}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:26px 28px 24px;
margin-top:18px;display:grid;gap:18px 36px;grid-template-columns:minmax(0,17rem) minmax(0,1fr)}
.card.intro{margin-top:18px;grid-template-columns:minmax(0,1fr) minmax(0,25rem);align-items:center}
.words p{margin-top:10px;color:var(--soft);font-size:.9688rem;overflow-wrap:anywhere}
.words p.says{color:var(--ink)}
.intro .words p{color:var(--ink)}
figcaption{color:var(--soft);font-size:.875rem;line-height:1.5;margin-top:10px;max-width:44em}
.formula{white-space:nowrap}
sup{font-size:.7em;line-height:0}
.missing{border:1px dashed var(--axis);border-radius:10px;padding:26px 20px;color:var(--soft);
text-align:center;align-self:center;font-size:.9375rem}
.missing strong{display:block;color:var(--ink);font-weight:640;margin-bottom:4px}
details{margin-top:12px;font-size:.875rem}
summary{cursor:pointer;color:var(--soft);width:fit-content;border-radius:4px;padding:2px 0}
summary:hover{color:var(--ink)}
summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--target);outline-offset:3px}
.scroll{overflow-x:auto;margin-top:8px}
table{border-collapse:collapse;min-width:100%;font-size:.8125rem}
caption{text-align:left;color:var(--soft);padding-bottom:6px}
th,td{text-align:right;padding:5px 0 5px 13px;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}
thead th{color:var(--soft);font-weight:600}
tbody th{font-weight:500}
.note{border-left:3px solid var(--prompt);padding:2px 0 2px 14px;margin-top:18px;font-size:.9375rem}
footer{color:var(--soft);font-size:.8438rem;margin-top:30px;max-width:62em}
footer p+p{margin-top:8px}
svg.plot{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--soft);font-size:12.5px;font-family:inherit}
svg text.value{fill:var(--ink);font-weight:620;paint-order:stroke;stroke:var(--card);stroke-width:3px;
stroke-linejoin:round}
svg text.name{fill:var(--ink)}
svg text.token{fill:var(--ink);font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
svg .grid{stroke:var(--line);stroke-width:1}
svg .axis{stroke:var(--axis);stroke-width:1}
svg .guide{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:2 3}
svg .whisker{stroke:var(--ink);stroke-width:1.5;opacity:.72;fill:none}
svg .curve{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
svg .dashed{stroke-dasharray:5 5;stroke-width:2}
svg .box{fill:var(--wash);stroke:none}
svg .faint{opacity:.38}
svg .band{opacity:.17}
"""
_FILLS = "".join(
    f"svg .{name}{{fill:var(--{name})}}svg .s-{name}{{stroke:var(--{name})}}\n" for name in (*MARKS, "axis")
)
_NARROW = """
.narrow{display:none}
@media (max-width:959px){.card,.card.intro{grid-template-columns:minmax(0,1fr)}
.tiles{grid-template-columns:repeat(2,1fr)}}
@media (max-width:639px){.wide{display:none}.narrow{display:block}.sheet{padding:20px 14px 40px}
.top{margin-bottom:24px}.card{padding:20px 16px 18px}.tiles li{padding:13px 14px 14px}
.tiles b{font-size:1.4375rem}}
@media print{body{background:none}.card,.tiles{break-inside:avoid}}
"""


def sheet() -> str:
    """The style sheet."""
    dark = f"@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
    return f":root{{color-scheme:light dark;{_variables(LIGHT)}}}\n{dark}{_RULES}{_FILLS}{_NARROW}"


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())
