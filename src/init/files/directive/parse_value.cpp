#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/signal_names.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/unit/path.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::directive::parse {
namespace {

using util::concat;

constexpr std::string_view no_boolean = "it is neither \"yes\" nor \"no\"";

constexpr std::string_view no_time_span =
    "it is not a time span, such as \"90\", \"5min 20s\" or \"infinity\"";

/// Stores the value in the setting. If `value` is nullopt, warns that the line is ignored, with the
/// reason `why`.
template <typename Value, typename Setting>
void store(unit::Line& line, const std::optional<Value>& value, Setting& setting,
           std::string_view why) {
    if (value)
        setting = *value;
    else
        line.ignore(why);
}

/// Parses a timeout. Like systemd, reads "0" as "no limit", because a limit of zero makes no sense.
std::optional<util::TimeSpan> parse_timeout(std::string_view text) {
    const auto span = util::parse_time_span(text);
    return span == util::TimeSpan::zero() ? util::infinity : span;
}

}  // namespace

void value(unit::Line& line, bool& setting) {
    store(line, unit::parse_boolean(line.value()), setting, no_boolean);
}

void value(unit::Line& line, std::optional<bool>& setting) {
    if (!resets(line, setting))
        store(line, unit::parse_boolean(line.value()), setting, no_boolean);
}

void strict_boolean(unit::Line& line, bool& setting) {
    if (const auto value = unit::parse_boolean(line.value()))
        setting = *value;
    else
        line.refuse(no_boolean);
}

void value(unit::Line& line, unsigned& setting) {
    store(line, unit::parse_unsigned(line.value()), setting,
          "it is not a number from 0 to 4294967295");
}

void value(unit::Line& line, std::optional<unsigned>& setting) {
    store(line, unit::parse_unsigned(line.value()), setting,
          "it is not a number from 0 to 4294967295");
}

void value(unit::Line& line, std::optional<int>& setting) {
    store(line, util::parse_lenient_int(line.value()), setting, "it is not a number");
}

void value(unit::Line& line, std::uint64_t& setting) {
    const auto bytes = unit::parse_size(line.value());
    store(line, bytes, setting, "it is not a size, such as \"4096\" or \"64K\"");
}

void mode(unit::Line& line, mode_t& setting) {
    store(line, unit::parse_mode(line.value()), setting,
          "it is not an access mode, such as \"0755\"");
}

void value(unit::Line& line, util::TimeSpan& setting) {
    store(line, util::parse_time_span(line.value()), setting, no_time_span);
}

void value(unit::Line& line, std::optional<util::TimeSpan>& setting) {
    store(line, util::parse_time_span(line.value()), setting, no_time_span);
}

void resettable_seconds(unit::Line& line, std::optional<util::TimeSpan>& setting) {
    if (!resets(line, setting))
        value(line, setting);
}

void timeout(unit::Line& line, util::TimeSpan& setting) {
    store(line, parse_timeout(line.value()), setting, no_time_span);
}

void optional_timeout(unit::Line& line, std::optional<util::TimeSpan>& setting) {
    store(line, parse_timeout(line.value()), setting, no_time_span);
}

void signal(unit::Line& line, int& setting) {
    store(line, util::parse_signal(line.value()), setting,
          "it is not a signal, such as \"SIGTERM\"");
}

void optional_signal(unit::Line& line, std::optional<int>& setting) {
    store(line, util::parse_signal(line.value()), setting,
          "it is not a signal, such as \"SIGTERM\"");
}

void value(unit::Line& line, std::optional<std::uint8_t>& setting) {
    if (!resets(line, setting))
        store(line, unit::parse_byte(line.value()), setting, "it is not a number from 0 to 255");
}

void value(unit::Line& line, unit::ExitStatusSet& setting) {
    if (resets(line, setting))
        return;
    for_each_word(line, {}, [&](std::string_view word) {
        // Read a number as an exit status, never as a signal.
        if (const auto status = unit::parse_exit_status(word))
            setting.statuses.set(*status);
        else if (const auto number = util::parse_signal(word))
            setting.signals.set(static_cast<std::size_t>(*number));
        else
            line.ignore_word(word, "it is neither an exit status nor a signal");
    });
}

void value(unit::Line& line, std::string& setting) {
    if (auto expanded = line.expand(line.value()))
        setting = std::move(*expanded);
}

void verbatim(unit::Line& line, std::string& setting) {
    setting = line.value();
}

