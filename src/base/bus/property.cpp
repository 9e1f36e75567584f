#include "base/bus/property.hpp"

#include <signal.h>

#include <chrono>

#include "base/util/concat.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::bus {
namespace {

/// The deepest nesting of types. The D-Bus specification allows 32 arrays and 32 structures.
constexpr int deepest = 64;
constexpr std::string_view type_of_commands = "a(sasbttttuii)";

std::size_t size_of_nested_type(std::string_view types, int depth) {
    if (types.empty() || depth > deepest)
        return 0;
    if (types[0] == 'a') {
        const std::size_t size = size_of_nested_type(types.substr(1), depth + 1);
        return size == 0 ? 0 : size + 1;
    }
    const char end = types[0] == '(' ? ')' : types[0] == '{' ? '}' : '\0';
    if (end == '\0')
        return 1;
    std::size_t at = 1;
    while (at < types.size() && types[at] != end) {
        const std::size_t size = size_of_nested_type(types.substr(at), depth + 1);
        if (size == 0)
            return 0;
        at += size;
    }
    return at > 1 && at < types.size() ? at + 1 : 0;
}

std::uint64_t alignment_of(char type) {
    switch (type) {
        case 'y':
        case 'g':
        case 'v':
            return 1;
        case 'n':
        case 'q':
            return 2;
        case 'x':
        case 't':
        case 'd':
        case '(':
        case '{':
            return 8;
        default:
            return 4;
    }
}

constexpr std::string_view digits = "0123456789abcdef";

void add_hex(std::string& text, std::uint8_t byte) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
}

std::string joined(std::string text, std::string_view more) {
    if (!text.empty())
        text += ' ';
    return text.append(more);
}

class ValueReader {
public:
    explicit ValueReader(Reader& reader) : reader_(reader) {}

    std::string read(std::string_view& types) {
        const std::size_t size = ++depth_ > deepest ? 0 : size_of_type(types);
        const std::string_view type = types.substr(0, size);
        types.remove_prefix(size);
        std::string text;
        if (size == 0)
            reader_.fail();
        else if (reader_.is_good())
            text = read_type(type);
        --depth_;
        return text;
    }

private:
    std::string read_type(std::string_view type) {
        switch (type[0]) {
            case 'y':
                return util::concat(static_cast<unsigned>(reader_.byte()));
            case 'b':
                return reader_.number() != 0 ? "yes" : "no";
            case 'n':
                return util::concat(static_cast<std::int16_t>(reader_.number(2)));
            case 'q':
                return util::concat(reader_.number(2));
            case 'i':
                return util::concat(static_cast<std::int32_t>(reader_.number()));
            case 'u':
            case 'h':
                return util::concat(reader_.number());
            case 'x':
                return util::concat(static_cast<std::int64_t>(reader_.number(8)));
            case 't':
            case 'd':
                return util::concat(reader_.number(8));
            case 's':
            case 'o':
                return reader_.string();
            case 'g':
                return reader_.signature();
            case 'v':
                return read_variant();
            case 'a':
                return read_array(type);
            case '(':
            case '{':
                reader_.align(8);
                return read_members(type.substr(1, type.size() - 2));
            default:
                reader_.fail();
                return {};
        }
    }

    std::string read_variant() {
        const std::string type = reader_.signature();
        std::string_view rest = type;
        std::string text = read(rest);
        if (!rest.empty())
            reader_.fail();
        return text;
    }

    std::string read_members(std::string_view types) {
        std::string text;
        while (!types.empty() && reader_.is_good())
            text = joined(std::move(text), read(types));
        return text;
    }

    std::string read_array(std::string_view type) {
        const std::uint64_t size = reader_.number();
        const std::string_view of_one = type.substr(1);
        reader_.align(alignment_of(of_one[0]));
        const std::uint64_t end = reader_.position() + size;
        std::string text;
        while (reader_.is_good() && reader_.position() < end) {
            if (of_one == "y") {  // Byte arrays are ids, which are printed in hexadecimal.
                add_hex(text, reader_.byte());
                continue;
            }
            std::string_view types = of_one;
            text = joined(std::move(text), type == type_of_commands ? read_command() : read(types));
        }
        if (reader_.position() != end)
            reader_.fail();
        return text;
    }

    std::string read_command() {
        reader_.align(8);
        const std::string path = reader_.string();
        const std::string words = read_type("as");
        const std::string ignores_errors = read_type("b");
        read_members("tttt");
        const std::uint32_t pid = reader_.number();
        const auto code = static_cast<int>(reader_.number());
        const auto status = static_cast<std::int32_t>(reader_.number());
        return util::concat("{ path=", path, " ; argv[]=", words,
                            " ; ignore_errors=", ignores_errors, " ; pid=", pid,
                            " ; code=", code == CLD_EXITED ? "exited" : "killed",
                            " ; status=", status, " }");
    }

    Reader& reader_;
    int depth_ = 0;
};

constexpr std::string_view as_span = "USec";

/// Formats a time span. systemd stores "infinity" as the largest number.
std::string span_text(std::uint64_t usec) {
    if (usec == 0)
        return "0";
    return usec > static_cast<std::uint64_t>(util::infinity.count())
               ? "infinity"
               : util::to_string(std::chrono::microseconds(static_cast<std::int64_t>(usec)));
}

}  // namespace

std::size_t size_of_type(std::string_view types) {
    return size_of_nested_type(types, 0);
}

std::string read_text(Reader& reader, std::string_view& types) {
    return ValueReader(reader).read(types);
}

std::vector<std::pair<std::string, std::string>> read_properties(std::string_view body) {
    std::vector<std::pair<std::string, std::string>> properties;
    Reader reader(body);
    reader.number();
    while (reader.is_good() && !reader.is_at_end()) {
        reader.align(8);
        std::string name = reader.string();
        const std::string type = reader.signature();
        std::string_view types = type;
        std::string value = name.ends_with(as_span) && type == "t" ? span_text(reader.number(8))
                                                                   : read_text(reader, types);
        properties.emplace_back(std::move(name), std::move(value));
    }
    if (!reader.is_good())
        properties.clear();
    return properties;
}

std::vector<std::pair<std::string, std::string>> read_unit_paths(std::string_view body) {
    // The signature of the fields between a unit's name and its path.
    constexpr std::string_view before_path = "sssss";
    constexpr std::string_view after_path = "uso";
    std::vector<std::pair<std::string, std::string>> units;
    Reader reader(body);
    reader.number();
    while (reader.is_good() && !reader.is_at_end()) {
        reader.align(8);
        std::string name = reader.string();
        for (std::string_view types = before_path; !types.empty();)
            read_text(reader, types);
        std::string path = reader.string();
        for (std::string_view types = after_path; !types.empty();)
            read_text(reader, types);
        units.emplace_back(std::move(name), std::move(path));
    }
    if (!reader.is_good())
        units.clear();
    return units;
}

std::string unit_path(std::string_view name) {
    std::string path = "/org/freedesktop/systemd1/unit/";
    if (name.empty())
        path += '_';
    for (const char& letter : name) {
        const bool is_digit = letter >= '0' && letter <= '9';
        const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
        if (is_letter || (is_digit && &letter != name.data())) {
            path += letter;
            continue;
        }
        path += '_';
        add_hex(path, static_cast<std::uint8_t>(letter));
    }
    return path;
}

}  // namespace notifybridge::bus
