#include "bridge/channel/connections.hpp"

#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::channel {
namespace {

constexpr std::string_view prefix = "CONNECTIONS_";

/// Calls `visit` with the name and the value of each count.
template <typename Connections, typename Visit>
void for_each_count(Connections& connections, const Visit& visit) {
    visit("OPEN", connections.open);
    visit("WAITING", connections.waiting);
    visit("LIMIT", connections.limit);
    visit("ACCEPTED", connections.accepted);
    visit("REFUSED", connections.refused);
}

}  // namespace

void write_connections(const Connections& connections, util::KeyValueWriter& out) {
    for_each_count(connections, [&](std::string_view name, std::uint64_t count) {
        out.add(util::concat(prefix, name), count);
    });
}

bool read_connections_line(std::optional<Connections>& connections, std::string_view key,
                           const std::string& value) {
    if (!key.starts_with(prefix))
        return false;
    if (!connections)
        connections.emplace();
    key.remove_prefix(prefix.size());
    for_each_count(*connections, [&](std::string_view name, std::uint64_t& count) {
        if (key == name)
            count = util::parse_number<std::uint64_t>(value).value_or(0);
    });
    return true;
}

}  // namespace notifybridge::channel
