#include "base/notify/drop.hpp"

#include "base/util/concat.hpp"
#include "base/util/literal.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::notify {
namespace {

constexpr std::size_t longest_key = 32;
constexpr std::size_t most_text_of_keys = 256;
constexpr std::string_view letters_of_keys =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

struct Description {
    util::Literal name;
    util::Literal explanation;
};

// The descriptions are in the order of `DropReason`.
constexpr std::array<Description, drop_reason_count> descriptions = {{
    {"too-long", "is longer than 4096 bytes"},
    {"lost-fds", "lost file descriptors in transit (SELinux, or too many open files)"},
    {"no-credentials", "came without the credentials of its sender"},
    {"embedded-nul", "contains a NUL byte"},
    {"trailing-backslash", "ends in a backslash, which systemd rejects as an unfinished escape"},
    {"empty", "contains no assignment"},
    {"bad-utf8", "has a STATUS that is not UTF-8, which systemd ignores"},
    {"bad-barrier", "has BARRIER=1 with other assignments, or without exactly one file descriptor"},
    {"foreign-sender",
     "came from outside this pid namespace, and not from root or the user of wrap"},
    {"other-sender", "came from a process that is not the command (--notify-access=main)"},
    {"refused-key", "has a key that is not forwarded"},
    {"unsent-fds", "came with file descriptors, which cannot be forwarded"},
    {"untranslated-pid",
     "has a MAINPID that is not a process of the container, or has no room for the translated pid"},
    {"unsendable", "cannot be sent to the service manager, and a retry would fail, too"},
    {"merged", "was replaced by a newer STATUS or WATCHDOG=1 in a flood of messages"},
}};

}  // namespace

std::string_view name(DropReason reason) noexcept {
    return descriptions[static_cast<std::size_t>(reason)].name;
}

std::string_view explain(DropReason reason) noexcept {
    return descriptions[static_cast<std::size_t>(reason)].explanation;
}

void DropCounters::name_refused(std::string_view key) {
    // Add each key only once, because clients repeat refused keys in a flood.
    if (key.empty() || util::has_word(refused_keys_, key))
        return;
    const bool is_fit =
        key.size() <= longest_key && key.find_first_not_of(letters_of_keys) == key.npos;
    if (is_fit && refused_keys_.size() + key.size() < most_text_of_keys)
        refused_keys_ += util::concat(refused_keys_.empty() ? "" : " ", key);
}

}  // namespace notifybridge::notify
