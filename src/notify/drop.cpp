#include "notify/drop.hpp"

#include "util/concat.hpp"

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

// In the order of the enumeration.
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
    {"refused-key", "has a key that the policy does not let through"},
    {"unsent-fds", "came with file descriptors, which cannot be sent on"},
    {"untranslated-pid", "has a MAINPID that no process of the container was found for"},
    {"merged", "gave way to a newer STATUS or WATCHDOG=1, in a flood of messages"},
}};

}  // namespace

std::string_view name(DropReason reason) noexcept {
    return descriptions[static_cast<std::size_t>(reason)].name;
}

std::string_view explain(DropReason reason) noexcept {
    return descriptions[static_cast<std::size_t>(reason)].explanation;
}

std::optional<DropReason> drop_reason(std::string_view name) noexcept {
    for (std::size_t at = 0; at < descriptions.size(); ++at)
        if (descriptions[at].name == name)
            return static_cast<DropReason>(at);
    return std::nullopt;
}

void DropCounters::name_refused(std::string_view key) {
    const bool is_fit = !key.empty() && key.size() <= longest_key
                        && key.find_first_not_of(letters_of_keys) == key.npos;
    const bool is_known = util::concat(' ', refused_keys_, ' ').find(util::concat(' ', key, ' '))
                          != std::string::npos;
    if (is_fit && !is_known && refused_keys_.size() + key.size() < most_text_of_keys)
        refused_keys_ += util::concat(refused_keys_.empty() ? "" : " ", key);
}

}  // namespace notifybridge::notify
