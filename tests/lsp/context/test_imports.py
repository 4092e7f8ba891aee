"""Which files a file imports, by language, in a project on disk."""

from pathlib import Path

import pytest

from ....lsp.context.imports import MOST, imports_of

FILES = [
    *(
        "pkg/__init__.py",
        "pkg/a.py",
        "pkg/b.py",
        "pkg/sub/__init__.py",
        "pkg/sub/c.py",
        "src/lib/d.py",
        "top.py",
    ),
    *("web/app.ts", "web/util.ts", "web/parts/index.tsx", "web/old.js", "web/types.d.ts", "shared.ts"),
    *("native/main.c", "native/x.h", "include/y.h", "src/z.h"),
    *("src/main.rs", "src/net.rs", "src/net/tcp.rs", "src/store/mod.rs", "src/store/disk.rs"),
    *("java/com/acme/App.java", "java/com/acme/io/Reader.java"),
    *("rb/app.rb", "rb/store.rb", "rb/other.rb", "src/lib/tools.ts"),
    *("go/main.go", "go/store/store.go", "go/store/store_test.go", "go/store/disk.go"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with files of several languages; beside it one it must not look at."""
    for name in FILES:
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    (tmp_path / "outside.py").write_text("x\n")
    return tmp_path / "project"


CASES = [
    ("python", "pkg/a.py", "from .b import first, second", {"pkg/b.py": "first second"}),
    ("python", "pkg/a.py", "from . import b", {"pkg/b.py": "", "pkg/__init__.py": "b"}),
    ("python", "pkg/sub/c.py", "from ..a import (\n    one,\n    two,\n)", {"pkg/a.py": "one two"}),
    ("python", "pkg/sub/c.py", "from ... import top", {"top.py": ""}),
    ("python", "top.py", "from pkg.sub.c import x  # from pkg import b", {"pkg/sub/c.py": "x"}),
    ("python", "top.py", "import pkg.a as a, lib.d, os", {"pkg/a.py": "a", "src/lib/d.py": "d"}),
    ("python", "pkg/a.py", "import pkg.a", {}),
    ("python", "top.py", "from .. import outside\nfrom ...outside import x", {}),
    ("python", "top.py", "from .\nimport\nfrom x import", {}),
    (
        "typescript",
        "web/app.ts",
        "import { a, type B } from './util';\nimport P from './parts';",
        {"web/util.ts": "a B", "web/parts/index.tsx": "P"},
    ),
    ("typescript", "web/app.ts", "import * as u from './util.js'", {"web/util.ts": "u"}),
    ("typescript", "web/app.ts", "export { x } from '../shared'", {"shared.ts": "x"}),
    ("typescript", "web/app.ts", "import type { T } from './types'", {"web/types.d.ts": "T"}),
    ("javascript", "web/old.js", "const { a } = require('./util')", {"web/util.ts": "a"}),
    ("javascript", "web/old.js", "import x from 'react'\nimport y from '../../outside'", {}),
    (
        "c",
        "native/main.c",
        '#include "x.h"\n#include "y.h"\n#include <z.h>',
        {"native/x.h": "", "include/y.h": ""},
    ),
    ("cpp", "native/main.c", '#include "../src/z.h"', {"src/z.h": ""}),
    ("rust", "src/main.rs", "mod net;\npub mod store;", {"src/net.rs": "net", "src/store/mod.rs": "store"}),
    (
        "rust",
        "src/main.rs",
        "use crate::net::tcp::{Stream, Sink};",
        {"src/net/tcp.rs": "Stream Sink tcp", "src/net.rs": "Stream Sink tcp"},
    ),
    (
        "java",
        "java/com/acme/App.java",
        "import com.acme.io.Reader;",
        {"java/com/acme/io/Reader.java": "Reader"},
    ),
    (
        "go",
        "go/main.go",
        'import (\n\t"fmt"\n\t"example.com/go/store"\n)',
        {"go/store/disk.go": "store", "go/store/store.go": "store"},
    ),
    ("go", "go/main.go", 'import "net/http"', {}),
    ("ruby", "rb/app.rb", "require_relative 'store'\nrequire 'json'", {"rb/store.rb": "store"}),
    ("ruby", "top.py", "require 'x'", {}),
    ("typescript", "web/app.ts", "import { z } from '@/lib/tools'", {"src/lib/tools.ts": "z"}),
    ("typescript", "web/app.ts", "import { z } from '@scope/util'", {}),
    ("python", "top.py", "import project.pkg.b", {"pkg/b.py": "b"}),
]


@pytest.mark.parametrize(("language", "name", "text", "expected"), CASES)
def test_imports(project: Path, language: str, name: str, text: str, expected: dict[str, str]) -> None:
    found = imports_of(text, project / name, project, language)
    named = {path.relative_to(project).as_posix(): names for path, names in found.items()}
    assert set(named) == set(expected)
    for path, names in expected.items():
        assert named[path] >= frozenset(names.split())


def test_without_a_project_the_own_folder_counts(project: Path) -> None:
    found = imports_of(
        "from .b import x\nfrom ..top import y\nimport top", project / "pkg" / "a.py", None, "python"
    )
    assert set(found) == {project / "pkg" / "b.py"}


def test_not_more_than_some(project: Path) -> None:
    for number in range(2 * MOST):
        (project / f"m{number}.py").write_text("")
    text = "\n".join(f"import m{number}" for number in range(2 * MOST))
    assert MOST <= len(imports_of(text, project / "top.py", project, "python")) <= MOST + 2
