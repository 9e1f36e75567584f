#!/bin/bash
# tests/package and tests/run source this file. It prepares a build for another architecture.

# Prints the name that rpm and compilers have for Debian's ARCHITECTURE.
machine_of() {
    case $1 in
    amd64) echo x86_64 ;;
    arm64) echo aarch64 ;;
    *) echo "$1" ;;
    esac
}

# write_cross_file FILE ARCHITECTURE: writes Meson's cross file for ARCHITECTURE. Unpacks Boost for
# ARCHITECTURE beside FILE, without installing it. If qemu-user is installed, it runs the programs
# that were built.
write_cross_file() {
    local file=$1 architecture=$2 boost=${1%/*}/boost machine tools packages
    machine=$(machine_of "$architecture")
    tools=$machine-linux-gnu
    mapfile -t packages < <(printf '%s\n' "${build_packages[@]}" | grep ^libboost)
    if ! [ -d "$boost" ]; then
        rm -rf "$boost.tree" "$boost.part"
        mmdebstrap --quiet --variant=extract --architectures="$architecture" \
            --include="$(IFS=, && echo "${packages[*]}")" "$(debian_codename)" "$boost.tree" >&2 ||
            {
                echo "$0: cannot download Debian's packages for $architecture" >&2
                exit 1
            }
        mkdir "$boost.part" "$boost.part/include"
        mv "$boost.tree/usr/include/boost" "$boost.part/include"
        mv "$boost.tree/usr/lib/$tools" "$boost.part/lib"
        rm -rf "$boost.tree"
        find "$boost.part/lib" -mindepth 1 ! -name 'libboost_*.a' -delete
        mv "$boost.part" "$boost"
    fi
    cat >"$file" <<EOF
[binaries]
cpp = [$(! command -v ccache >/dev/null || echo "'ccache', ")'$tools-g++']
ar = '$tools-ar'
strip = '$tools-strip'
$(! command -v "qemu-$machine-static" >/dev/null ||
    echo "exe_wrapper = ['qemu-$machine-static', '-L', '/usr/$tools']")

[properties]
needs_exe_wrapper = true
boost_includedir = '$boost/include'
boost_librarydir = '$boost/lib'

[host_machine]
system = 'linux'
cpu_family = '$machine'
cpu = '$machine'
endian = 'little'
EOF
}
