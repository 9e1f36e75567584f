#include "base/notify/drop.hpp"

#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::notify {
namespace {

constexpr std::size_t longest_key = 32;
constexpr std::size_t most_text_of_keys = 256;
constexpr std::string_view letters_of_keys =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

struct Description {
    std::string_view name;
    std::string_view explanation;
};

// In the enumeration's order.
constexpr std::array<Description, drop_reason_count> descriptions = {{
    {"too-long", "is longer than 4096 bytes"},
    {"lost-fds", "lost file descriptors on its way (SELinux, or too many open files)"},
    {"no-credentials", "came without its sender's credentials"},
    {"embedded-nul", "has a NUL byte within"},
    {"trailing-backslash", "ends in a backslash, which systemd takes for an unfinished escape"},
    {"empty", "says nothing"},
    {"bad-utf8", "has a STATUS that is not UTF-8, which systemd ignores"},
    {"bad-barrier", "has BARRIER=1 beside something else, or not with one file descriptor"},
    {"foreign-sender", "came from outside this pid namespace, by a user who is not root"},
    {"other-sender", "came from a process that is not the command (--notify-access=main)"},
    {"refused-key", "has a key that the policy does not let through"},
    {"unsent-fds", "came with file descriptors, which cannot be sent on"},
    {"untranslated-pid",
     "has a MAINPID that no process of the container was found for, or no room for it"},
    {"unsendable", "cannot be sent to the service manager by any means"},
    {"merged", "gave way to a newer STATUS or WATCHDOG=1, in a flood of messages"},
}};

}  // namespace

std::string_view name(DropReason reason) noexcept {
    return descriptions[static_cast<std::size_t>(reason)].name;
}

std::string_view explain(DropReason reason) noexcept {
    return descriptions[static_cast<std::size_t>(reason)].explanation;
}

void DropCounters::name_refused(std::string_view key) {
    // A flood repeats the same key.
    if (key.empty() || util::has_word(refused_keys_, key))
        return;
    const bool is_fit =
        key.size() <= longest_key && key.find_first_not_of(letters_of_keys) == key.npos;
    if (is_fit && refused_keys_.size() + key.size() < most_text_of_keys)
        refused_keys_ += util::concat(refused_keys_.empty() ? "" : " ", key);
}

}  // namespace notifybridge::notify
