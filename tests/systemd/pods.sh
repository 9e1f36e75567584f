#!/bin/bash
#
# Tests pods of podman 5. A unit runs a Kubernetes file, and the runtime adds the wrapper. Quadlet
# runs the same file with the hook. `run` starts a container in a pod with a shared pid namespace.

. "$(dirname "$0")/lib.sh"
want_podman_5
in_lab podman runc catatonit
. "$here/recipes.sh"

page=$manual/notifybridge-runtime.1
prepare
make_root
mount -t tmpfs tmpfs /var/cache
# A pod needs a control group. In the lab, crun cannot create it, and podman creates it only through
# systemd.
libexec=/usr/libexec/notifybridge
mkdir -p "$libexec" /etc/containers
ln -sf ../../bin/notifybridge "$libexec/runc"
rm /usr/bin/crun
cat >/etc/containers/containers.conf <<'END_OF_SETTINGS'
[containers]
netns="none"
pids_limit=0
log_driver="k8s-file"
[engine]
runtime="runc"
cgroup_manager="systemd"
events_logger="file"
END_OF_SETTINGS
image tiny "ENTRYPOINT [\"$bin/app.py\"]" "ENV PATH=/usr/bin:/bin"

# manifest [SED]: writes the pod of the page, with the mounts that the image needs.
manifest() {
    recipe "$page" EXAMPLES 1 yaml | sed "s|IMAGE|localhost/tiny|; s|--ready-when=.*|--verbose|
s|^    env:|    args: [$apps/app]\n&|; s|^spec:|&\n  hostNetwork: true|
s|^  volumes:|    - name: usr\n      mountPath: /usr\n    - name: test\n      mountPath: $SYSTEM_TEST\n&\n\
  - name: usr\n    hostPath:\n      path: /usr\n  - name: test\n    hostPath:\n      path: $SYSTEM_TEST|" |
        sed "${1:-}" >/etc/app.yaml
}

no_pod() { [ -z "$(podman pod ps --quiet)" ]; }

scenario "a Kubernetes file runs as one unit"
app app >/dev/null
manifest
copy "$page" EXAMPLES 4 app "s|$libexec/crun|$libexec/runc|"
try_unit app
eventually "the pod goes" no_pod
try_unit app
eventually "the pod goes" no_pod

scenario "the log names the missing option for the runtime"
copy "$page" EXAMPLES 4 plain "s|--runtime=[^ ]*||; s|wait|wait --timeout=5|"
systemctl start plain 2>/dev/null && fail "it is ready"
grep -qF "name the runtime: \`podman --runtime=$libexec/crun kube play\`" "$SYSTEM_TEST/log/plain" ||
    fail "it says: $(cat "$SYSTEM_TEST/log/plain")"
systemctl stop plain
eventually "the pod goes" no_pod

scenario "Quadlet: a probe of the hook makes the unit active"
install_hook
manifest "/SHARED_DIR/,+1d; /name: shared/,+1d; /path: .run.app/,+1d
s|^metadata:|&\n  annotations: {io.containers.sdnotify: container}|; s|--verbose|--ready-when=file:$apps/app/probed|"
mkdir "$SYSTEM_TEST/quadlet"
recipe "$page" EXAMPLES 3 text >"$SYSTEM_TEST/quadlet/kube.kube"
QUADLET_UNIT_DIRS=$SYSTEM_TEST/quadlet /usr/libexec/podman/quadlet "$SYSTEM_TEST/units" || fail "Quadlet"
systemctl daemon-reload
before=$(lines "$apps/app/starts")
systemctl start --no-block kube
eventually "the app starts" more_lines "$apps/app/starts" "$before"
tell app "send STATUS=up"
expect kube ActiveState=activating
touch "$apps/app/probed"
expect_soon kube ActiveState=active
systemctl stop kube
eventually "the pod goes" no_pod

# run_unit NAME OPTIONS [LINE…]: makes a unit of `run`, with these options of podman and more lines.
run_unit() {
    local name=$1 options=$2
    shift 2
    app "$name" >/dev/null
    {
        printf '[Service]\nType=notify\n'
        printf '%s\n' "$@"
        printf 'ExecStart=/usr/bin/notifybridge run --verbose --stop-timeout=1 \\\n'
        printf '    podman run --rm --replace --name=%s %s \\\n' "$name" "$options"
        printf '    -v /usr:/usr:ro -v %s:%s localhost/tiny %s\n' "$SYSTEM_TEST" "$SYSTEM_TEST" "$apps/$name"
    } | adapt_unit "$name" "$SYSTEM_TEST/units"
    systemctl daemon-reload
}

scenario "run starts a container in a pod with a shared pid namespace"
run_unit member --pod=pod \
    "ExecStartPre=/usr/bin/podman pod create --replace --name=pod --share=pid,ipc,uts" \
    "ExecStopPost=/usr/bin/podman pod rm --force pod"
try_unit member
eventually "the pod goes" no_pod

scenario "a stop kills a paused container, and the unit starts again"
run_unit paused ""
make_ready paused
podman pause paused >/dev/null
systemctl stop paused
grep -qF "asking podman to kill the container" "$SYSTEM_TEST/log/paused" || fail "it is not killed"
# podman's monitor removes the container when it has noticed the container's end.
eventually "the container goes" no_container paused
try_unit paused
