#include "unit/choices.hpp"
#include "unit/parse.hpp"
#include "unit/value.hpp"
#include "util/concat.hpp"

/// The values of systemd.exec(5), ENVIRONMENT and LOGGING AND STANDARD INPUT/OUTPUT.
namespace notifybridge::unit::parse {
namespace {

using util::concat;

/// What descriptors are called where "fd" stands alone: as the stream is.
std::string stream_name(const Line& line) {
    if (line.key() == "StandardInput")
        return "stdin";
    return line.key() == "StandardOutput" ? "stdout" : "stderr";
}

/// Nothing, and a message, where `text` is no name of descriptors.
std::optional<std::string> stream_fd(const Line& line, std::string_view text) {
    auto expanded = line.expand(text);
    if (expanded && expanded->empty())
        return stream_name(line);
    if (!expanded || is_fd_name(*expanded))
        return expanded;
    line.ignore("a name of descriptors is printable ASCII without \":\"");
    return std::nullopt;
}

std::optional<std::string> stream_path(const Line& line, std::string_view text) {
    const auto expanded = line.expand(text);
    return expanded ? absolute_path(line, *expanded) : std::nullopt;
}

/// The value of a character of base64; negative where it is none.
int base64_digit(char byte) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t found = digits.find(byte);
    return found == digits.npos ? -1 : static_cast<int>(found);
}

/// RFC 4648, white space passed over; nothing where it is no base64.
std::optional<std::string> decode_base64(std::string_view text) {
    std::string out;
    unsigned bits = 0;
    std::size_t count = 0, padding = 0;
    for (const char byte : text) {
        if (white_space.find(byte) != white_space.npos)
            continue;
        const int digit = byte == '=' ? 0 : base64_digit(byte);
        if (digit < 0 || (padding > 0 && byte != '='))
            return std::nullopt;
        padding += byte == '=' ? 1 : 0;
        bits = bits << 6 | static_cast<unsigned>(digit);
        if (++count % 4 == 0)
            for (const int shift : {16, 8, 0})
                out += static_cast<char>(bits >> shift & 0xFF);
    }
    // The bits that padding leaves over are 0.
    const unsigned left_over = bits & ((1U << (8 * padding)) - 1);
    if (count % 4 != 0 || padding > 2 || left_over != 0)
        return std::nullopt;
    out.resize(out.size() - padding);
    return out;
}

/// systemd keeps no more than a megabyte.
void append_data(const Line& line, std::string_view data, std::string& setting) {
    constexpr std::size_t most = 1024 * 1024;
    if (setting.size() + data.size() > most)
        line.ignore("with it, the input would be more than 1 MiB");
    else
        setting += data;
}

}  // namespace

void environment(Line& line, Environment& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    for_each_word(line, escaped_words, [&](std::string_view word) {
        auto expanded = line.expand(word);
        if (expanded && !is_variable_assignment(*expanded))
            line.ignore_word(*expanded, "it does not assign to a variable as NAME=VALUE does");
        else if (expanded)
            setting.push_back(std::move(*expanded));
    });
}

void environment_file(Line& line, std::vector<EnvironmentFile>& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    const auto expanded = line.expand(line.value());
    if (!expanded)
        return;
    const bool may_be_missing = expanded->starts_with('-');
    const auto path =
        absolute_path(line, std::string_view(*expanded).substr(may_be_missing ? 1 : 0));
    if (path)
        setting.push_back({*path, may_be_missing});
}

void variable_names(Line& line, Names& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    for_each_word(line, quoted_words, [&](std::string_view word) {
        auto expanded = line.expand(word);
        if (expanded && !is_variable_name(*expanded))
            line.ignore_word(*expanded, "it is no name of a variable");
        else if (expanded)
            add_once(setting, std::move(*expanded));
    });
}

void variables_to_unset(Line& line, Names& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    for_each_word(line, escaped_words, [&](std::string_view word) {
        auto expanded = line.expand(word);
        if (expanded && !is_variable_name(*expanded) && !is_variable_assignment(*expanded))
            line.ignore_word(*expanded, "it is neither the name of a variable nor NAME=VALUE");
        else if (expanded)
            add_once(setting, std::move(*expanded));
    });
}

void input(Line& line, Input& setting) {
    const std::string_view value = line.value();
    std::optional<std::string> name = "";
    std::optional<std::size_t> kind;
    if (value.starts_with("fd:")) {
        kind = static_cast<std::size_t>(InputKind::fd);
        name = stream_fd(line, value.substr(3));
    } else if (value.starts_with("file:")) {
        kind = static_cast<std::size_t>(InputKind::file);
        name = stream_path(line, value.substr(5));
    } else {
        kind = find_choice(line, choices::input_kind);
        if (value == "fd")
            name = stream_name(line);
    }
    if (kind && name)
        setting = {static_cast<InputKind>(*kind), *name};
}

void output(Line& line, Output& setting) {
    struct Prefix {
        std::string_view text;
        OutputKind kind;
    };
    static constexpr auto prefixes = std::to_array<Prefix>({
        {"file:", OutputKind::file},
        {"append:", OutputKind::append},
        {"truncate:", OutputKind::truncate},
    });
    const std::string_view value = line.value();
    if (value == "syslog" || value == "syslog+console") {
        line.remark("it is the journal now");
        setting = {value == "syslog" ? OutputKind::journal : OutputKind::journal_and_console, ""};
        return;
    }
    if (value.starts_with("fd:")) {
        if (auto name = stream_fd(line, value.substr(3)))
            setting = {OutputKind::fd, std::move(*name)};
        return;
    }
    for (const Prefix& prefix : prefixes)
        if (value.starts_with(prefix.text)) {
            if (auto path = stream_path(line, value.substr(prefix.text.size())))
                setting = {prefix.kind, std::move(*path)};
            return;
        }
    if (const auto kind = find_choice(line, choices::output_kind))
        setting = {static_cast<OutputKind>(*kind), value == "fd" ? stream_name(line) : ""};
}

void input_text(Line& line, std::string& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    const auto unescaped = cunescape(line.value());
    if (!unescaped) {
        line.ignore("it has an unknown escape");
        return;
    }
    if (const auto expanded = line.expand(*unescaped))
        append_data(line, *expanded + '\n', setting);
}

void input_data(Line& line, std::string& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    if (const auto data = decode_base64(line.value()))
        append_data(line, *data, setting);
    else
        line.ignore("it is no base64");
}

}  // namespace notifybridge::unit::parse
