#include "base/bus/message.hpp"

#include <unistd.h>

#include "base/bus/reader.hpp"
#include "base/bus/writer.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::bus {
namespace {

constexpr char byte_order = 'l';
constexpr char other_byte_order = 'B';
constexpr char protocol_version = 1;
constexpr std::uint8_t no_reply_expected = 1;

enum Field : std::uint8_t {
    path = 1,
    interface = 2,
    member = 3,
    error_name = 4,
    reply_serial = 5,
    destination = 6,
    sender = 7,
    signature = 8,
};

void begin_field(Writer& writer, Field field, std::string_view type) {
    writer.begin_struct();
    writer.add_byte(field);
    writer.add_signature(type);
}

void add_field(Writer& writer, Field field, std::string_view type, std::string_view value) {
    if (value.empty())
        return;
    begin_field(writer, field, type);
    if (type == "g")
        writer.add_signature(value);
    else
        writer.add_string(value);
}

/// Returns the member of `message` that stores this text field. Returns null for other fields.
std::string* text_of(Message& message, std::uint8_t field) {
    switch (field) {
        case path:
            return &message.path;
        case interface:
            return &message.interface;
        case member:
            return &message.member;
        case error_name:
            return &message.error;
        case destination:
            return &message.destination;
        case sender:
            return &message.sender;
        case signature:
            return &message.signature;
        default:
            return nullptr;
    }
}

/// Reads one header field into `message`. Returns false if the type is not allowed in a header.
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
    if (std::string* const text = text_of(message, field))
        *text = std::move(value);
    return true;
}

bool is_swapped(std::string_view bytes) {
    return bytes[0] == other_byte_order;
}

}  // namespace

// The protocol wants the uid in decimal, with each digit written as its hexadecimal ASCII code.
std::string encode_greeting(bool takes_fds) {
    std::string digits;
    for (const char digit : std::to_string(::geteuid()))
        (digits += '3') += digit;
    return util::concat(std::string_view("\0", 1), "AUTH EXTERNAL ", digits,
                        takes_fds ? "\r\nNEGOTIATE_UNIX_FD" : "", "\r\nBEGIN\r\n");
}

std::string encode_call(std::uint32_t serial, const Call& call,
                        const std::vector<std::string>& arguments) {
    Writer body;
    for (const std::string& argument : arguments)
        body.add_string(argument);
    Message message;
    message.path = call.path;
    message.interface = call.interface;
    message.member = call.member;
    message.destination = call.destination;
    message.signature = std::string(arguments.size(), 's');
    message.body = std::move(body.bytes);
    return encode_message(serial, message);
}

std::string encode_message(std::uint32_t serial, const Message& message) {
    Writer writer;
    const std::uint8_t flags = message.expects_answer ? 0 : no_reply_expected;
    writer.bytes = {byte_order, static_cast<char>(message.type), static_cast<char>(flags),
                    protocol_version};
    writer.add_number(static_cast<std::uint32_t>(message.body.size()));
    writer.add_number(serial);
    writer.add_number(0);
    add_field(writer, path, "o", message.path);
    add_field(writer, destination, "s", message.destination);
    add_field(writer, interface, "s", message.interface);
    add_field(writer, member, "s", message.member);
    add_field(writer, error_name, "s", message.error);
    if (message.reply_serial != 0) {
        begin_field(writer, reply_serial, "u");
        writer.add_number(message.reply_serial);
    }
    add_field(writer, signature, "g", message.signature);
    writer.put_number(fixed_size - 4, writer.bytes.size() - fixed_size);
    writer.align(8);
    return std::move(writer.bytes) + message.body;
}

std::optional<std::uint64_t> message_size(std::string_view bytes) {
    if (bytes.size() < fixed_size)
        return std::nullopt;
    if ((bytes[0] != byte_order && !is_swapped(bytes)) || bytes[3] != protocol_version)
        return 0;
    return header_size(bytes) + Reader(bytes, 4, is_swapped(bytes)).number();
}

std::uint64_t header_size(std::string_view bytes) {
    return aligned(fixed_size + Reader(bytes, fixed_size - 4, is_swapped(bytes)).number(), 8);
}

std::optional<Message> decode_header(std::string_view bytes) {
    if (!message_size(bytes).value_or(0) || header_size(bytes) > bytes.size())
        return std::nullopt;
    Message message;
    message.type = static_cast<Message::Type>(bytes[1]);
    message.expects_answer = (static_cast<std::uint8_t>(bytes[2]) & no_reply_expected) == 0;
    message.is_swapped = is_swapped(bytes);
    Reader numbers(bytes, 8, message.is_swapped);
    message.serial = numbers.number();
    const std::size_t fields_end = fixed_size + numbers.number();
    Reader fields(bytes.substr(0, fields_end), fixed_size, message.is_swapped);
    while (fields.is_good() && !fields.is_at_end()) {
        fields.align(8);
        if (!read_field(fields, message))
            return std::nullopt;
    }
    return fields.is_good() ? std::optional(std::move(message)) : std::nullopt;
}

std::optional<Message> decode_message(std::string_view bytes) {
    if (message_size(bytes) != bytes.size())
        return std::nullopt;
    auto message = decode_header(bytes);
    if (!message)
        return std::nullopt;
    message->body = bytes.substr(header_size(bytes));
    Reader body(message->body, 0, message->is_swapped);
    if (message->signature.find_first_not_of('s') == std::string::npos)
        for (std::size_t at = 0; at < message->signature.size(); ++at)
            message->strings.push_back(body.string());
    if (!body.is_good())
        return std::nullopt;
    return message;
}

}  // namespace notifybridge::bus
