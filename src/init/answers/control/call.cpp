#include "init/answers/control/call.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
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

std::vector<std::string> Call::texts(std::string_view name) const {
    std::vector<std::string> out;
    const json::value* const value = request_.if_contains(name);
    if (value && value->is_array())
        for (const json::value& each : value->get_array())
            if (each.is_string())
                out.emplace_back(each.get_string());
    return out;
}

std::int64_t Call::number(std::string_view name, std::int64_t otherwise) const {
    const json::value* const value = request_.if_contains(name);
    return value && value->is_int64() ? value->get_int64() : otherwise;
}

bool Call::flag(std::string_view name) const {
    const json::value* const value = request_.if_contains(name);
    return value && value->is_bool() && value->get_bool();
}

void Call::refuse(std::string_view error, std::string_view text) {
    answer_last({{"error", error}, {"text", text}});
}

std::optional<json::object> parse_packet(std::string_view text) {
    if (text.size() > longest_answer)
        return std::nullopt;
    json::parse_options options;
    options.max_depth = deepest;
    options.allow_invalid_utf8 = true;
    boost::system::error_code error;
    json::value value = json::parse(text, error, {}, options);
    if (error || !value.is_object())
        return std::nullopt;
    return std::move(value.get_object());
}

std::vector<std::string> to_packets(const json::object& object) {
    std::string text = json::serialize(object);
    // The receiver takes a full packet as a sign that another packet follows. If the last packet
    // would be full, add a packet that has only a space. An empty packet would mean that the
    // connection has ended.
    if (text.size() % longest_packet == 0)
        text += ' ';
    std::vector<std::string> packets;
    for (std::size_t at = 0; at < text.size(); at += longest_packet)
        packets.push_back(text.substr(at, longest_packet));
    return packets;
}

PartialAnswer::Taken PartialAnswer::add(std::string_view packet) {
    if (text_.size() + packet.size() > longest_answer)
        return Taken::too_long;
    text_ += packet;
    return packet.size() < longest_packet ? Taken::whole : Taken::part;
}

}  // namespace notifybridge::control