std::optional<std::string> absolute_path(const unit::Line& line, std::string_view text) {
    if (!unit::is_absolute(text))
        line.ignore_word(text, "it is not an absolute path");
    else if (!unit::is_valid_path(text))
        line.ignore_word(text, "the path or a file name in it is too long");
    else if (const std::string simple = unit::simplify_path(text); unit::is_normalized(simple))
        return simple;
    else
        line.ignore_word(text, "it contains \"..\"");
    return std::nullopt;
}

std::string without_var_run(const unit::Line& line, std::string path) {
    constexpr std::string_view legacy = "/var/run/";
    if (path == "/var/run")
        return "/run/";
    if (!path.starts_with(legacy))
        return path;
    std::string current = concat("/run/", std::string_view(path).substr(legacy.size()));
    // Log this only with the level debug, because many units use /var/run.
    line.remark(concat("replacing /var/run with /run: ", current), util::Severity::debug);
    return current;
}

namespace {

/// Stores the line's path, or resets the setting. Returns false if the path is invalid.
bool take_path(unit::Line& line, std::string& setting) {
    if (line.value().empty()) {
        setting.clear();
        return true;
    }
    const auto expanded = line.expand(line.value());
    auto simple = expanded ? absolute_path(line, *expanded) : std::nullopt;
    if (simple)
        setting = std::move(*simple);
    return simple.has_value();
}

}  // namespace

void path(unit::Line& line, std::string& setting) {
    static_cast<void>(take_path(line, setting));
}

void strict_path(unit::Line& line, std::string& setting) {
    if (!take_path(line, setting))
        line.refuse("it is not an absolute path");
}

void paths(unit::Line& line, unit::Paths& setting) {
    if (resets(line, setting))
        return;
    // systemd stops at the first word that is not an absolute path.
    bool goes_on = true;
    for_each_word(line, util::quoted_words, [&](std::string_view word) {
        const auto expanded = goes_on ? line.expand(word) : std::nullopt;
        auto simple = expanded ? absolute_path(line, *expanded) : std::nullopt;
        goes_on = simple.has_value();
        if (simple)
            setting.push_back(std::move(*simple));
    });
}

void user_or_group(unit::Line& line, std::string& setting) {
    if (resets(line, setting))
        return;
    unit::Expanded expanded = unit::expand_specifiers(line.value(), line.context());
    if (!expanded.is_valid())
        line.refuse(expanded.failure);
    else if (!unit::is_user_or_group(expanded.text))
        line.refuse("it is neither the name nor the number of a user or group");
    else
        setting = std::move(expanded.text);
}

void users_or_groups(unit::Line& line, unit::Names& setting) {
    if (resets(line, setting))
        return;
    for_each_word(line, util::quoted_words, [&](std::string_view word) {
        unit::Expanded expanded = unit::expand_specifiers(word, line.context());
        if (!expanded.is_valid())
            line.refuse(expanded.failure);
        else if (!unit::is_user_or_group(expanded.text))
            line.refuse("each word has to be the name or number of a group");
        else
            setting.push_back(std::move(expanded.text));
    });
}

void fd_name(unit::Line& line, std::string& setting) {
    if (resets(line, setting))
        return;
    auto expanded = line.expand(line.value());
    if (expanded && !unit::is_fd_name(*expanded))
        line.ignore(
            "a descriptor name must be at most 255 printable ASCII characters without \":\"");
    else if (expanded)
        setting = std::move(*expanded);
}

void bus_name(unit::Line& line, std::string& setting) {
    auto expanded = line.expand(line.value());
    if (expanded && !unit::is_bus_name(*expanded))
        line.ignore("it is not a name on D-Bus, such as \"org.example.Service\"");
    else if (expanded)
        setting = std::move(*expanded);
}

void pid_file(unit::Line& line, std::string& setting) {
    if (resets(line, setting))
        return;
    auto expanded = line.expand(line.value());
    if (!expanded)
        return;
    if (!unit::is_absolute(*expanded))
        expanded = concat(line.context().facts.runtime_directory, '/', *expanded);
    const std::string simple = unit::simplify_path(*expanded);
    if (unit::is_normalized(simple) && unit::is_valid_path(simple))
        setting = without_var_run(line, simple);
    else
        line.refuse("it is not a path without \"..\"", unit::LoadState::error);
}

std::optional<std::size_t> find_choice(unit::Line& line, std::span<const std::string_view> words) {
    // An empty word is a placeholder for a default that a unit file cannot name.
    const auto found = std::ranges::find(words, line.value());
    if (found != words.end() && !found->empty())
        return static_cast<std::size_t>(found - words.begin());
    std::string all;
    for (const std::string_view word : words)
        if (!word.empty())
            all += concat(all.empty() ? "" : ", ", word);
    line.ignore(concat("it is not one of ", all));
    return std::nullopt;
}

}  // namespace notifybridge::directive::parse
