#include "base/notify/assignments.hpp"

#include <algorithm>

#include "base/util/concat.hpp"

namespace notifybridge::notify {
namespace {

constexpr std::size_t longest_fd_name = 255;

/// Returns "STATUS=" for "STATUS=up". Returns the whole text if it has no "=".
std::string_view variable(std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    return equals == assignment.npos ? assignment : assignment.substr(0, equals + 1);
}

}  // namespace

std::vector<std::string> assignments(const Announcement& announcement,
                                     std::uint64_t monotonic_usec) {
    std::vector<std::string> out;
    if (announcement.reloading) {
        out.push_back("RELOADING=1");
        out.push_back(util::concat("MONOTONIC_USEC=", monotonic_usec));
    }
    if (announcement.ready)
        out.push_back("READY=1");
    if (announcement.stopping)
        out.push_back("STOPPING=1");
    if (announcement.status)
        out.push_back(util::concat("STATUS=", *announcement.status));
    if (announcement.main_pid)
        out.push_back(util::concat("MAINPID=", *announcement.main_pid));
    if (announcement.main_pid && announcement.main_pidfd_id)
        out.push_back(util::concat("MAINPIDFDID=", *announcement.main_pidfd_id));
    if (announcement.stores_fds)
        out.push_back("FDSTORE=1");
    if (announcement.stores_fds && announcement.fd_name)
        out.push_back(util::concat("FDNAME=", *announcement.fd_name));
    return out;
}

std::vector<std::string> combine(std::vector<std::string> assignments,
                                 std::span<const std::string> more) {
    for (const std::string& assignment : more) {
        const auto earlier = std::ranges::find_if(assignments, [&](const std::string& other) {
            return variable(other) == variable(assignment);
        });
        if (earlier == assignments.end())
            assignments.push_back(assignment);
        else
            *earlier = assignment;
    }
    return assignments;
}

bool ends_in_escape(std::string_view assignment) noexcept {
    const std::size_t last_other = assignment.find_last_not_of('\\');
    const std::size_t backslashes =
        last_other == assignment.npos ? assignment.size() : assignment.size() - last_other - 1;
    return backslashes % 2 == 1;
}

bool is_fd_name(std::string_view name) noexcept {
    return name.size() <= longest_fd_name && std::ranges::all_of(name, [](char byte) {
               return byte >= ' ' && byte <= '~' && byte != ':';
           });
}

}  // namespace notifybridge::notify
