#!/usr/bin/env bash
# Looks for bytes that break what must hold: scripts/fuzz.sh TARGET [SECONDS]
#
# Runs for a minute unless told otherwise, in all processors but one, with what it found before in
# target/fuzz/corpus/TARGET. What breaks something is left in target/fuzz/found: put it into
# fuzz/seeds/TARGET, where the tests see it, with the repair. No nightly toolchain and no cargo-fuzz is
# needed (`cargo +nightly fuzz run TARGET` works as well); a C++ compiler is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# < 1 || $# > 2)); then
    sed -n 's/^# \?//p' "$0" | head -n 6 >&2
    exit 2
fi
readonly TARGET=$1 FOR=${2:-60}
host=$(rustc -vV | sed -n 's/^host: //p')
jobs=$(($(nproc) > 1 ? $(nproc) - 1 : 1))
readonly host jobs

# Counters at each edge and comparisons that guide it; only the fuzzed code has them, not what builds it.
flags="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
flags+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
flags+=" -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
RUSTFLAGS=$flags cargo build --locked --profile fuzz --manifest-path fuzz/Cargo.toml --bin "$TARGET" \
    --target "$host" --target-dir target/fuzz

mkdir -p "target/fuzz/corpus/$TARGET" target/fuzz/found
"target/fuzz/$host/fuzz/$TARGET" "target/fuzz/corpus/$TARGET" "fuzz/seeds/$TARGET" \
    -max_total_time="$FOR" -max_len=4096 -timeout=10 -artifact_prefix=target/fuzz/found/ \
    -fork="$jobs"
