#!/usr/bin/env bash
# Puts a Neovim that has vim.lsp.inline_completion (0.12) into a folder and prints the path of its executable.
#
#   NEOVIM=$(bash tests/editors/setup_neovim.sh FOLDER) python -m paceline.tests -k neovim
#
# Debian's stable releases have an older one, so it comes from Debian's unstable suite, from the mirror that
# this machine's own apt uses, by debootstrap: root is needed. A second call finds what the first one made.
# With a suite as second argument it is that one's Neovim, 0.10 or newer: trixie has 0.10, for NEOVIM_OLD.
set -euo pipefail

SUITE=${2:-sid}

fail() {
    echo "setup_neovim: $*" >&2
    exit 1
}

say() {
    echo "setup_neovim: $*" >&2
}

[ $# -eq 1 ] || [ $# -eq 2 ] || fail "give the folder to put Neovim into"
mkdir -p "$1"
folder=$(cd "$1" && pwd)
nvim=$folder/nvim
system=$folder/$SUITE
wanted='vim.fn.has("nvim-0.10") == 1'
[ "$SUITE" != sid ] || wanted=vim.lsp.inline_completion

works() {
    "$nvim" --clean --headless "+lua os.exit($wanted and 0 or 1)" </dev/null >/dev/null 2>&1
}

exec 9>"$folder/lock"
command -v flock >/dev/null || fail "flock is not on this machine: install util-linux"
flock 9

if ! works; then
    [ "$(id -u)" -eq 0 ] || fail "debootstrap needs root: run this as root once, or set NEOVIM to a 0.12 of your own"
    command -v apt-get >/dev/null || fail "this is no Debian: set NEOVIM to a Neovim 0.12 of your own"
    say "reading the package lists"
    apt-get update >&2 || fail "apt-get update failed"
    if ! command -v debootstrap >/dev/null; then
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap debian-archive-keyring >&2 ||
            fail "debootstrap cannot be installed"
    fi
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    mirror=$(apt-get indextargets --format '$(ORIGIN) $(RELEASE) $(COMPONENT) $(SITE)' "Created-By: Packages" |
        awk -v release="$codename" '$1 == "Debian" && $2 == release && $3 == "main" {print $4; exit}')
    [ -n "$mirror" ] || fail "apt's sources name no mirror of Debian's main archive"
    say "fetching the suite $SUITE from $mirror"
    fresh=$system.$$
    trap 'rm -rf --one-file-system "$fresh"' EXIT
    debootstrap --variant=minbase --include=neovim "$SUITE" "$fresh" "$mirror" >"$folder/debootstrap.log" 2>&1 ||
        { tail -n 20 "$folder/debootstrap.log" >&2; fail "debootstrap failed"; }
    rm -rf --one-file-system "$system" "$fresh"/var/cache/apt/archives/*.deb "$fresh"/var/lib/apt/lists/*
    mv "$fresh" "$system"
    loader=$(find "$system"/lib64/ "$system"/lib/ -maxdepth 1 -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
    libraries=$(find "$system"/usr/lib/ -maxdepth 1 -type d -name '*-linux-gnu*' | head -n 1)
    [ -n "$loader" ] && [ -n "$libraries" ] || fail "the suite has no loader where it was expected"
    # Started by its own loader with its own libraries, Neovim runs outside, and so does what it starts.
    cat >"$nvim" <<WRAPPER
#!/bin/sh
export VIMRUNTIME='$system/usr/share/nvim/runtime'
exec '$loader' --library-path '$libraries' '$system/usr/bin/nvim' "\$@"
WRAPPER
    chmod 755 "$nvim"
    works || fail "this Neovim is too old ($wanted) or does not run: $("$nvim" --version 2>&1 | head -n 1)"
fi
echo "$nvim"
