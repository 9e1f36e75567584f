#!/bin/bash
#
# docker with gVisor, as in notifybridge-runtime(1). gVisor's kernel has no pidfds. Its locks and
# sockets do not exist outside of the container.

. "$(dirname "$0")/lib.sh"
in_lab /usr/bin/docker dockerd containerd runsc
. "$here/recipes.sh"

runsc --rootless --network=none --platform=ptrace --ignore-cgroups do true 2>/dev/null ||
    skip "runsc starts nothing here"
prepare
make_root
docker_unit
docker() { /usr/bin/docker "$@"; }

mkdir -p /etc/docker
options='"--platform=ptrace", "--ignore-cgroups", "--network=none"'
recipe "$manual/notifybridge-runtime.1" "Set up" 1 json | sed "s|runsc\"|&, $options|" \
    >/etc/docker/daemon.json
systemctl daemon-reload
systemctl start docker
# A container cannot open FIFOs of the host, so the app of the other tests would receive no orders.
cat >"$bin/app.sh" <<'END'
#!/bin/sh
trap 'notifybridge send --status=reloaded' HUP
notifybridge send --ready --status=up
while :; do sleep 0.05; done
END
chmod 755 "$bin/app.sh"
docker_image image "CMD [\"$bin/app.sh\"]" "USER app"
recipe "$readme" docker 1 | sed "s|notifybridge run|& --verbose|; s|--force redis|--force app|
    s|--name=redis .*|--name=app --network=none -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST image|" |
    adapt_unit app "$SYSTEM_TEST/units"
systemctl daemon-reload

scenario "an unchanged image becomes active and reloads"
start app
expect_soon app StatusText=up
systemctl reload app
expect_soon app StatusText=reloaded

scenario "check reports no problem if it cannot see into the container"
said=$(notifybridge status --check /run/notifybridge/app.service/shared) || fail "$said"
grep -q "^note *socket" <<<"$said" || fail "$said"

scenario "a stop is clean"
stop app

scenario "the unit fails when docker kills the container"
start app
docker kill app >/dev/null
expect_end app "exit-code exited 137"
