#!/bin/bash
# tests/run and tests/bench/run source this file to install the Debian packages that they need.

# build_packages_of RELEASE: prints the packages that every build needs in that release of Debian.
build_packages_of() {
    local boost=
    # The default Boost of Debian 12 is 1.74, which is too old. Debian 12 also has 1.81.
    [ "$1" != 12 ] || boost=1.81
    echo meson ninja-build g++ pkg-config python3 \
        "libboost$boost-dev" "libboost-log$boost-dev" "libboost-program-options$boost-dev" \
        "libboost-json$boost-dev" "libboost-test$boost-dev"
}

# Prints the number of this Debian release, or nothing if it has none yet.
debian_release() {
    # shellcheck source=/dev/null
    [ ! -f /etc/os-release ] || (. /etc/os-release && echo "${VERSION_ID:-}")
}

# Prints the name of the release on Debian's mirrors.
debian_codename() {
    # shellcheck source=/dev/null
    [ ! -f /etc/os-release ] || (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

read -ra build_packages < <(build_packages_of "$(debian_release)")

# These packages contain daemons. Installing a package starts its daemon now and at every boot. The
# values are the names of the units.
declare -A daemon_packages=(
    [redis-server]=redis-server [haproxy]=haproxy [memcached]=memcached [nginx-light]=nginx
    [postgresql]=postgresql [openssh-server]=ssh [supervisor]=supervisor
    [docker.io]="docker.socket docker" [containerd]=containerd [lxc]="lxc lxc-net lxc-monitord"
)

# missing_of PACKAGE…: prints the packages that are not installed.
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

# Installs packages. A daemon that did not run before does not run afterwards. Fails if a package
# cannot be installed, for example without a network.
install_packages() {
    local policy=/usr/sbin/policy-rc.d package
    export DEBIAN_FRONTEND=noninteractive
    if ! [ -e "$policy" ]; then
        # invoke-rc.d asks this program before it starts a service. 101 forbids the start.
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt-get update --quiet >&2 || return
    apt-get install --quiet --yes --no-install-recommends "$@" >&2 || return
    for package in "${!daemon_packages[@]}"; do
        if is_among "$package" "$@" && command -v systemctl >/dev/null; then
            # shellcheck disable=SC2086 # There may be several packages.
            systemctl disable --now --quiet ${daemon_packages[$package]} || true
        fi
    done
}

# may_install PACKAGE…: shows the list and asks, if standard input is a terminal and ASSUME_YES is
# not set. The question appears on the terminal even if the output goes elsewhere.
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

# provide_packages PACKAGE…: installs the missing packages, including those that a build needs. Only
# root can do this, and a person at a terminal may decline. Exits if the build still lacks a
# package, or if a package that was not declined cannot be installed.
provide_packages() {
    provide_all needed "$@"
}

# offer_packages PACKAGE…: does the same, but continues if a package that the build does not need
# cannot be installed.
offer_packages() {
    provide_all optional "$@"
}

# provide_all KIND PACKAGE…: installs the missing packages. KIND is needed or optional.
provide_all() {
    local kind=$1 missing for_build others
    shift
    if ! command -v dpkg-query >/dev/null; then
        echo "$0: not checking for missing packages: this is not Debian" >&2
        return
    fi
    mapfile -t for_build < <(missing_of "${build_packages[@]}")
    mapfile -t others < <(missing_of "$@")
    missing=("${for_build[@]}" "${others[@]}")
    [ ${#missing[@]} != 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "$0: not installed, and only root can: apt-get install ${missing[*]}" >&2
    elif ! may_install "${missing[@]}"; then
        if [ ${#for_build[@]} != 0 ]; then
            echo "$0: stopping, because the build needs: ${for_build[*]}" >&2
        else
            echo "$0: continuing without: ${missing[*]}" >&2
        fi
    else
        # Install the packages of the build first, because only they may be available.
        [ ${#for_build[@]} = 0 ] || install_packages "${for_build[@]}" || fail_to_install
        if [ ${#others[@]} != 0 ] && ! install_packages "${others[@]}"; then
            [ "$kind" = optional ] || fail_to_install
            echo "$0: cannot install packages; continuing without: ${others[*]}" >&2
        fi
        # Configure again, because Meson searched for clang before clang was installed.
        [ ! -f build/build.ninja ] || meson setup --reconfigure build >&2
        return
    fi
    [ ${#for_build[@]} = 0 ] || exit 1
}

fail_to_install() {
    echo "$0: cannot install the packages; is there a network?" >&2
    exit 1
}
