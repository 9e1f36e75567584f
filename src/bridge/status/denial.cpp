#include "bridge/status/denial.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

constexpr const char* audit_log = "/var/log/audit/audit.log";
constexpr off_t most_audit = 1024 * 1024;

/// Lines with this path concern podman's own socket for `--sdnotify=container`, and not a shared
/// directory.
constexpr std::string_view socket_of_podman = "/userdata/notify/notify.sock\"";

/// Returns whether a line is about our programs. The kernel cuts the names of commands to 15 bytes.
/// If the runtime may not execute our file, the line contains only the path of the file.
bool is_about_us(std::string_view line, std::string_view directory_name) {
    if (line.find(socket_of_podman) != line.npos)
        return false;
    constexpr auto ours = std::to_array<std::string_view>(
        {"notifybridge\"", "container-notif", "host-notify-wai", "notify.sock\""});
    for (const std::string_view part : ours)
        if (line.find(part) != line.npos)
            return true;
    return !directory_name.empty()
           && (line.find(concat("name=\"", directory_name, '"')) != line.npos
               || line.find(concat('/', directory_name, '"')) != line.npos);
}

/// Returns the time, in microseconds since 1970, in a text like "msg=audit(1795161600.123:4711):".
std::uint64_t time_of(std::string_view line) {
    constexpr std::string_view start = "audit(";
    const std::size_t at = line.find(start);
    if (at == line.npos)
        return 0;
    line.remove_prefix(at + start.size());
    return util::parse_number<std::uint64_t>(line.substr(0, line.find('.'))).value_or(0)
           * 1'000'000;
}

std::optional<Denial> read_denial(std::string_view line, std::string_view directory_name) {
    // SELinux writes "denied", AppArmor writes "apparmor=".
    std::size_t at = line.find("denied ");
    if (at == line.npos)
        at = line.find("apparmor=\"DENIED\"");
    if (at == line.npos || !is_about_us(line, directory_name))
        return std::nullopt;
    return Denial{time_of(line), std::string(line.substr(at))};
}

}  // namespace

std::optional<Denial> find_denial(std::string_view text, std::string_view directory_name) {
    while (!text.empty()) {
        if (text.ends_with('\n'))
            text.remove_suffix(1);
        const std::size_t newline = text.rfind('\n');
        const std::size_t start = newline == text.npos ? 0 : newline + 1;
        if (auto denial = read_denial(text.substr(start), directory_name))
            return denial;
        text = text.substr(0, start);
    }
    return std::nullopt;
}

std::string remedy_of(const Denial& denial, std::string_view directory) {
    const auto has = [&](const char* part) { return denial.text.find(part) != std::string::npos; };
    const char* remedy = nullptr;
    if (has("apparmor="))
        remedy = "allow this access in the AppArmor profile that `profile=` names";
    else if (has("{ entrypoint }"))
        remedy =
            "the policy does not let containers start with this file: mount a copy of it with :z, "
            "for "
            "example `-v /srv/notifybridge:/opt/container-notify-wrapper:ro,z`";
    else if (has("tclass=fifo_file") && has("{ write }") && has("path=\"pipe:"))
        remedy =
            "the output of the container does not reach the log; no label of the volume can fix "
            "this: start it with --security-opt=label=disable, or extend the policy (`audit2why "
            "-al`)";
    else if (has("path=\"socket:"))
        remedy =
            "the policy does not let containers use sockets that they inherit, such as those of "
            "systemd: start the container with --security-opt=label=disable, or extend the policy "
            "(`audit2why -al`)";
    else if (has("tclass=") && !has("tclass=dir") && !has("tclass=file")
             && !has("tclass=sock_file"))
        remedy = "no label of the volume can fix this: `audit2why -al` shows what the policy lacks";
    // The type is right, so the label's categories must differ, such as s0:c1,c2.
    else if (has(":container_file_t:"))
        remedy =
            "the label belongs to another container: mount the volume with :Z, or with :z in each "
            "container if several use it";
    if (!remedy && directory.empty())
        remedy = "mount the volume of the shared directory with :Z";
    return remedy ? std::string(remedy)
                  : concat("mount the volume with :Z, or `chcon -R -t container_file_t ", directory,
                           '`');
}

std::optional<Denial> last_denial(std::string_view directory_name) {
    const system::UniqueFd log(::open(audit_log, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat status;
    if (!log || ::fstat(log.get(), &status) < 0 || !S_ISREG(status.st_mode))
        return std::nullopt;
    std::string text(static_cast<std::size_t>(std::min(status.st_size, most_audit)), '\0');
    const auto size = system::read_at(
        log, std::as_writable_bytes(std::span(text)),
        static_cast<std::uint64_t>(std::max<off_t>(0, status.st_size - most_audit)));
    if (!size)
        return std::nullopt;
    return find_denial(std::string_view(text).substr(0, *size), directory_name);
}

}  // namespace notifybridge::status
