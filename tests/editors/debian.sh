# Sourced by the set-ups of editors: a tree of a Debian suite, from the mirror that this machine's own apt uses.
# Root is needed, because debootstrap is.

fail() {
    echo "$(basename "$0" .sh): $*" >&2
    exit 1
}

say() {
    echo "$(basename "$0" .sh): $*" >&2
}

# Lets one call at a time work on a folder.
alone_in() {
    mkdir -p "$1"
    exec 9>"$1/lock"
    command -v flock >/dev/null || fail "flock is not on this machine: install util-linux"
    flock 9
}

# debian_tree PLACE SUITE PACKAGES: the suite's base and these packages (joined by commas), in place of what was there.
debian_tree() {
    local place=$1 suite=$2 packages=$3 codename mirror fresh=$1.$$
    [ "$(id -u)" -eq 0 ] || fail "debootstrap needs root: run this as root once, or name programs of your own"
    command -v apt-get >/dev/null || fail "this is no Debian: name programs of your own"
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
    say "fetching $packages of the suite $suite from $mirror"
    trap 'rm -rf --one-file-system "'"$fresh"'"' EXIT
    debootstrap --variant=minbase --include="$packages" "$suite" "$fresh" "$mirror" >"$place.log" 2>&1 ||
        { tail -n 20 "$place.log" >&2; fail "debootstrap failed"; }
    rm -rf --one-file-system "$place" "$fresh"/var/cache/apt/archives/*.deb "$fresh"/var/lib/apt/lists/*
    mv "$fresh" "$place"
}

# How a program of a tree is started outside of it, what it starts in turn too: by its own loader.
loader_of() {
    local loader libraries
    loader=$(find "$1"/lib64/ "$1"/lib/ -maxdepth 1 -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
    libraries=$(find "$1"/usr/lib/ -maxdepth 1 -type d -name '*-linux-gnu*' | head -n 1)
    [ -n "$loader" ] && [ -n "$libraries" ] || fail "the suite has no loader where it was expected"
    echo "'$loader' --library-path '$libraries'"
}
