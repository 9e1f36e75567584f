#include "control/call.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace notifybridge::control {
namespace {

constexpr std::size_t deepest = 4;

}  // namespace

std::string_view Call::text(std::string_view name) const {
    const json::value* const value = request_.if_contains(name);
    const json::string* const text = value ? value->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

bool Call::flag(std::string_view name) const {
    const json::value* const value = request_.if_contains(name);
    return value && value->is_bool() && value->get_bool();
}

void Call::refuse(std::string_view error, std::string_view text) {
    answer({{"error", error}, {"text", text}});
}

std::optional<json::object> parse_packet(std::string_view packet) {
    if (packet.size() > longest_packet)
        return std::nullopt;
    json::parse_options options;
    options.max_depth = deepest;
    boost::system::error_code error;
    json::value value = json::parse(packet, error, {}, options);
    if (error || !value.is_object())
        return std::nullopt;
    return std::move(value.get_object());
}

}  // namespace notifybridge::control
