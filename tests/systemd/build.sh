#!/bin/bash
#
# The installed package does not prevent podman and buildah from building images, even if
# containers.conf names our hooks. It installs no hook where programs look for hooks by default.

. "$(dirname "$0")/lib.sh"
in_lab podman crun runc buildah dpkg-deb
. "$here/recipes.sh"

prepare
make_root
podman_settings
rm -r /usr/libexec/notifybridge
"$here/../package" --executable="$bin/notifybridge" --output="$SYSTEM_TEST/package" deb >/dev/null ||
    fail "there is no package"
dpkg-deb --extract "$SYSTEM_TEST"/package/*.deb "$SYSTEM_TEST/tree"
cp -a "$SYSTEM_TEST/tree/usr" /
hooks=/usr/share/notifybridge/hooks.d
image tiny 'CMD ["/bin/true"]'
mkdir "$SYSTEM_TEST/context"
printf 'FROM localhost/tiny\nRUN echo built >/built\n' >"$SYSTEM_TEST/context/Dockerfile"

scenario "the package installs no hook in a default directory"
# podman and buildah read both directories. CRI-O reads the first one and the one in /etc.
for directory in /usr/share/containers/oci/hooks.d /etc/containers/oci/hooks.d; do
    ! grep -rl notifybridge "$directory" 2>/dev/null || fail "a hook is in $directory"
done

# build WHAT COMMAND…: builds an image, and checks that its RUN step has run.
build() {
    local what=$1
    shift
    said=$(timeout -k 1 60 "$@" --tag="localhost/built" --volume=/usr:/usr:ro "$SYSTEM_TEST/context" 2>&1) ||
        fail "$what: $said"
    [[ $said != *hook* ]] || fail "$what says: $said"
    [ "$(podman run --rm localhost/built cat /built)" = built ] || fail "$what has run nothing"
    podman rmi --force localhost/built >/dev/null
}

# commit [OPTION…]: makes the image localhost/committed of a container.
commit() {
    podman run --name=committed localhost/tiny true
    podman commit --quiet "$@" committed localhost/committed >/dev/null || fail "podman commit"
    podman rm committed >/dev/null
}

for settings in "" "hooks_dir = [\"$hooks\"]"; do
    name=${settings:+, with hooks_dir in containers.conf}
    mkdir -p /etc/containers/containers.conf.d
    printf '[engine]\n%s\n' "$settings" >/etc/containers/containers.conf.d/hooks.conf

    scenario "podman builds an image with a RUN step$name"
    build "podman build" podman build --isolation=chroot --network=host --no-cache
    build "podman build" podman --runtime="$(command -v runc)" build --isolation=oci --network=none --no-cache

    scenario "buildah builds an image with a RUN step$name"
    build "buildah build" buildah build --isolation=chroot --network=host --no-cache
    build "buildah build" buildah build --isolation=oci --runtime=runc --network=none --no-cache

    scenario "buildah runs a command$name"
    container=$(buildah from localhost/tiny)
    buildah run --isolation=chroot --network=host --volume=/usr:/usr:ro "$container" /bin/true || fail "buildah run"
    buildah rm "$container" >/dev/null

    scenario "podman commits a container$name"
    commit

    scenario "an image that was a service's container starts without the service's variables$name"
    commit --change="ENV SHARED_DIR=/run/notifybridge/app.service/shared" --change="ENV NOTIFYBRIDGE_TOKEN=old" \
        --change="ENV NOTIFYBRIDGE_OPTIONS="
    # Option names from notifybridge-runtime(1).
    podman run --rm --unsetenv=NOTIFYBRIDGE_TOKEN --unsetenv=NOTIFYBRIDGE_OPTIONS localhost/committed true ||
        fail "the image does not start without the variables"
    if [ -n "$settings" ]; then
        ! podman run --rm localhost/committed true 2>"$SYSTEM_TEST/refusal" ||
            fail "a wrong token was accepted"
        grep -q notifybridge "$SYSTEM_TEST/refusal" || fail "another error: $(<"$SYSTEM_TEST/refusal")"
    else
        podman run --rm localhost/committed true || fail "variables of an image have an effect"
    fi
done
