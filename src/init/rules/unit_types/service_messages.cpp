#include "init/rules/unit_types/service_messages.hpp"

#include <utility>

#include "base/notify/fact.hpp"
#include "base/util/number.hpp"

namespace notifybridge::unit_types {
namespace {

using notify::Key;

/// Returns the value that systemd would use. Returns nullopt if systemd would use no value.
std::optional<std::string> taken(const notify::Message& message, Key key) {
    const auto value = message.value(key);
    return value ? notify::accepted_value(key, *value) : std::nullopt;
}

}  // namespace

std::optional<ServiceMessages::Phase> ServiceMessages::phase_of(const notify::Message& message) {
    if (message.has("STOPPING=1"))
        return Phase::stopping;
    if (message.has("READY=1"))
        return Phase::ready;
    if (message.has("RELOADING=1"))
        return Phase::reloading;
    return std::nullopt;
}

void ServiceMessages::take_texts(const notify::Message& message) {
    if (auto text = taken(message, Key::status))
        status_text.edit() = std::move(*text);
    if (const auto number = taken(message, Key::errno_))
        status_errno = util::parse_number<int>(*number).value_or(0);
    if (auto text = taken(message, Key::bus_error))
        bus_error.edit() = std::move(*text);
    if (auto text = taken(message, Key::varlink_error))
        varlink_error.edit() = std::move(*text);
}

}  // namespace notifybridge::unit_types
