#!/usr/bin/env bash
# Puts a VS Code (npm's code-server) and playwright-core into a folder and prints the folder.
#
#   (cd editors/vscode && npm ci && npm run package)
#   VSCODE=$(bash tests/editors/vscode/setup.sh FOLDER) python -m paceline.tests -k vscode
#
# Chromium, and what code-server's own parts are compiled with, come from Debian: root is needed where they are
# not installed. A second call finds what the first one made.
set -euo pipefail

CODE_SERVER=4.139.1
PLAYWRIGHT=1.65.1
NODE=24

fail() {
    echo "setup_vscode: $*" >&2
    exit 1
}

say() {
    echo "setup_vscode: $*" >&2
}

[ $# -eq 1 ] || fail "give the folder to put VS Code into"
mkdir -p "$1"
folder=$(cd "$1" && pwd)
node=$folder/node_modules/node/bin/node
code_server=$folder/node_modules/code-server
complete=$folder/complete-$CODE_SERVER-$PLAYWRIGHT-$NODE

install() {
    npm install --prefix "$folder" --no-audit --no-fund "$@" >>"$folder/npm.log" 2>&1 ||
        { tail -n 20 "$folder/npm.log" >&2; fail "npm cannot install $*"; }
}

debian() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || fail "install $* first"
    apt-get update >&2 || fail "apt-get update failed"
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2 || fail "apt cannot install $*"
}

exec 9>"$folder/lock"
command -v flock >/dev/null || fail "flock is not on this machine: install util-linux"
flock 9

command -v npm >/dev/null || fail "npm is not on this machine"
command -v chromium >/dev/null || debian chromium
if [ ! -e "$complete" ] || ! "$node" --version >/dev/null 2>&1; then
    if ! [ -e /usr/include/gssapi.h ] && ! [ -e /usr/include/gssapi/gssapi.h ]; then
        debian libkrb5-dev
    fi
    say "fetching code-server $CODE_SERVER (some minutes)"
    rm -rf "$folder"/complete-* "$folder/node_modules" "$folder/package-lock.json"
    echo '{"private": true}' >"$folder/package.json"
    install "code-server@$CODE_SERVER" "playwright-core@$PLAYWRIGHT" --ignore-scripts
    install "node@$NODE"
    "$node" --version >&2 || fail "npm's node does not run"
    (
        cd "$code_server/lib/vscode"
        PATH="$(dirname "$node"):$PATH" npm install --omit=dev --no-audit --no-fund >>"$folder/npm.log" 2>&1
    ) || { tail -n 20 "$folder/npm.log" >&2; fail "VS Code's own parts cannot be installed"; }
    "$node" "$code_server/out/node/entry.js" --version >&2 || fail "code-server does not run"
    touch "$complete"
fi
echo "$folder"
