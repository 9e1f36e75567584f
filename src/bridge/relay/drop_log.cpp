#include "bridge/relay/drop_log.hpp"

#include "base/util/escape.hpp"

namespace notifybridge::relay {
namespace {

/// Returns the beginning of a sentence about a message. `sender` is empty for a virtual machine.
std::string message_of(system::Credentials sender) {
    if (sender == system::Credentials())
        return "a message";
    return util::concat("a message of pid ", sender.pid, ", uid ", sender.uid);
}

}  // namespace

void DropLog::add(notify::DropReason reason, system::Credentials sender, system::Moment time,
                  std::string_view detail) {
    constexpr std::uint64_t second = 1'000'000;
    counters_.add(reason);
    const auto at = static_cast<std::size_t>(reason);
    if (said_at_[at] != 0 && time.monotonic - said_at_[at] < second) {
        ++unsaid_[at];
        return;
    }
    said_at_[at] = time.monotonic;
    const std::string more =
        unsaid_[at] == 0 ? std::string() : util::concat(" (and ", unsaid_[at], " more like it)");
    unsaid_[at] = 0;
    // These drops need no warning. An empty message is harmless, some programs always send refused
    // keys, and --notify-access=main is meant to ignore other senders.
    const bool usual = reason == notify::DropReason::empty
                       || reason == notify::DropReason::refused_key
                       || reason == notify::DropReason::other_sender;
    log_(usual ? util::Severity::info : util::Severity::warning, util::Topic::messages,
         "dropped, whole or in part: ", message_of(sender), ' ', notify::explain(reason),
         detail.empty() ? "" : ": ", detail.empty() ? std::string() : util::quote(detail), more);
}

void DropLog::add_refused(const std::vector<std::string>& keys, system::Credentials sender,
                          system::Moment time) {
    if (keys.empty())
        return;
    for (const std::string& key : keys)
        counters_.name_refused(key);
    std::string names = keys.front();
    for (std::size_t at = 1; at < keys.size(); ++at)
        names += util::concat(", ", keys[at]);
    add(notify::DropReason::refused_key, sender, time, names);
}

}  // namespace notifybridge::relay
