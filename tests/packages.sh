#!/bin/bash
#
# Sourced by what installs Debian packages that it needs: tests/run and tests/bench/run.

# build_packages_of RELEASE: prints what nothing can be built without, in that release of Debian's.
build_packages_of() {
    local boost=
    # Its own Boost is 1.74, which is too old, and it has another one beside that.
    [ "$1" != 12 ] || boost=1.81
    echo meson ninja-build g++ pkg-config python3 \
        "libboost$boost-dev" "libboost-log$boost-dev" "libboost-program-options$boost-dev" \
        "libboost-json$boost-dev" "libboost-test$boost-dev"
}

# The release of this Debian's; nothing where it has no number yet.
debian_release() {
    # shellcheck source=/dev/null
    [ ! -f /etc/os-release ] || (. /etc/os-release && echo "${VERSION_ID:-}")
}

# The name by which its mirrors have it.
debian_codename() {
    # shellcheck source=/dev/null
    [ ! -f /etc/os-release ] || (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

read -ra build_packages < <(build_packages_of "$(debian_release)")

# Packages of daemons, which would be started, and again with every boot, once they are installed,
# and the names of their units.
declare -A daemon_packages=(
    [redis-server]=redis-server [haproxy]=haproxy [memcached]=memcached [nginx-light]=nginx
    [postgresql]=postgresql [openssh-server]=ssh [supervisor]=supervisor
    [docker.io]="docker.socket docker" [containerd]=containerd [lxc]="lxc lxc-net lxc-monitord"
)

# Prints those of the packages that are not installed.
missing_of() {
    local package
    for package; do
        # shellcheck disable=SC2016 # ${db:…} is dpkg-query's and not the shell's.
        case $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) echo "$package" ;;
        esac
    done
}

is_among() {
    local wanted=$1 word
    shift
    for word; do
        [ "$word" != "$wanted" ] || return 0
    done
    return 1
}

# Installs packages, and leaves no daemon running that was not running before. Fails if one of them
# cannot be installed, as without a network.
install_packages() {
    local policy=/usr/sbin/policy-rc.d package
    export DEBIAN_FRONTEND=noninteractive
    if ! [ -e "$policy" ]; then
        # invoke-rc.d asks this program before it starts a service: 101 means that it may not.
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt-get update --quiet >&2 || return
    apt-get install --quiet --yes --no-install-recommends "$@" >&2 || return
    for package in "${!daemon_packages[@]}"; do
        if is_among "$package" "$@" && command -v systemctl >/dev/null; then
            # shellcheck disable=SC2086 # They may be several.
            systemctl disable --now --quiet ${daemon_packages[$package]} || true
        fi
    done
}

# may_install PACKAGE…: shows the list and asks, if the standard input is a terminal and nobody set
# ASSUME_YES. What is asked appears on the terminal even if the output goes elsewhere.
may_install() {
    local answer
    [ -z "${ASSUME_YES:-}" ] && [ -t 0 ] || return 0
    {
        printf '%s: these packages are missing (their daemons will not be started):\n\n' "$0"
        printf '%s\n' "$*" | fold --spaces --width=76 | sed 's/^/    /'
        printf '\nInstall them? [Y/n] '
    } >/dev/tty
    read -r answer </dev/tty || return
    case $answer in
    '' | [yY] | [yY][eE][sS]) ;;
    *) return 1 ;;
    esac
}

# provide_packages PACKAGE…: installs what is missing of these and of what the build takes, which
# only root can do, and which a person at a terminal may decline. Exits if nothing can be built
# then, or if a package that nobody declined cannot be installed.
provide_packages() {
    provide_all needed "$@"
}

# offer_packages PACKAGE…: the same, but goes on without those that cannot be installed, unless
# nothing can be built.
offer_packages() {
    provide_all optional "$@"
}

# provide_all KIND PACKAGE…
provide_all() {
    local kind=$1 missing for_build others
    shift
    if ! command -v dpkg-query >/dev/null; then
        echo "$0: this is not Debian, so missing packages are not looked for" >&2
        return
    fi
    mapfile -t for_build < <(missing_of "${build_packages[@]}")
    mapfile -t others < <(missing_of "$@")
    missing=("${for_build[@]}" "${others[@]}")
    [ ${#missing[@]} != 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "$0: not installed, and only root can: apt-get install ${missing[*]}" >&2
    elif ! may_install "${missing[@]}"; then
        echo "$0: continuing without: ${missing[*]}" >&2
    else
        # What the build takes goes first: it may be the only thing that can be downloaded.
        [ ${#for_build[@]} = 0 ] || install_packages "${for_build[@]}" || fail_to_install
        if [ ${#others[@]} != 0 ] && ! install_packages "${others[@]}"; then
            [ "$kind" = optional ] || fail_to_install
            echo "$0: cannot install packages; continuing without: ${others[*]}" >&2
        fi
        # Meson looked for clang before it was there.
        [ ! -f build/build.ninja ] || meson setup --reconfigure build >&2
        return
    fi
    [ ${#for_build[@]} = 0 ] || exit 1
}

fail_to_install() {
    echo "$0: cannot install the packages; is there a network?" >&2
    exit 1
}
