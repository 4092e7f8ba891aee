"""Which files are never sent: those with secrets in them, and those that the project or the user excludes.

``.gitignore`` and, after it, ``.pacelineignore`` of every folder from the project's root to the file count as
in gitignore(5): the last pattern that matches decides, deeper folders after higher ones, and what lies in an
excluded folder is out for good. Patterns of the editor's settings come last and apply from the root. Secrets
stay excluded whatever those say. git's own lists, per user and in ``.git/info``, are not read.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".pacelineignore")
MAX_IGNORE_FILE = 1 << 20  # bytes

_DATA = ("json", "yml", "yaml", "toml", "ini", "cfg", "conf", "txt", "xml", "properties")
_SECRETS = GitIgnoreSpec.from_lines(
    [
        *(".env", ".env.*", "*.env", "!.env.example", "!.env.sample", "!.env.template", ".envrc"),
        *("*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.ppk", "*.asc", "*.gpg"),
        *("*.age", "*.kdbx", "*.kdb", "*.ovpn", "wallet.dat"),
        *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*"),
        *("credentials", "secrets", ".credentials", ".secrets", ".htpasswd", ".vault_pass*"),
        *(f"{name}.{kind}" for name in ("credentials", "secrets", "secret") for kind in _DATA),
        *(".netrc", "_netrc", ".pgpass", ".my.cnf", ".npmrc", ".pypirc", ".git-credentials", ".yarnrc.yml"),
        *("service-account*.json", "service_account*.json", "client_secret*.json", "token.json", "*.token"),
        *("*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json", "kubeconfig", ".dockercfg"),
        *(
            "**/.ssh/**",
            "**/.gnupg/**",
            "**/.aws/**",
            "**/.kube/**",
            "**/.azure/**",
            "**/.docker/config.json",
        ),
    ]
)


def holds_secrets(path: Path) -> bool:
    """Tell whether a file's name, or a folder it lies in, says that it holds keys, tokens or passwords."""
    return _SECRETS.match_file(path.as_posix().lstrip("/").lower())


def project_root(path: Path, folders: Iterable[Path] = ()) -> Path | None:
    """Return the nearest folder above ``path`` with a repository, else the innermost of ``folders``."""
    repository = next((folder for folder in path.parents if (folder / ".git").exists()), None)
    if repository is not None:
        return repository
    inside = [folder for folder in folders if folder in path.parents]
    return max(inside, key=lambda folder: len(folder.parts), default=None)


Stamps = tuple[tuple[int, int] | None, ...]


class Exclusions:
    """Decides by path; ``patterns`` are the user's own. Ignore files are read again when they change."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._own = _compiled(patterns)
        self._folders: dict[Path, tuple[Stamps, GitIgnoreSpec]] = {}

    def excludes(self, path: Path, root: Path | None) -> bool:
        """Tell whether the file at ``path``, absolute, of the project at ``root`` must not be sent."""
        if holds_secrets(path) or holds_secrets(Path(os.path.realpath(path))):
            return True
        if root is None:
            return self._own.match_file(path.name)
        steps = path.relative_to(root).parts
        specs = [self._spec(root.joinpath(*steps[:depth])) for depth in range(len(steps))]
        names = ["/".join(steps[:depth]) + "/" for depth in range(1, len(steps))]
        return any(self._is_out(name, specs) for name in [*names, "/".join(steps)])

    def _is_out(self, name: str, specs: list[GitIgnoreSpec]) -> bool:
        """Tell whether the folder (its name ends in "/") or file is excluded, ``specs`` being those above."""
        verdict = self._own.check_file(name).include
        for depth in reversed(range(name.rstrip("/").count("/") + 1)):
            if verdict is not None:
                break
            verdict = specs[depth].check_file(name.split("/", depth)[depth]).include
        return bool(verdict)

    def _spec(self, folder: Path) -> GitIgnoreSpec:
        paths = [folder / name for name in IGNORE_FILES]
        stamps = tuple(map(_stamp, paths))
        known = self._folders.get(folder)
        if known is None or known[0] != stamps:
            known = (stamps, _compiled([line for path in paths for line in _lines(path)]))
            self._folders[folder] = known
        return known[1]


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _lines(path: Path) -> list[str]:
    """Return the lines of an ignore file; none where it is missing or unreadable, as git does."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_IGNORE_FILE).decode(errors="replace").replace("\r\n", "\n").split("\n")
    except OSError:
        return []


def _compiled(lines: Sequence[str]) -> GitIgnoreSpec:
    """Return the patterns of ``lines``; a line that is no pattern counts for nothing, as in git."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
