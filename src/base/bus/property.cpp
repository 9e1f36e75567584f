#include "base/bus/property.hpp"

#include "base/util/concat.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::bus {
namespace {

/// The deepest nesting of types. The D-Bus specification allows 32 arrays and 32 structures.
constexpr int deepest = 64;
constexpr std::string_view type_of_commands = "a(sasbttttuii)";
constexpr std::string_view type_of_filter = "(bas)";

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

/// Reads an array whose elements are aligned to `alignment`. `read_one` reads an element.
void read_elements(Reader& reader, std::uint64_t alignment, util::FunctionRef<void()> read_one) {
    const std::uint64_t size = reader.number();
    reader.align(alignment);
    const std::uint64_t end = reader.position() + size;
    while (reader.is_good() && reader.position() < end)
        read_one();
    if (reader.position() != end)
        reader.fail();
}

class TextReader {
public:
    explicit TextReader(Reader& reader) : reader_(reader) {}

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
        const std::string_view of_one = type.substr(1);
        std::string text;
        read_elements(reader_, alignment_of(of_one[0]), [&] {
            std::string_view types = of_one;
            if (of_one == "y")  // Byte arrays are ids, which are printed in hexadecimal.
                add_hex(text, reader_.byte());
            else
                text = joined(std::move(text), read(types));
        });
        return text;
    }

    Reader& reader_;
    int depth_ = 0;
};

std::vector<std::string> read_strings(Reader& reader) {
    std::vector<std::string> strings;
    read_elements(reader, 4, [&] { strings.push_back(reader.string()); });
    return strings;
}

Command read_command(Reader& reader) {
    Command command;
    reader.align(8);
    reader.string();  // The path of the program.
    command.words = read_strings(reader);
    command.ignores_errors = reader.number() != 0;
    for (int times = 0; times < 4; ++times)
        reader.number(8);
    reader.number();  // The pid.
    command.code = static_cast<int>(reader.number());
    command.status = static_cast<int>(reader.number());
    return command;
}

Value read_value(Reader& reader, std::string_view type) {
    if (type == "b")
        return reader.number() != 0;
    if (type == "u")
        return std::uint64_t{reader.number()};
    if (type == "i")
        return static_cast<std::uint64_t>(std::int64_t{static_cast<int>(reader.number())});
    if (type == "t")
        return reader.number(8);
    if (type == "as")
        return read_strings(reader);
    if (type == type_of_filter) {
        reader.align(8);
        const bool allows = reader.number() != 0;
        std::string_view names = "as";
        return util::concat(allows ? "" : "~", read_text(reader, names));
    }
    if (type == type_of_commands) {
        std::vector<Command> commands;
        read_elements(reader, 8, [&] { commands.push_back(read_command(reader)); });
        return commands;
    }
    std::string text = read_text(reader, type);
    if (!type.empty())
        reader.fail();
    return text;
}

}  // namespace

std::size_t size_of_type(std::string_view types) {
    return size_of_nested_type(types, 0);
}

std::string read_text(Reader& reader, std::string_view& types) {
    return TextReader(reader).read(types);
}

Properties read_properties(std::string_view body) {
    Properties properties;
    Reader reader(body);
    read_elements(reader, 8, [&] {
        reader.align(8);
        std::string name = reader.string();
        const std::string type = reader.signature();
        properties.emplace_back(std::move(name), read_value(reader, type));
    });
    if (!reader.is_good())
        properties.clear();
    return properties;
}

std::vector<std::pair<std::string, std::string>> read_unit_paths(std::string_view body) {
    std::vector<std::pair<std::string, std::string>> units;
    Reader reader(body);
    read_elements(reader, 8, [&] {
        reader.align(8);
        std::string name = reader.string();
        for (int texts = 0; texts < 5; ++texts)
            reader.string();
        units.emplace_back(std::move(name), reader.string());
        reader.number();  // The id of the unit's job, its type and its path.
        reader.string();
        reader.string();
    });
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
