#include "base/bus/message.hpp"

#include <unistd.h>

#include <cstring>

#include "base/bus/reader.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::bus {
namespace {

constexpr char byte_order = 'l';
constexpr char protocol_version = 1;
/// The fixed fields: byte order, type, flags, version, size of the body, serial, size of the header
/// fields.
constexpr std::size_t fixed_size = 16;

enum Field : std::uint8_t {
    path = 1,
    interface = 2,
    member = 3,
    reply_serial = 5,
    destination = 6,
    sender = 7,
    signature = 8,
};

class Writer {
public:
    std::string bytes;

    void align(std::size_t alignment) { bytes.resize(aligned(bytes.size(), alignment)); }
    void add_byte(char byte) { bytes += byte; }
    void add_number(std::uint32_t number) {
        align(sizeof number);
        bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
    void add_string(std::string_view text) {
        add_number(static_cast<std::uint32_t>(text.size()));
        bytes.append(text) += '\0';
    }
    void add_signature(std::string_view text) {
        add_byte(static_cast<char>(text.size()));
        bytes.append(text) += '\0';
    }
    void add_field(Field field, char type, std::string_view value) {
        align(8);
        add_byte(static_cast<char>(field));
        add_signature({&type, 1});
        if (type == 'g')
            add_signature(value);
        else
            add_string(value);
    }
    void put_number(std::size_t at, std::size_t number) {
        const auto value = static_cast<std::uint32_t>(number);
        std::memcpy(bytes.data() + at, &value, sizeof value);
    }
};

/// Stores a header field in `message`. Returns false if no header field may have its type.
bool read_field(Reader& reader, Message& message) {
    const std::uint8_t field = reader.byte();
    const std::string type = reader.signature();
    if (type == "u") {
        const std::uint32_t number = reader.number();
        if (field == reply_serial)
            message.reply_serial = number;
        return true;
    }
    if (type != "s" && type != "o" && type != "g")
        return false;
    std::string value = type == "g" ? reader.signature() : reader.string();
    if (field == member)
        message.member = std::move(value);
    else if (field == sender)
        message.sender = std::move(value);
    else if (field == signature)
        message.signature = std::move(value);
    return true;
}

}  // namespace

// The protocol wants the uid in decimal, with each digit written as its hexadecimal ASCII code.
std::string encode_greeting() {
    std::string digits;
    for (const char digit : std::to_string(::geteuid()))
        (digits += '3') += digit;
    return util::concat(std::string_view("\0", 1), "AUTH EXTERNAL ", digits, "\r\nBEGIN\r\n");
}

std::string encode_call(std::uint32_t serial, const Call& call,
                        const std::vector<std::string>& arguments) {
    Writer body;
    for (const std::string& argument : arguments)
        body.add_string(argument);
    Writer message;
    message.bytes = {byte_order, static_cast<char>(Message::Type::call), 0, protocol_version};
    message.add_number(static_cast<std::uint32_t>(body.bytes.size()));
    message.add_number(serial);
    message.add_number(0);
    message.add_field(path, 'o', call.path);
    if (!call.destination.empty())
        message.add_field(destination, 's', call.destination);
    message.add_field(interface, 's', call.interface);
    message.add_field(member, 's', call.member);
    if (!arguments.empty())
        message.add_field(signature, 'g', std::string(arguments.size(), 's'));
    message.put_number(fixed_size - 4, message.bytes.size() - fixed_size);
    message.align(8);
    return message.bytes + body.bytes;
}

std::optional<std::uint64_t> message_size(std::string_view bytes) {
    if (bytes.size() < fixed_size)
        return std::nullopt;
    if (bytes[0] != byte_order || bytes[3] != protocol_version)
        return 0;
    Reader reader(bytes, 4);
    const std::uint64_t body = reader.number();
    reader.number();
    return aligned(fixed_size + reader.number(), 8) + body;
}

std::optional<Message> decode_message(std::string_view bytes) {
    if (message_size(bytes) != bytes.size())
        return std::nullopt;
    Message message;
    message.type = static_cast<Message::Type>(bytes[1]);
    Reader sizes(bytes, 4);
    const std::uint32_t body_size = sizes.number();
    message.serial = sizes.number();
    const std::size_t fields_end = fixed_size + sizes.number();
    Reader fields(bytes.substr(0, fields_end), fixed_size);
    while (fields.is_good() && !fields.is_at_end()) {
        fields.align(8);
        if (!read_field(fields, message))
            return std::nullopt;
    }
    message.body = bytes.substr(bytes.size() - body_size);
    Reader body(message.body);
    if (message.signature.find_first_not_of('s') == std::string::npos)
        for (std::size_t at = 0; at < message.signature.size(); ++at)
            message.strings.push_back(body.string());
    if (!fields.is_good() || !body.is_good())
        return std::nullopt;
    return message;
}

}  // namespace notifybridge::bus
