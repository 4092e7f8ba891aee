"""Which files of its own project a file imports, and which names from them.

Told from the text by patterns, so that code in progress does no harm. Asks the disk which files there are:
not for the event loop.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

READ = 16_000
"""Characters from the file's start that are searched for imports."""
MOST = 24
MOST_BESIDE = 500
"""Files of a folder that are looked at where only their names tell."""

Imports = dict[Path, frozenset[str]]
_Found = Iterator[tuple[Iterable[Path], frozenset[str]]]

_PY_FROM = re.compile(r"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)", re.MULTILINE)
_PY_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)
_JS = re.compile(
    r"""(?:import|export)\s+(?:type\s+)?([\w*${},\s]*?)\s*from\s*['"]((?:\.|[@~]/)[^'"\n]*)['"]"""
    r"""|(?:const|let|var)\s+([\w${},:\s]+?)\s*=\s*require\(\s*['"]((?:\.|[@~]/)[^'"\n]*)['"]"""
)
_C = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"\n]+)"', re.MULTILINE)
_RUST_MOD = re.compile(r"^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?mod[ \t]+(\w+)[ \t]*;", re.MULTILINE)
_RUST_USE = re.compile(
    r"^[ \t]*(?:pub[ \t]+)?use[ \t]+(crate|super|self)::([\w:]+)(\{[^}]*\})?", re.MULTILINE
)
_JAVA = re.compile(r"^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)[ \t]*;", re.MULTILINE)
_GO = re.compile(r'^[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?"([\w.~/-]+/[\w.~-]+)"', re.MULTILINE)
_IMPORTING = re.compile(
    r"^[ \t]*(?:import|include|load|require|require_relative|source|use|using|with)\b([^\n]*)", re.MULTILINE
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_JS_ENDINGS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", "/index.ts", "/index.tsx", "/index.js")
_SCRIPT = ("javascript", "javascriptreact", "typescript", "typescriptreact", "vue", "svelte")


def imports_of(text: str, path: Path, root: Path | None, language: str) -> Imports:
    """Return the files that ``text``, of the file at ``path``, imports, with the names it takes from each.

    Only files below ``root`` count, or below the file's own folder where it has no project.
    """
    root = root or path.parent
    if not path.is_relative_to(root):
        return {}
    found: Imports = {}
    for candidates, names in _found(text[:READ], path, root, language):
        for candidate in candidates:
            if candidate != path and candidate.is_relative_to(root) and candidate.is_file():
                found[candidate] = found.get(candidate, frozenset()) | names
        if len(found) >= MOST:
            break
    return found


def _found(text: str, path: Path, root: Path, language: str) -> _Found:
    if language == "python":
        return _python(text, path, root)
    if language in _SCRIPT:
        return _script(text, path, root)
    if language in ("c", "cpp", "objective-c", "cuda-cpp"):
        return _c(text, path, root)
    if language == "rust":
        return _rust(text, path, root)
    if language in ("java", "kotlin", "scala", "groovy"):
        return _java(text, path, root)
    return _go(text, root) if language == "go" else _by_name(text, path)


def _names(text: str) -> frozenset[str]:
    return frozenset(_NAME.findall(text)) - {"as", "type"}


def _upwards(folder: Path, root: Path) -> list[Path]:
    """The folder and those above it, up to the root."""
    return [folder, *(above for above in folder.parents if above.is_relative_to(root))]


def _module(base: Path, parts: list[str]) -> list[Path]:
    """Where the Python module ``parts`` lies if it begins in ``base``."""
    place = base.joinpath(*parts)
    return [place.with_suffix(".py") if parts else place / "__init__.py", place / "__init__.py"]


def _python(text: str, path: Path, root: Path) -> _Found:
    bases = [*_upwards(path.parent, root), root / "src", root.parent]  # a root may be a package itself
    for dots, module, tail in _PY_FROM.findall(text):
        names, parts = _names(tail), [part for part in module.split(".") if part]
        above = [path.parent, *path.parent.parents]
        starts = bases if not dots else above[len(dots) - 1 : len(dots)]
        for base in starts:
            yield _module(base, parts), names
            yield [file for name in names for file in _module(base, [*parts, name])[:1]], frozenset({module})
    for modules in _PY_IMPORT.findall(text):
        for module in modules.split(","):
            parts = [part for part in module.split(" as ")[0].strip().split(".") if part]
            for base in bases if parts else ():
                yield _module(base, parts), frozenset(parts[-1:])


def _script(text: str, path: Path, root: Path) -> _Found:
    for match in _JS.finditer(text):
        name, names = match[2] or match[4], _names(match[1] or match[3] or "")
        targets = [_normal(path.parent, name)]
        if name[0] in "@~":  # how bundlers usually call the folder of the sources
            targets = [_normal(root / "src", name[2:]), _normal(root, name[2:])]
        files = (file for target in targets for file in _script_files(target))
        yield list(islice((file for file in files if file.is_file()), 1)), names


def _script_files(target: Path) -> list[Path]:
    """What an import of ``target`` may mean."""
    stem = target.with_suffix("") if target.suffix in (".js", ".mjs", ".jsx") else target
    return [target, *(Path(f"{stem}{ending}") for ending in _JS_ENDINGS)]


def _c(text: str, path: Path, root: Path) -> _Found:
    for name in _C.findall(text):
        bases = (*_upwards(path.parent, root), root / "include", root / "src")
        headers = [_normal(base, name) for base in bases]
        yield [header for header in headers if header.is_file()][:1], frozenset()


def _rust(text: str, path: Path, root: Path) -> _Found:
    own = path.parent if path.stem in ("mod", "lib", "main") else path.parent / path.stem
    for name in _RUST_MOD.findall(text):
        yield [own / f"{name}.rs", own / name / "mod.rs"], frozenset({name})
    for start, module, group in _RUST_USE.findall(text):
        parts = [part for part in module.split("::") if part]
        base = {"crate": root / "src", "super": own.parent, "self": own}[start]
        names = _names(group) | frozenset(parts[-1:])
        for size in range(len(parts), 0, -1):
            place = base.joinpath(*parts[:size])
            yield [place.with_suffix(".rs"), place / "mod.rs"], names


def _java(text: str, path: Path, root: Path) -> _Found:
    for name in _JAVA.findall(text):
        parts = name.split(".")
        places = [base.joinpath(*parts[:-1], parts[-1] + path.suffix) for base in _upwards(path.parent, root)]
        yield places, frozenset(parts[-1:])


def _go(text: str, root: Path) -> _Found:
    for name in _GO.findall(text):
        parts = name.split("/")
        folders = (root.joinpath(*parts[start:]) for start in range(len(parts)))
        folder = next((folder for folder in folders if folder != root and folder.is_dir()), None)
        files = sorted(folder.glob("*.go"))[:8] if folder else []
        yield [file for file in files if not file.stem.endswith("_test")][:3], frozenset(parts[-1:])


def _by_name(text: str, path: Path) -> _Found:
    """Files of the same kind beside this one whose names an importing line has."""
    words = frozenset(word for line in _IMPORTING.findall(text) for word in _NAME.findall(line))
    if words and path.suffix:
        beside = islice(path.parent.glob(f"*{path.suffix}"), MOST_BESIDE)
        yield sorted(file for file in beside if file.stem in words), words


def _normal(base: Path, name: str) -> Path:
    """The path ``name`` means in the folder ``base``, ``..`` resolved by name alone."""
    parts = list(base.parts)
    for part in name.split("/"):
        if part == "..":
            parts = parts[:-1] if len(parts) > 1 else parts
        elif part not in ("", "."):
            parts.append(part)
    return Path(*parts)
