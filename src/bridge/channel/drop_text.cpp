#include "bridge/channel/drop_text.hpp"

#include <cctype>

#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::channel {
namespace {

constexpr std::string_view refused_keys = "REFUSED_KEYS";

/// Returns the reason's key, which shells accept as the name of a variable: DROPPED_TOO_LONG.
std::string key_of(notify::DropReason reason) {
    std::string key = "DROPPED_";
    for (const char letter : notify::name(reason))
        key += letter == '-' ? '_' : static_cast<char>(std::toupper(letter));
    return key;
}

}  // namespace

void write_drops(const notify::DropCounters& drops, util::KeyValueWriter& out) {
    drops.for_each(
        [&](notify::DropReason reason, std::uint64_t count) { out.add(key_of(reason), count); });
    if (!drops.refused_keys().empty())
        out.add(refused_keys, drops.refused_keys());
}

bool read_drop_line(notify::DropCounters& drops, std::string_view key, std::string_view value) {
    if (key == refused_keys) {
        while (!value.empty())
            drops.name_refused(util::take_until(value, ' '));
        return true;
    }
    for (std::size_t at = 0; at < notify::drop_reason_count; ++at) {
        const auto reason = static_cast<notify::DropReason>(at);
        if (key != key_of(reason))
            continue;
        drops.set(reason, util::parse_number<std::uint64_t>(value).value_or(0));
        return true;
    }
    return false;
}

}  // namespace notifybridge::channel
