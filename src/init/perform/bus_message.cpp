#include "init/perform/bus_message.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace notifybridge::perform {
namespace {

static_assert(std::endian::native == std::endian::little);
constexpr char byte_order = 'l';
constexpr char protocol_version = 1;
/// Byte order, type, flags, version, the body's size, the serial, the size of the fields.
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

constexpr std::uint64_t aligned(std::uint64_t size, std::uint64_t alignment) {
    return (size + alignment - 1) / alignment * alignment;
}

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

/// Reads from the front; once something is missing, nothing that follows is there.
class Reader {
public:
    Reader(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}

    bool is_good() const { return good_; }
    bool is_at_end() const { return at_ == bytes_.size(); }

    void align(std::size_t alignment) { take(aligned(at_, alignment) - at_); }
    std::uint8_t byte() {
        const std::string_view found = take(1);
        return found.empty() ? 0 : static_cast<std::uint8_t>(found[0]);
    }
    std::uint32_t number() {
        align(sizeof(std::uint32_t));
        std::uint32_t number = 0;
        const std::string_view found = take(sizeof number);
        if (good_)
            std::memcpy(&number, found.data(), sizeof number);
        return number;
    }
    std::string string() { return ended(number()); }
    std::string signature() { return ended(byte()); }

private:
    std::string_view take(std::uint64_t size) {
        good_ = good_ && size <= bytes_.size() - at_;
        if (!good_)
            return {};
        const std::string_view found = bytes_.substr(at_, size);
        at_ += size;
        return found;
    }
    std::string ended(std::uint64_t size) {
        const std::string_view found = take(size + 1);
        good_ = good_ && found.back() == '\0';
        return good_ ? std::string(found.substr(0, size)) : std::string();
    }

    std::string_view bytes_;
    std::size_t at_;
    bool good_ = true;
};

/// Puts one of the header's fields where it belongs. False where it has a type that no field has.
bool read_field(Reader& reader, BusMessage& message, std::string& of_body) {
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
        of_body = std::move(value);
    return true;
}

}  // namespace

std::string encode_bus_call(std::uint32_t serial, std::string_view name,
                            const std::vector<std::string>& arguments) {
    Writer body;
    for (const std::string& argument : arguments)
        body.add_string(argument);
    Writer message;
    message.bytes = {byte_order, static_cast<char>(BusMessage::Type::call), 0, protocol_version};
    message.add_number(static_cast<std::uint32_t>(body.bytes.size()));
    message.add_number(serial);
    message.add_number(0);
    message.add_field(path, 'o', "/org/freedesktop/DBus");
    message.add_field(destination, 's', bus_name_of_bus);
    message.add_field(interface, 's', bus_name_of_bus);
    message.add_field(member, 's', name);
    if (!arguments.empty())
        message.add_field(signature, 'g', std::string(arguments.size(), 's'));
    message.put_number(fixed_size - 4, message.bytes.size() - fixed_size);
    message.align(8);
    return message.bytes + body.bytes;
}

std::optional<std::uint64_t> bus_message_size(std::string_view bytes) {
    if (bytes.size() < fixed_size)
        return std::nullopt;
    if (bytes[0] != byte_order || bytes[3] != protocol_version)
        return 0;
    Reader reader(bytes, 4);
    const std::uint64_t body = reader.number();
    reader.number();
    return aligned(fixed_size + reader.number(), 8) + body;
}

std::optional<BusMessage> decode_bus_message(std::string_view bytes) {
    if (bus_message_size(bytes) != bytes.size())
        return std::nullopt;
    BusMessage message;
    message.type = static_cast<BusMessage::Type>(bytes[1]);
    Reader sizes(bytes, 4);
    const std::uint32_t body_size = sizes.number();
    message.serial = sizes.number();
    const std::size_t fields_end = fixed_size + sizes.number();
    Reader fields(bytes.substr(0, fields_end), fixed_size);
    std::string of_body;
    while (fields.is_good() && !fields.is_at_end()) {
        fields.align(8);
        if (!read_field(fields, message, of_body))
            return std::nullopt;
    }
    Reader body(bytes.substr(bytes.size() - body_size), 0);
    const bool has_strings = of_body.find_first_not_of('s') == of_body.npos;
    for (std::size_t at = 0; has_strings && at < of_body.size(); ++at)
        message.strings.push_back(body.string());
    if (!fields.is_good() || !body.is_good())
        return std::nullopt;
    return message;
}

}  // namespace notifybridge::perform
