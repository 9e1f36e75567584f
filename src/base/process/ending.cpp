#include "base/process/ending.hpp"

#include <optional>
#include <string_view>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::process {
namespace {

/// proc_pid_stat(5), "flags": PF_EXITING of the kernel's include/linux/sched.h.
constexpr unsigned exiting = 0x4;
/// Fields after the name: state, ppid, pgrp, session, tty_nr, tpgid, flags.
constexpr int fields_before_flags = 6;

}  // namespace

bool is_ending(pid_t pid) {
    const std::string text = system::text_of(util::concat("/proc/", pid, "/stat"));
    std::string_view rest = text;
    const std::size_t bracket = rest.rfind(')');
    if (bracket == rest.npos || rest.size() < bracket + 3)
        return true;
    rest.remove_prefix(bracket + 2);
    const char state = rest.front();
    for (int field = 0; field < fields_before_flags; ++field)
        rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
    const auto flags = util::parse_number<unsigned>(rest.substr(0, rest.find(' ')));
    return state == 'Z' || state == 'X' || !flags || (*flags & exiting);
}

}  // namespace notifybridge::process
