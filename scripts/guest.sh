#!/usr/bin/env bash
# A whole Debian host with systemd and an engine of its own, in one container of this machine's engine.
#
#   scripts/guest.sh image           makes the guest's image, once; needs debootstrap and an engine
#   scripts/guest.sh up [NAME]       boots a guest, without any network but its own loopback
#   scripts/guest.sh install [NAME]  installs target/package/*.deb in it
#   scripts/guest.sh shell [NAME]    opens a shell in it
#   scripts/guest.sh kill [NAME]     cuts its power; "start" boots it again with its disk
#   scripts/guest.sh start [NAME]
#   scripts/guest.sh down [NAME]     removes it and its disks
#
# The tests in tests/host/ use the same commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly RELEASE=${SLOTBOX_GUEST_RELEASE:-bookworm}
readonly IMAGE="slotbox-guest:$RELEASE"
readonly VERB=${1:-help} NAME=${2:-slotbox-guest}
# What a host has beyond what a Debian of the smallest size brings.
packages="docker.io,pebble,iproute2,procps,curl,openssl,ca-certificates,init-system-helpers,zstd"
# From Debian 13 on the engine's command is a package of its own.
[[ $RELEASE == bookworm ]] || packages+=",docker-cli"
readonly packages
# As much as systemd, mounts and an engine within need; --privileged asks for more than this
# machine may have itself.
readonly CAPS=(SYS_ADMIN NET_ADMIN SYS_PTRACE SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP NET_RAW
    DAC_READ_SEARCH IPC_LOCK SYS_NICE SYSLOG)

image() {
    if docker image inspect "$IMAGE" >/dev/null 2>&1; then
        return
    fi
    command -v debootstrap >/dev/null || {
        echo "guest.sh: debootstrap is missing: apt install debootstrap" >&2
        exit 1
    }
    local root
    root=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$root'" EXIT
    debootstrap --variant=minbase --include="systemd,systemd-sysv,dbus,$packages" "$RELEASE" "$root" >&2
    # The engine of the guest: no bridge and no firewall of its own, and files where the guest's
    # disk allows no overlay.
    mkdir -p "$root/etc/docker"
    printf '%s\n' '{"storage-driver": "vfs", "bridge": "none", "iptables": false}' \
        >"$root/etc/docker/daemon.json"
    mkdir -p "$root/etc/systemd/journald.conf.d"
    printf '[Journal]\nStorage=persistent\n' >"$root/etc/systemd/journald.conf.d/guest.conf"
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/etc/machine-id
    touch "$root/etc/machine-id"
    tar -C "$root" -c . | docker import - "$IMAGE" >/dev/null
    echo "guest.sh: made $IMAGE" >&2
}

# The guest's systemd wakes every group of controllers that the kernel knows. One that this machine
# has not mounted then would blind its engine, which looks for the mount of each that is awake.
mount_controllers() {
    local group at
    [[ -d /sys/fs/cgroup/memory ]] || return 0 # With the unified hierarchy there is nothing to do.
    for group in perf_event hugetlb net_cls,net_prio; do
        at=/sys/fs/cgroup/$group
        if ! mountpoint --quiet "$at"; then
            mkdir -p "$at"
            mount -t cgroup -o "$group" cgroup "$at"
        fi
    done
}

# A guest that was killed leaves the groups of its clients, empty: it has shared this machine's.
forget_groups() {
    find /sys/fs/cgroup -depth -type d \( -path '*/slotbox-clients*' -o -path '*/slotbox.slice*' \) \
        -exec rmdir {} \; 2>/dev/null || true
}

up() {
    image
    forget_groups
    mount_controllers
    # systemd hands credentials over by mounts that spread, which those of a container do not.
    local caps=() cap
    for cap in "${CAPS[@]}"; do caps+=(--cap-add "$cap"); done
    # A directory of this machine, for sockets that lead out of the guest.
    [[ -z ${SLOTBOX_GUEST_OUTSIDE:-} ]] || caps+=(--volume "$SLOTBOX_GUEST_OUTSIDE:/outside")
    docker run --detach --name "$NAME" --hostname slotbox-guest --network none \
        --add-host bots.example.test:127.0.0.1 \
        --stop-signal SIGRTMIN+3 --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
        "${caps[@]}" --tmpfs /run:exec,mode=755 --tmpfs /run/lock --tmpfs /tmp:exec \
        --volume /sys/fs/cgroup:/sys/fs/cgroup --volume "$NAME-docker:/var/lib/docker" \
        --label slotbox.guest="$NAME" "$IMAGE" \
        sh -c 'mount --make-rshared / && exec /sbin/init' >/dev/null
    booted
}

# Waits until the guest says that it runs.
booted() {
    local state
    for _ in $(seq 300); do
        state=$(docker exec "$NAME" systemctl is-system-running 2>/dev/null || true)
        case "$state" in running | degraded) break ;; esac
        sleep 0.2
    done
    [[ $state == running ]] || {
        echo "guest.sh: the guest is ${state:-not up}" >&2
        docker exec "$NAME" systemctl --failed --no-pager >&2 || true
        return 1
    }
}

case "$VERB" in
image) image ;;
up) up ;;
install)
    for deb in target/package/slotbox_*.deb; do docker cp "$deb" "$NAME:/root/slotbox.deb"; done
    docker exec --env DEBIAN_FRONTEND=noninteractive "$NAME" \
        apt-get install --quiet --yes --no-install-recommends /root/slotbox.deb
    ;;
shell) docker exec --interactive --tty "$NAME" bash -l ;;
kill) docker kill --signal KILL "$NAME" >/dev/null ;;
start)
    docker start "$NAME" >/dev/null
    booted
    ;;
down)
    docker rm --force --volumes "$NAME" >/dev/null 2>&1 || true
    docker volume rm --force "$NAME-docker" >/dev/null
    forget_groups
    ;;
*)
    sed -n '2,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    [[ $VERB == help || $VERB == --help ]] || exit 2
    ;;
esac
