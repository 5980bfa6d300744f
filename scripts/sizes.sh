#!/usr/bin/env bash
# How large the release is, and what makes it so: scripts/sizes.sh
#
# Builds the package as it is released, but with symbols left in target/release/slotbox (half an hour of
# processor time), and prints what its files take and the crates that most of the program's code is from.
# SLOTBOX_BUILT=1 takes what was built before. Needs cargo-deb, zstd and binutils.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -z ${SLOTBOX_BUILT:-} ]]; then
    CARGO_PROFILE_RELEASE_STRIP=none packaging/build.sh >&2
fi

mib() {
    awk '{ size = $1; $1 = ""; printf "%8.2f MiB %s\n", size / 1048576, $0 }'
}

printf 'the package and its largest files\n'
stat --printf '%s %n\n' target/package/*.deb | mib
dpkg-deb -c target/package/*.deb | awk '{ print $3, $6 }' | sort -n -r | head -n 5 | mib
printf "the clients' image, which holds its program alone\n"
printf '%s %s\n' "$(zstd --quiet -dc target/package/slotbox-client.zst | wc -c)" slotbox-client | mib

# Code belongs to the first crate that its symbol names: what is generic and made for another counts
# for the one that wrote it.
printf 'the code of target/release/slotbox, by crate\n'
nm --demangle --print-size --radix=d --defined-only target/release/slotbox | awk '
    NR == FNR { if ($1 == "name") { gsub(/[" ]/, "", $3); gsub(/-/, "_", $3); known[$3] = 1 } next }
    BEGIN { known["std"] = known["core"] = known["alloc"] = 1 }
    tolower($3) == "t" {
        rest = $0; from = "others, C and assembly among them"
        while (match(rest, /[a-z_][a-z0-9_]*::/)) {
            name = substr(rest, RSTART, RLENGTH - 2)
            if (name in known) { from = name; break }
            rest = substr(rest, RSTART + RLENGTH)
        }
        sum[from] += $2; all += $2
    }
    END { for (from in sum) print sum[from], from | "sort -n -r | head -n 11"; close("sort -n -r | head -n 11"); print all, "all" }
' Cargo.lock - | mib
