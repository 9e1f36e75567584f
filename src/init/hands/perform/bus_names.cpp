#include "init/hands/perform/bus_names.hpp"

#include <chrono>
#include <vector>

#include "base/util/concat.hpp"

namespace notifybridge::perform {
namespace {

using util::concat;

constexpr std::chrono::seconds retry_interval(1);
/// The size in bytes of the longest message that is read in full. A name has at most 255 bytes, and
/// the messages for us contain at most three strings.
constexpr std::size_t longest_message = 16 * 1024;

std::string rule_for(const std::string& name) {
    return concat("type='signal',sender='", bus::bus_name, "',interface='", bus::bus_name,
                  "',member='NameOwnerChanged',arg0='", name, "'");
}

}  // namespace

BusNames::BusNames(event::Loop& loop, event::Poller& poller, process::FdCloser& closer,
                   std::string_view address)
    : path_(bus::socket_path(address, bus::system_socket)),
      connection_(poller, closer, longest_message),
      retry_(loop) {
    connection_.on_message = [this](const bus::MessageStream::Item& item) { take(item); };
    connection_.on_end = [this] { disconnect(); };
    retry_.on_expired = [this] { connect(); };
}

void BusNames::watch(const std::string& unit, const std::string& name,
                     std::function<void(bool)> on_change) {
    watches_[unit] = {name, std::move(on_change)};
    if (connection_.is_open())
        request_owner(name);
    else
        connect();
}

void BusNames::unwatch(const std::string& unit) {
    if (watches_.erase(unit) == 0 || !watches_.empty())
        return;
    retry_.cancel();
    connection_.close();
    questions_.clear();
}

void BusNames::connect() {
    if (connection_.is_open())
        return;
    if (!connection_.open(path_)) {
        disconnect();
        return;
    }
    for (const auto& [unit, watch] : watches_)
        request_owner(watch.name);
}

/// Disconnects after the connection has failed or could not be made. Schedules another attempt.
void BusNames::disconnect() {
    connection_.close();
    questions_.clear();
    retry_.start(retry_interval);
}

/// Requests the owner of `name`, and subscribes to changes. AddMatch comes first, so that no change
/// between the two calls is lost.
void BusNames::request_owner(const std::string& name) {
    connection_.call_bus("AddMatch", {rule_for(name)});
    questions_[connection_.call_bus("GetNameOwner", {name})] = name;
}

void BusNames::take(const bus::MessageStream::Item& item) {
    using Type = bus::Message::Type;
    // Check the sender, because any client of the bus can send us a signal that resembles a signal
    // of the bus.
    if (!item.message || item.message->sender != bus::bus_name)
        return;
    const bus::Message& message = *item.message;
    const bool is_change = message.type == Type::signal && message.member == "NameOwnerChanged"
                           && message.strings.size() == 3;
    if (is_change) {
        tell(message.strings[0], !message.strings[2].empty());
    } else if (message.type == Type::answer || message.type == Type::error) {
        if (const auto question = questions_.extract(message.reply_serial))
            tell(question.mapped(), message.type == Type::answer);
    }
}

void BusNames::tell(const std::string& name, bool has_owner) {
    std::vector<std::string> units;
    for (const auto& [unit, watch] : watches_)
        if (watch.name == name)
            units.push_back(unit);
    for (const std::string& unit : units) {
        // A unit that was notified in this loop may have ended the watch of another unit.
        const auto watch = watches_.find(unit);
        if (watch == watches_.end())
            continue;
        const auto on_change = watch->second.on_change;
        on_change(has_owner);
    }
}

}  // namespace notifybridge::perform
