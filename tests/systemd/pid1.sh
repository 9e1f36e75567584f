#!/bin/bash
#
# Runs an unchanged image with systemd, which must be PID 1. `wrap` leaves that pid to systemd.

. "$(dirname "$0")/lib.sh"
in_lab podman runc
. "$here/recipes.sh"

prepare
make_root
mount -t tmpfs tmpfs /var/cache
mkdir -p "$image_root/etc/systemd/system"
printf '[Unit]\nRequires=idle.service\n' >"$image_root/etc/systemd/system/box.target"
printf '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep infinity\n' \
    >"$image_root/etc/systemd/system/idle.service"
image box 'ENTRYPOINT ["/lib/systemd/systemd"]' 'CMD ["--unit=box.target"]'

# In the lab, only runc creates the control group that systemd needs.
app box >/dev/null
adapt_unit box "$SYSTEM_TEST/units" <<END
[Service]
Type=notify
KillMode=mixed
ExecStart=/usr/bin/notifybridge run --verbose podman --runtime=/usr/sbin/runc --cgroup-manager=cgroupfs \
    run --rm --replace --name=box --network=none --volume=/usr:/usr:ro --pids-limit=0 \
    --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000 localhost/box
END
systemctl daemon-reload

for turn in first second; do
    scenario "$turn start: the unit is active when the inner systemd is ready"
    systemctl start box
    expect_soon box ActiveState=active StatusText=Ready.
    [ "$(podman exec box cat /proc/1/comm)" = systemd ] || fail "PID 1 is another"
    scenario "$turn start: the stop is clean"
    systemctl stop box
    expect_end box "success exited 0"
    expect_gone box
done
grep -q 'passing signal 37 on to pid 1' "$SYSTEM_TEST/log/box" || fail "it was not told by SIGRTMIN+3"
