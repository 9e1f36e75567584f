#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/unit/path.hpp"
#include "init/files/unit/value.hpp"

/// Reads the values of [Unit] and [Install], and values of other sections that contain unit names
/// or commands.
namespace notifybridge::directive::parse {
namespace {

using util::concat;

bool is_documentation(std::string_view text) {
    // A URI consists of ASCII characters (systemd.unit(5), Documentation=).
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    for (const std::string_view scheme : {"http://", "https://", "file:/", "info:", "man:"})
        if (text.starts_with(scheme) && text.size() > scheme.size())
            return std::ranges::all_of(text, is_ascii);
    return false;
}

/// Returns the name of the instance if `name` is a template: foo@.service gets the instance name of
/// `unit`. If `unit` is not an instance, foo@.service gets the prefix of the name of `unit`.
std::optional<unit::UnitName> fill_template(const unit::UnitName& name,
                                            const unit::UnitName& unit) {
    if (name.kind() != unit::NameKind::template_unit)
        return name;
    return name.with_instance(unit.kind() == unit::NameKind::instance ? unit.instance()
                                                                      : unit.prefix());
}

/// Returns `word` as a unit name, with specifiers replaced. If the result is not a unit name, adds
/// a message and returns nullopt.
std::optional<unit::UnitName> unit_name(const unit::Line& line, std::string_view word) {
    const auto expanded = line.expand(word, unit::SpecifierScope::names);
    if (!expanded)
        return std::nullopt;
    auto name = unit::UnitName::parse(*expanded);
    if (!name)
        line.ignore_word(*expanded, "it is not the name of a unit, such as \"foo.service\"");
    return name;
}

bool take_mark(std::string_view& text, char mark) {
    if (!text.starts_with(mark))
        return false;
    text.remove_prefix(1);
    return true;
}

bool takes_a_path(std::string_view type) {
    return type.find("Path") != type.npos || type == "DirectoryNotEmpty" || type == "FileNotEmpty"
           || type == "FileIsExecutable" || type == "NeedsUpdate";
}

}  // namespace

void documentation(unit::Line& line, unit::Names& setting) {
    if (resets(line, setting))
        return;
    const auto expanded = line.expand(line.value());
    if (!expanded)
        return;
    util::WordReader words(*expanded, {.unquote = true, .retain_escape = true});
    std::string word;
    util::Extracted outcome;
    while ((outcome = words.next(word)) == util::Extracted::word)
        if (is_documentation(word))
            setting.push_back(word);
        else
            line.ignore_word(
                word, "it does not start with one of http://, https://, file:/, info:, man:");
    if (outcome == util::Extracted::invalid)
        line.ignore_word(words.rest(), "a closing quote is missing");
}

void dependencies(unit::Line& line, unit::Names& setting) {
    for_each_word(line, util::plain_words, [&](std::string_view word) {
        const auto name = unit_name(line, word);
        const auto filled = name ? fill_template(*name, line.context().name) : std::nullopt;
        if (filled && *filled != line.context().name)
            setting.push_back(filled->text());
    });
}

void mounts(unit::Line& line, unit::Paths& setting) {
    for_each_word(line, util::quoted_words, [&](std::string_view word) {
        const auto expanded = line.expand(word);
        if (auto simple = expanded ? absolute_path(line, *expanded) : std::nullopt)
            util::add_once(setting, std::move(*simple));
    });
}

void isolates(unit::Line& line, unit::JobMode& setting) {
    line.remark("deprecated; use OnFailureJobMode=isolate instead");
    const auto is_isolating = unit::parse_boolean(line.value());
    if (is_isolating)
        setting = *is_isolating ? unit::JobMode::isolate : unit::JobMode::replace;
    else
        line.ignore("it is neither \"yes\" nor \"no\"");
}

void value(unit::Line& line, std::vector<unit::Condition>& setting) {
    std::string_view value = line.value();
    if (value.empty()) {
        setting.clear();
        return;
    }
    unit::Condition condition;
    condition.type = line.key().substr(line.key().starts_with("Assert") ? 6 : 9);
    condition.is_trigger = take_mark(value, '|');
    condition.is_negated = take_mark(value, '!');
    auto expanded = line.expand(value);
    if (expanded && takes_a_path(condition.type))
        expanded = absolute_path(line, *expanded);
    if (!expanded)
        return;
    condition.parameter = std::move(*expanded);
    setting.push_back(std::move(condition));
}

void install_names(unit::Line& line, unit::Names& setting) {
    if (resets(line, setting))
        return;
    for_each_word(line, {.unquote = true, .retain_escape = true}, [&](std::string_view word) {
        const auto expanded = line.expand(word, unit::SpecifierScope::names);
        if (!expanded)
            return;
        if (unit::UnitName::parse(*expanded))
            util::add_once(setting, *expanded);
        else
            line.ignore_word(*expanded, "it is not the name of a unit, such as \"foo.target\"");
    });
}

void default_instance(unit::Line& line, std::string& setting) {
    const auto expanded = line.expand(line.value(), unit::SpecifierScope::names);
    if (expanded && !unit::UnitName::parse(concat("a@", *expanded, ".service")))
        line.ignore("it is not a valid instance name");
    else if (expanded)
        setting = *expanded;
}

void value(unit::Line& line, unit::Commands& setting) {
    if (resets(line, setting))
        return;
    unit::ParsedCommands parsed = unit::parse_commands(line.value(), line.context());
    std::move(parsed.commands.begin(), parsed.commands.end(), std::back_inserter(setting));
    if (parsed.had_unknown_escape)
        line.remark(
            "keeping the \"\\\" of an unknown escape sequence; write \"\\\\\" for a \"\\\"");
    if (parsed.is_refused)
        line.refuse(parsed.failure);
    else if (!parsed.failure.empty())
        line.ignore(parsed.failure);
}

void start_and_stop_timeout(unit::Line& line) {
    unit::ServiceSettings& setting = line.settings().service;
    optional_timeout(line, setting.timeout_start);
    if (util::parse_time_span(line.value()))
        setting.timeout_stop = *setting.timeout_start;
}

void sockets(unit::Line& line, unit::Names& setting) {
    for_each_word(line, util::quoted_words, [&](std::string_view word) {
        const auto name = unit_name(line, word);
        const auto filled = name ? fill_template(*name, line.context().name) : std::nullopt;
        if (filled && filled->type() != unit::UnitType::socket)
            line.ignore_word(word, "it is not the name of a socket unit");
        else if (filled)
            util::add_once(setting, filled->text());
    });
}

void service_name(unit::Line& line, std::string& setting) {
    const auto name = unit_name(line, line.value());
    if (!name)
        return;
    if (name->type() != unit::UnitType::service || name->kind() == unit::NameKind::template_unit)
        line.ignore(
            "it must be the name of a service unit, such as \"foo.service\", and not of a "
            "template");
    else
        setting = name->text();
}

void triggered_unit(unit::Line& line, std::string& setting) {
    const auto name = unit_name(line, line.value());
    const auto filled = name ? fill_template(*name, line.context().name) : std::nullopt;
    if (!filled)
        return;
    if (*filled == line.context().name)
        line.ignore("a unit cannot trigger itself");
    else if (!setting.empty())
        line.ignore(
            concat("this unit already triggers ", setting, ", because of an earlier Unit="));
    else
        setting = filled->text();
}

}  // namespace notifybridge::directive::parse
