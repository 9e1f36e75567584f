#include "init/files/facts/virtualization.hpp"

#include <unistd.h>

#include <array>

#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/util/contains.hpp"
#include "base/util/literal.hpp"

namespace notifybridge::facts {
namespace {

constexpr auto known_containers =
    std::to_array<std::string_view>({"systemd-nspawn", "lxc-libvirt", "lxc", "openvz", "docker",
                                     "podman", "rkt", "wsl", "proot", "pouch"});

struct Vendor {
    util::Literal text;  ///< The text at the beginning of a DMI field.
    util::Literal name;
};

constexpr auto vendors = std::to_array<Vendor>({
    {"KVM", "kvm"},
    {"OpenStack", "kvm"},
    {"KubeVirt", "kvm"},
    {"Amazon EC2", "amazon"},
    {"QEMU", "qemu"},
    {"VMware", "vmware"},
    {"VMW", "vmware"},
    {"innotek GmbH", "oracle"},
    {"VirtualBox", "oracle"},
    {"Xen", "xen"},
    {"Bochs", "bochs"},
    {"Parallels", "parallels"},
    {"BHYVE", "bhyve"},
    {"Hyper-V", "microsoft"},
    {"Apple Virtualization", "apple"},
    {"Google Compute Engine", "google"},
});

std::string container_name(std::string name) {
    if (name == "oci" || name.empty())
        name = ::access("/run/.containerenv", F_OK) == 0 ? "podman"
               : ::access("/.dockerenv", F_OK) == 0      ? "docker"
                                                         : name;
    if (name.empty())
        return name;
    const bool is_known = util::contains(known_containers, name);
    return is_known ? name : "container-other";
}

}  // namespace

std::string detect_container() {
    std::string name = system::line_of("/run/host/container-manager");
    if (name.empty())
        name = system::line_of("/run/systemd/container");
    if (name.empty())
        name = process::variable_of(1, "container");
    return container_name(name);
}

std::string detect_virtual_machine() {
    for (const char* const field :
         {"product_name", "sys_vendor", "board_vendor", "bios_vendor", "product_version"}) {
        const std::string line = system::line_of(std::string("/sys/class/dmi/id/") + field);
        for (const Vendor& vendor : vendors)
            if (line.starts_with(vendor.text))
                return std::string(vendor.name);
    }
    const std::string flags = system::text_of("/proc/cpuinfo");
    return flags.find(" hypervisor") != flags.npos ? "vm-other" : "";
}

}  // namespace notifybridge::facts
