#!/usr/bin/env bash
# Puts a Neovim that has vim.lsp.inline_completion (0.12) into a folder and prints the path of its executable.
#
#   NEOVIM=$(bash tests/editors/setup_neovim.sh FOLDER) python -m paceline.tests -k neovim
#
# Debian's stable releases have an older one, so it comes from Debian's unstable suite. A second call finds what
# the first one made. With a suite as second argument it is that one's Neovim, 0.10 or newer: trixie has 0.10,
# for NEOVIM_OLD.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

SUITE=${2:-sid}
[ $# -eq 1 ] || [ $# -eq 2 ] || fail "give the folder to put Neovim into"
alone_in "$1"
folder=$(cd "$1" && pwd)
nvim=$folder/nvim
system=$folder/$SUITE
wanted='vim.fn.has("nvim-0.10") == 1'
[ "$SUITE" != sid ] || wanted=vim.lsp.inline_completion

works() {
    "$nvim" --clean --headless "+lua os.exit($wanted and 0 or 1)" </dev/null >/dev/null 2>&1
}

if ! works; then
    debian_tree "$system" "$SUITE" neovim
    cat >"$nvim" <<WRAPPER
#!/bin/sh
export VIMRUNTIME='$system/usr/share/nvim/runtime'
exec $(loader_of "$system") '$system/usr/bin/nvim' "\$@"
WRAPPER
    chmod 755 "$nvim"
    works || fail "this Neovim is too old ($wanted) or does not run: $("$nvim" --version 2>&1 | head -n 1)"
fi
echo "$nvim"
