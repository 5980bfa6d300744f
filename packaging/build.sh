#!/usr/bin/env bash
# Builds the Debian package: packaging/build.sh [--profile release]
#
# Leaves target/package/slotbox_VERSION_ARCH.deb. Needs cargo-deb and zstd; build on the oldest Debian that the
# package is for, since it takes the version of the C library from there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

profile=release
while (($# > 0)); do
    case "$1" in
    --profile)
        profile=$2
        shift 2
        ;;
    *)
        sed -n 's/^# \?//p' "$0" | sed -n 2,5p >&2
        exit 2
        ;;
    esac
done
readonly profile out=target/package
built="target/$([[ $profile == dev ]] && echo debug || echo "$profile")"
readonly built

rm -rf "$out"
mkdir -p "$out"

# The same code twice: the host's program uses the host's C library, for its names and users; the
# clients' program has one inside, since their containers have no other file.
cargo rustc --locked --profile "$profile" --bin slotbox -- -C target-feature=+crt-static
install -m 755 "$built/slotbox" "$out/slotbox-client"
cargo build --locked --profile "$profile" --bin slotbox
install -m 755 "$built/slotbox" "$out/slotbox"
strip --strip-unneeded "$out/slotbox" "$out/slotbox-client"
if "$out/slotbox-client" version >/dev/null && ldd "$out/slotbox-client" 2>/dev/null | grep -q '=>'; then
    echo "build.sh: slotbox-client needs libraries; it must be linked statically" >&2
    exit 1
fi
# It never runs on the host, only in images that the deployer makes of it.
zstd --quiet -19 --rm "$out/slotbox-client"

# Man pages, completions and the catalog come from the same sources; how fast does not matter.
cargo run --locked --quiet --example pages -- "$out"
version=$("$out/slotbox" version | sed -n '1s/^slotbox \([^ ]*\).*/\1/p')
{
    printf 'slotbox (%s) stable; urgency=medium\n\n' "$version"
    printf '  * See /usr/share/doc/slotbox/CHANGELOG.md.\n\n'
    printf ' -- The developers of Slotbox <slotbox@example.invalid>  %s\n' \
        "$(date -R --date="@$(git log -1 --format=%ct 2>/dev/null || date +%s)")"
} | gzip -9n >"$out/changelog.gz"

cargo deb --no-build --no-strip --output "$out/"
ls -l "$out"/*.deb
