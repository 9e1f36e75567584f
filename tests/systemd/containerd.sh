#!/bin/bash
#
# Tests containerd with containers of ctr, with a command line for nerdctl, and with pods of the
# CRI, which Kubernetes uses. The recipes are those of notifybridge-runtime(1).

. "$(dirname "$0")/lib.sh"
in_lab containerd ctr containerd-shim-runc-v2 runc c++
. "$here/recipes.sh"

prepare
make_root
libexec=/usr/libexec/notifybridge
mkdir -p "$libexec"
ln -sf ../../bin/notifybridge "$libexec/runc"
page=$manual/notifybridge-runtime.1

# The lab may lack the controllers for which containerd sets limits.
mkdir -p /usr/local/bin /usr/local/sbin
cat >"$SYSTEM_TEST/runc" <<END
#!/usr/bin/python3
import json, os, sys
if "create" in sys.argv:
    path = sys.argv[sys.argv.index("--bundle") + 1] + "/config.json"
    with open(path) as file:
        config = json.load(file)
    for limits in "cpu", "memory", "pids":
        config["linux"].get("resources", {}).pop(limits, None)
    with open(path, "w") as file:
        json.dump(config, file)
os.execv("$(command -v runc)", sys.argv)
END
chmod 755 "$SYSTEM_TEST/runc"
ln -sf "$SYSTEM_TEST/runc" /usr/local/sbin/runc

# This function prints the settings of the page, and others that only the lab needs.
containerd_settings() {
    local cri=io.containerd.cri.v1.runtime
    cat <<END
root = "$SYSTEM_TEST/containerd"
END
    case $(containerd --version) in
    *" "1.* | *" v1."*)
        cri=io.containerd.grpc.v1.cri
        recipe "$page" "Set up" 2 toml | sed "s|^version = 3|version = 2|; s|io.containerd.cri.v1.runtime|$cri|"
        printf '[plugins."%s"]\nsandbox_image = "localhost/pause:1"\n' "$cri"
        ;;
    *)
        recipe "$page" "Set up" 2 toml
        printf '[plugins."io.containerd.cri.v1.images"]\nsnapshotter = "native"\n'
        printf '[plugins."io.containerd.cri.v1.images".pinned_images]\nsandbox = "localhost/pause:1"\n'
        printf '[plugins."%s"]\n' "$cri"
        ;;
    esac
    printf 'disable_apparmor = true\nrestrict_oom_score_adj = true\n'
    printf '[plugins."%s".containerd]\n' "$cri"
    [ "$cri" != io.containerd.grpc.v1.cri ] || printf 'snapshotter = "native"\n'
}

# image NAME CONFIG DIRECTORY: imports an image for pods and for ctr.
image() {
    local namespace options=()
    # Without this option, containerd 2 unpacks only for configured snapshotters.
    [[ $(ctr images import --help) != *--local* ]] || options=(--local)
    /usr/bin/python3 -B "$here/image.py" "localhost/$1:1" "$2" "$3" >"$SYSTEM_TEST/image.tar"
    for namespace in default k8s.io; do
        ctr -n "$namespace" images import "${options[@]}" --snapshotter=native "$SYSTEM_TEST/image.tar" \
            >/dev/null
    done
}

mkdir -p /etc/containerd "$SYSTEM_TEST/scratch"
containerd_settings >/etc/containerd/config.toml
unit containerd <<END
UnsetEnvironment=SHARED_DIR
Delegate=yes
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=$(command -v containerd)
END
systemctl daemon-reload
start containerd

echo 'extern "C" int pause(); int main() { for (;;) pause(); }' |
    c++ -x c++ -static -o "$SYSTEM_TEST/scratch/pause" -
image pause '{"Entrypoint": ["/pause"]}' "$SYSTEM_TEST/scratch"
image tiny '{"Entrypoint": ["/usr/bin/python3", "'"$bin"'/app.py"], "User": "app"}' "$image_root"
image web '{"Cmd": ["/usr/bin/python3", "-m", "http.server", "8080"]}' "$image_root"

