#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/unit/value.hpp"

/// Reads the directives of systemd.exec(5), ENVIRONMENT and LOGGING AND STANDARD INPUT/OUTPUT.
namespace notifybridge::directive::parse {
namespace {

using util::concat;

/// Returns the descriptor name that "fd" without ":NAME" means: the name of the stream.
std::string stream_name(const unit::Line& line) {
    if (line.key() == "StandardInput")
        return "stdin";
    return line.key() == "StandardOutput" ? "stdout" : "stderr";
}

/// Returns `text` with its specifiers replaced. If the result is not a valid descriptor name, adds
/// a message and returns nullopt.
std::optional<std::string> stream_fd(const unit::Line& line, std::string_view text) {
    auto expanded = line.expand(text);
    if (expanded && expanded->empty())
        return stream_name(line);
    if (!expanded || unit::is_fd_name(*expanded))
        return expanded;
    line.ignore("a descriptor name must be at most 255 printable ASCII characters without \":\"");
    return std::nullopt;
}

std::optional<std::string> stream_path(const unit::Line& line, std::string_view text) {
    const auto expanded = line.expand(text);
    return expanded ? absolute_path(line, *expanded) : std::nullopt;
}

/// Returns the value of a base64 character, or a negative number for any other character.
int base64_digit(char byte) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t found = digits.find(byte);
    return found == digits.npos ? -1 : static_cast<int>(found);
}

/// Decodes base64 (RFC 4648). Ignores white space. Returns nullopt if `text` is not valid.
std::optional<std::string> decode_base64(std::string_view text) {
    std::string out;
    unsigned bits = 0;
    std::size_t count = 0, padding = 0;
    for (const char byte : text) {
        if (util::white_space.find(byte) != util::white_space.npos)
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
    if (count % 4 != 0 || padding > 2)
        return std::nullopt;
    // The bits that the padding leaves unused must be 0.
    const unsigned left_over = bits & ((1U << (8 * padding)) - 1);
    if (left_over != 0)
        return std::nullopt;
    out.resize(out.size() - padding);
    return out;
}

/// Appends data to the setting. Like systemd, ignores a line that would make the setting longer
/// than 1 MiB.
void append_data(const unit::Line& line, std::string_view data, std::string& setting) {
    constexpr std::size_t most = 1024 * 1024;
    if (setting.size() + data.size() > most)
        line.ignore("the input would be longer than 1 MiB");
    else
        setting += data;
}

}  // namespace

void environment(unit::Line& line, unit::Environment& setting) {
    if (resets(line, setting))
        return;
    for_each_word(line, util::escaped_words, [&](std::string_view word) {
        auto expanded = line.expand(word);
        if (expanded && !unit::is_variable_assignment(*expanded))
            line.ignore_word(*expanded, "it is not an assignment NAME=VALUE");
        else if (expanded)
            setting.push_back(std::move(*expanded));
    });
}

void value(unit::Line& line, std::vector<unit::EnvironmentFile>& setting) {
    if (resets(line, setting))
        return;
    const auto expanded = line.expand(line.value());
    if (!expanded)
        return;
    const bool may_be_missing = expanded->starts_with('-');
    const auto path =
        absolute_path(line, std::string_view(*expanded).substr(may_be_missing ? 1 : 0));
    if (path)
        setting.push_back({*path, may_be_missing});
}

void variable_names(unit::Line& line, unit::Names& setting) {
    if (resets(line, setting))
        return;
    for_each_word(line, util::quoted_words, [&](std::string_view word) {
        auto expanded = line.expand(word);
        if (expanded && !unit::is_variable_name(*expanded))
            line.ignore_word(*expanded, "it is not the name of a variable");
        else if (expanded)
            util::add_once(setting, std::move(*expanded));
    });
}

void variables_to_unset(unit::Line& line, unit::Names& setting) {
    if (resets(line, setting))
        return;
    for_each_word(line, util::escaped_words, [&](std::string_view word) {
        auto expanded = line.expand(word);
        if (expanded && !unit::is_variable_name(*expanded)
            && !unit::is_variable_assignment(*expanded))
            line.ignore_word(*expanded, "it is neither the name of a variable nor NAME=VALUE");
        else if (expanded)
            util::add_once(setting, std::move(*expanded));
    });
}

void value(unit::Line& line, unit::Input& setting) {
    const std::string_view value = line.value();
    std::optional<std::string> name = "";
    std::optional<std::size_t> kind;
    if (value.starts_with("fd:")) {
        kind = static_cast<std::size_t>(unit::InputKind::fd);
        name = stream_fd(line, value.substr(3));
    } else if (value.starts_with("file:")) {
        kind = static_cast<std::size_t>(unit::InputKind::file);
        name = stream_path(line, value.substr(5));
    } else {
        kind = find_choice(line, choices::input_kind);
        if (value == "fd")
            name = stream_name(line);
    }
    if (kind && name)
        setting = {static_cast<unit::InputKind>(*kind), *name};
}

void value(unit::Line& line, unit::Output& setting) {
    struct Prefix {
        std::string_view text;
        unit::OutputKind kind;
    };
    static constexpr auto prefixes = std::to_array<Prefix>({
        {"file:", unit::OutputKind::file},
        {"append:", unit::OutputKind::append},
        {"truncate:", unit::OutputKind::truncate},
    });
    const std::string_view value = line.value();
    if (value == "syslog" || value == "syslog+console") {
        line.remark(concat('"', value, "\" is obsolete; using \"journal", value.substr(6), '"'));
        setting = {.kind = value == "syslog" ? unit::OutputKind::journal
                                             : unit::OutputKind::journal_and_console};
        return;
    }
    if (value.starts_with("fd:")) {
        if (auto name = stream_fd(line, value.substr(3)))
            setting = {.kind = unit::OutputKind::fd, .name = std::move(*name)};
        return;
    }
    for (const Prefix& prefix : prefixes)
        if (value.starts_with(prefix.text)) {
            if (auto path = stream_path(line, value.substr(prefix.text.size())))
                setting = {.kind = prefix.kind, .name = std::move(*path)};
            return;
        }
    if (const auto kind = find_choice(line, choices::output_kind))
        setting = {.kind = static_cast<unit::OutputKind>(*kind),
                   .name = value == "fd" ? stream_name(line) : ""};
}

void input_text(unit::Line& line, std::string& setting) {
    if (resets(line, setting))
        return;
    const auto unescaped = util::cunescape(line.value());
    if (!unescaped) {
        line.ignore("it contains an unknown escape sequence");
        return;
    }
    if (const auto expanded = line.expand(*unescaped))
        append_data(line, *expanded + '\n', setting);
}

void input_data(unit::Line& line, std::string& setting) {
    if (resets(line, setting))
        return;
    if (const auto data = decode_base64(line.value()))
        append_data(line, *data, setting);
    else
        line.ignore("it is not base64");
}

}  // namespace notifybridge::directive::parse
