// Fuzzes the data of a message bus: the messages in the bytes, their values, and the objects that
// they name.

#include <string>

#include "base/bus/message_stream.hpp"
#include "base/bus/property.hpp"
#include "base/bus/reader.hpp"
#include "fuzz/fuzz.hpp"
#include "init/answers/dbus/answer.hpp"
#include "init/answers/dbus/object.hpp"
#include "init/answers/dbus/value.hpp"

namespace notifybridge {
namespace {

using fuzz::require;

constexpr std::size_t longest = 1024;

void check_values(const bus::Message& message) {
    bus::Reader reader = dbus::reader_of(message);
    std::string_view types = message.signature;
    while (!types.empty() && reader.is_good())
        bus::read_text(reader, types);
    require(reader.position() <= message.body.size(), "values end within their message");
    bus::Reader strings = dbus::reader_of(message);
    require(dbus::read_strings(strings).size() <= message.body.size(),
            "an array has no more elements than its message has bytes");
    bus::read_properties(message.body);
    bus::read_unit_paths(message.body);
}

void check_texts(std::string_view text) {
    for (const std::string_view type : {"s", "b", "u", "i", "t", "as", "ay", "(uo)", "(ss)"}) {
        bus::Writer writer;
        dbus::add_variant(writer, type, text);
        bus::Reader reader(writer.bytes);
        std::string_view types = "v";
        bus::read_text(reader, types);
        require(reader.is_good() && reader.is_at_end(), "each written value can be read");
    }
}

void check_object(const std::string& path) {
    const dbus::Object object = dbus::parse_path(path);
    if (object.kind == dbus::Object::Kind::unit)
        require(dbus::parse_path(bus::unit_path(object.unit)).unit == object.unit,
                "a unit's path is parsed to the same unit");
}

void check_message(bus::Message message) {
    check_values(message);
    check_object(message.path);
    if (message.is_swapped)
        return;
    const std::string bytes = bus::encode_message(message.serial, message);
    const auto again = bus::decode_message(bytes);
    require(again && again->path == message.path && again->member == message.member
                && again->body == message.body && again->signature == message.signature,
            "an encoded message can be decoded");
    const bus::Message answer = dbus::to_message(message, dbus::text_answer(message.member));
    require(bus::decode_message(bus::encode_message(1, answer)).has_value(),
            "the answer to a message can be decoded");
}

void check_stream(std::string_view bytes, std::size_t piece) {
    bus::MessageStream stream(longest);
    stream.add("OK 1\r\n");
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        stream.add(bytes.substr(at, piece));
        while (auto item = stream.next()) {
            require(!item->is_too_long || !item->message || item->message->body.empty(),
                    "a message that is too long has no body");
            if (item->message && !item->is_too_long)
                check_message(std::move(*item->message));
        }
    }
}

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    const std::string_view bytes = fuzz::as_text(data, size);
    if (size == 0)
        return 0;
    check_stream(bytes, size);
    check_stream(bytes, data[0] % 50 + 1);
    check_texts(bytes);
    check_object(std::string("/org/freedesktop/systemd1/unit/").append(bytes));
    return 0;
}