# --- ctr and nerdctl ------------------------------------------------------------------------------

# A stand-in for nerdctl, which cannot be installed here. It supports only the options in the
# command line of `run`. It passes --runtime as the path of a runc. For --env without a value, it
# takes the value from its own environment.
cat >/usr/local/bin/nerdctl <<'END'
#!/bin/bash
global=()
while [[ $1 == -* ]]; do global+=("$1" "$2"); shift 2; done
[ "$1" = run ] || exit 1 # `notifybridge run` also queries the image through nerdctl.
shift
options=(--rm --snapshotter=native)
while [[ $1 == -* ]]; do
    case $1 in
    --runtime=*) options+=("--runc-binary=${1#*=}") ;;
    --name=*) name=${1#*=} ;;
    --env) options+=("--env=$2=${!2}"); shift ;;
    -v) options+=(--mount "type=bind,src=${2%%:*},dst=${2%%:*},options=rbind:rw"); shift ;;
    --read-only) options+=("$1") ;;
    esac
    shift
done
image=$1
shift
words=()
# ctr replaces the image's command.
[ "$image" != localhost/tiny:1 ] || words=(/usr/bin/python3 "$APP")
exec ctr "${global[@]}" run "${options[@]}" "$image" "$name" "${words[@]}" "$@"
END
chmod 755 /usr/local/bin/nerdctl

# nerdctl_unit NAME OPTION…: makes a unit that runs nerdctl with these options.
nerdctl_unit() {
    local name=$1
    shift
    app "$name" >/dev/null
    unit "$name" <<END
Environment=APP=$bin/app.py
UnsetEnvironment=SHARED_DIR
ExecStart=/usr/bin/notifybridge run --verbose /usr/local/bin/nerdctl --namespace default run --rm \
    --name=$name $* -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST localhost/tiny:1 $apps/$name
ExecReload=/bin/kill -HUP \$MAINPID
END
    systemctl daemon-reload
}

scenario "run starts a container with nerdctl"
nerdctl_unit word
try_unit word
nerdctl_unit word --read-only
try_unit word
[ -z "$(ctr containers ls --quiet)" ] || fail "a container is left"

# refused TEXT OPTION…: checks that ctr starts no container, and prints TEXT.
refused() {
    local text=$1
    shift
    ctr run --rm --snapshotter=native "--runc-binary=$libexec/runc" "$@" \
        localhost/web:1 refused >"$SYSTEM_TEST/said" 2>&1 && fail "it was started"
    grep -qF -e "$text" "$SYSTEM_TEST/said" || fail "it says: $(cat "$SYSTEM_TEST/said")"
}

scenario "ctr shows why it does not start a container"
refused "NOTIFYBRIDGE_OPTIONS: unknown option '--unheard-of'" --env=NOTIFYBRIDGE_OPTIONS=--unheard-of \
    --env=NOTIFY_SOCKET=/run/notify
# The directory of the previous unit was removed with the unit.
mkdir /run/nobody
refused "NOTIFYBRIDGE_TOKEN is not the token of" --env=NOTIFYBRIDGE_TOKEN=guess \
    --env=SHARED_DIR=/run/nobody

# --- pods -----------------------------------------------------------------------------------------

pods=$SYSTEM_TEST/pods
# kubelet POD VERB…: runs kubelet.py with VERB for the pod.
kubelet() {
    /usr/bin/python3 -B "$here/kubelet.py" /run/containerd/containerd.sock "$pods/$1" "${@:2}"
}

# manifest NAME IMAGE SED: writes the pod of the page, with mounts that the images need.
manifest() {
    mkdir -p "$pods/$1"
    recipe "$page" "Set up" 1 yaml >"$pods/$1/class.yaml"
    recipe "$page" EXAMPLES 1 yaml | sed "s|IMAGE|$2|; s|/run/app|/run/$1|; s|^  volumes:|\
    - name: usr\n      mountPath: /usr\n    - name: test\n      mountPath: $SYSTEM_TEST\n&\n\
  - name: usr\n    hostPath:\n      path: /usr\n  - name: test\n    hostPath:\n      path: $SYSTEM_TEST|" |
        sed "$3" >"$pods/$1/pod.yaml"
}

