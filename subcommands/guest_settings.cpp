#include "guest_settings.hpp"

#include <linux/vm_sockets.h>

#include <algorithm>
#include <string_view>

#include "base/cli/settings.hpp"
#include "base/system/limits.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/number.hpp"
#include "wait_settings.hpp"

namespace notifybridge {
namespace {

using util::concat;
using util::quote;

constexpr std::string_view listen_name = "listen";
constexpr std::string_view ready_on_name = "ready-on";
constexpr std::string_view cid_name = "guest-cid";

guest::ListenAddress read_address(const std::string& text) {
    auto address = guest::parse_listen_address(text);
    if (!address)
        throw cli::UsageError(
            concat("--listen=", quote(text), ": ", guest::explain(address.error())));
    return std::move(*address);
}

/// Checks the name of a unit, which has a type and at most 255 bytes. The name must not contain a
/// character that would end the assignment X_SYSTEMD_UNIT_ACTIVE=NAME.
std::string read_ready_on(const std::string& text) {
    constexpr std::size_t longest_name = 255;
    const std::size_t dot = text.find('.');
    if (dot == 0 || dot == text.npos || text.size() > longest_name
        || std::ranges::any_of(text, [](unsigned char each) { return each <= ' ' || each == '='; }))
        throw cli::UsageError(concat("--ready-on=", quote(text),
                                     " is not the name of a unit; give one with its type, such as "
                                     "multi-user.target"));
    return text;
}

std::uint32_t read_cid(const std::string& text) {
    const auto cid = util::parse_number<std::uint32_t>(text);
    if (!cid || *cid == VMADDR_CID_ANY)
        throw cli::UsageError(concat(
            "--guest-cid=", quote(text),
            " is not a CID; give the number from the settings of the virtual machine, such as 3"));
    // These CIDs do not name a guest (vsock(7)). VMADDR_CID_LOCAL is allowed for local tests.
    if (*cid == VMADDR_CID_HYPERVISOR || *cid == VMADDR_CID_HOST)
        throw cli::UsageError(concat("--guest-cid=", quote(text), ": CID ", *cid,
                                     *cid == VMADDR_CID_HOST ? " is the host" : " is reserved",
                                     "; give the CID of the virtual machine, which is 3 or more"));
    return *cid;
}

void refuse_companions(const cli::Arguments& arguments) {
    for (const std::string_view name : {"shared-dir", "owner", "member", "keep", "stop"})
        if (arguments.has(name))
            throw cli::UsageError(concat("--", name,
                                         " is only for containers, but --listen is for a virtual "
                                         "machine; remove one of the two options"));
    if (arguments.value("main-pid") == "translate")
        throw cli::UsageError(
            "--main-pid=translate is only for containers, because processes of a virtual machine "
            "have no pid on the host; remove the option");
}

}  // namespace

bool is_for_guest(const cli::Arguments& arguments) {
    if (arguments.has(listen_name))
        return true;
    for (const std::string_view name : {ready_on_name, cid_name})
        if (arguments.has(name))
            throw cli::UsageError(
                concat("--", name,
                       " has no effect without --listen; add for example --listen=vsock:9999"));
    return false;
}

guest::Settings read_guest_settings(const cli::Arguments& arguments) {
    guest::Settings settings;
    refuse_companions(arguments);
    settings.address = read_address(*arguments.value(listen_name));
    if (const auto unit = arguments.value(ready_on_name))
        settings.ready_on = read_ready_on(*unit);
    if (const auto cid = arguments.value(cid_name))
        settings.port.cid = read_cid(*cid);
    if (settings.port.cid
        && (settings.address.kind != guest::ListenAddress::Kind::vsock
            || settings.address.socket_type == SOCK_DGRAM))
        throw cli::UsageError(
            "--guest-cid is only for vsock, because a Unix socket belongs to one virtual machine; "
            "remove the option");
    settings.wait = read_wait_settings(arguments);
    settings.port.socket_type = settings.address.socket_type;
    settings.port.rate = settings.wait.courier.rate;
    // Connections may use half of the descriptors. This process needs the others for itself.
    settings.port.most_open = std::min(settings.port.most_open, system::open_files_limit() / 2);
    if (!settings.wait.fds.fds.empty())
        util::log(util::Severity::warning, util::Topic::process,
                  "ignoring the sockets that systemd passed (LISTEN_FDS): they cannot reach a "
                  "virtual machine");
    return settings;
}

}  // namespace notifybridge
