#!/usr/bin/env bash
# Puts Emacs with lsp-mode 10, and Helix, into a folder and prints the folder: its bin/ has emacs and hx.
#
#   OTHER_EDITORS=$(bash tests/editors/setup_others.sh FOLDER) python -m paceline.tests -k "emacs or helix"
#
# They come from Debian's unstable suite. A second call finds what the first one made.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

[ $# -eq 1 ] || fail "give the folder to put the editors into"
alone_in "$1"
folder=$(cd "$1" && pwd)
system=$folder/sid
bin=$folder/bin

works() {
    "$bin/emacs" --batch --eval "(require 'lsp-inline-completion)" >/dev/null 2>&1 && "$bin/hx" --version >/dev/null 2>&1
}

if ! works; then
    [ -e "$system" ] || debian_tree "$system" sid emacs-nox,elpa-lsp-mode,hx
    shared=$(echo "$system"/usr/share/emacs/[0-9]*)
    programs=$(echo "$system"/usr/libexec/emacs/*/*)
    # elpa has what is compiled, and its links to the sources lead out of the tree
    lisp=$(find "$shared/lisp" "$system"/usr/share/emacs/site-lisp/elpa{,-src} -type d | paste -sd :)
    mkdir -p "$bin" "$folder/site"
    # As a package that is installed is made known; and Emacs would start itself to compile, without the loader.
    cat >"$folder/site/site-start.el" <<'LISP'
(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)
(load "lsp-mode-autoloads" nil t)
LISP
    cat >"$bin/emacs" <<WRAPPER
#!/bin/sh
export EMACSLOADPATH='$folder/site:$lisp' EMACSDATA='$shared/etc' EMACSDOC='$shared/etc' EMACSPATH='$programs'
exec $(loader_of "$system") '$system/usr/bin/emacs-nox' --dump-file='$(echo "$programs"/*.pdmp)' "\$@"
WRAPPER
    cat >"$bin/emacsclient" <<WRAPPER
#!/bin/sh
exec $(loader_of "$system") '$system/usr/bin/emacsclient.emacs' "\$@"
WRAPPER
    cat >"$bin/hx" <<WRAPPER
#!/bin/sh
export HELIX_RUNTIME='$system/usr/lib/hx/runtime'
exec $(loader_of "$system") '$system/usr/lib/hx/hx' "\$@"
WRAPPER
    chmod 755 "$bin"/*
    works || fail "Emacs with lsp-mode 10, or Helix, does not run"
fi
echo "$folder"