# node_unit NAME [SED]: makes the page's unit for the node.
node_unit() {
    recipe "$page" EXAMPLES 3 | sed "s|/run/app|/run/$1|; ${2:-}" | adapt_unit "$1" "$SYSTEM_TEST/units"
    systemctl daemon-reload
}

# pid_of CONTAINER: prints the pid of the container's process in the lab.
pid_of() {
    ctr -n k8s.io tasks ls | sed -n "s/^$1 *\([0-9]*\) .*/\1/p"
}

scenario "the pod in the page makes its unit active"
manifest site localhost/web:1 ""
node_unit site
systemctl start --no-block site
kubelet site start "$pods/site/class.yaml" "$pods/site/pod.yaml"
expect_soon site ActiveState=active
kubelet site probe app readinessProbe || fail "it is not ready"
kubelet site probe app livenessProbe || fail "it is not alive"
sandbox=$(sed 's/.*"sandbox": "\([^"]*\).*/\1/' "$pods/site/pod.json")
if grep -qF ' /run/.notifybridge ' "/proc/$(pid_of "$sandbox")/mountinfo"; then fail "the pod's own was changed"; fi
kubelet site stop
systemctl stop site

scenario "a pod becomes ready without a wait on the node"
manifest alone localhost/web:1 "/^  - name: shared/,\$ { s|hostPath:|emptyDir: {}|; /path:/d; /type:/d }"
kubelet alone start "$pods/alone/class.yaml" "$pods/alone/pod.yaml"
eventually "it is ready" kubelet alone probe app readinessProbe
[ -S "$pods/alone/shared/notify.sock" ] || fail "its directory is another"
kubelet alone stop

scenario "a non-root pod with a second container becomes ready"
app box >/dev/null
manifest box localhost/tiny:1 "s|--ready-when=.*|--verbose|; s|^  containers:|  shareProcessNamespace: true\n\
  securityContext:\n    runAsUser: 999\n&\n\
  - name: beside\n    image: localhost/tiny:1\n    args: [$apps/beside]\n\
    volumeMounts:\n    - name: usr\n      mountPath: /usr\n    - name: test\n      mountPath: $SYSTEM_TEST|
s|^    env:|    args: [$apps/box]\n    securityContext:\n      readOnlyRootFilesystem: true\n\
      allowPrivilegeEscalation: false\n&|"
app beside >/dev/null
node_unit box "s|host-notify-waiter|& --owner=999|"
systemctl start --no-block box
eventually "the directory is made" test -d /run/box
kubelet box start "$pods/box/class.yaml" "$pods/box/pod.yaml"
eventually "the app starts" more_lines "$apps/box/starts" 0
eventually "the other one starts" more_lines "$apps/beside/starts" 0
if kubelet box probe app readinessProbe; then fail "it is ready before it says so"; fi
kubelet box probe app livenessProbe || fail "it is not alive"
tell box "send READY=1\\nSTATUS=up"
expect_soon box ActiveState=active StatusText=up
kubelet box probe app readinessProbe || fail "it is not ready"

scenario "a restarted container becomes ready again"
kubelet box restart app
eventually "the app starts again" more_lines "$apps/box/starts" 1
tell box "send READY=1\\nSTATUS=again"
expect_soon box ActiveState=active StatusText=again
kubelet box probe app readinessProbe || fail "it is not ready"
kubelet box stop
systemctl stop box

scenario "a container with unknown options is not started"
manifest bad localhost/web:1 "s|--ready-when=.*|--ready-whn=exit|"
if kubelet bad start "$pods/bad/class.yaml" "$pods/bad/pod.yaml" 2>/dev/null; then fail "it was started"; fi
kubelet bad status app | grep -qF "NOTIFYBRIDGE_OPTIONS: unknown option '--ready-whn'" ||
    fail "it says: $(kubelet bad status app)"
