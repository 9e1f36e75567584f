#include "unit/parse.hpp"
#include "unit/path.hpp"
#include "unit/value.hpp"
#include "util/concat.hpp"

/// The values of [Unit], [Install] and of those of [Service] that name units or hold commands.
namespace notifybridge::unit::parse {
namespace {

using util::concat;

bool is_documentation(std::string_view text) {
    // systemd.unit(5), Documentation=.
    for (const std::string_view scheme : {"http://", "https://", "file:/", "info:", "man:"})
        if (text.starts_with(scheme) && text.size() > scheme.size())
            return true;
    return false;
}

/// foo@.service in a unit's dependencies stands for the instance named like the unit's own
/// instance, or like the unit.
std::optional<UnitName> fill_template(const UnitName& name, const UnitName& unit) {
    if (name.kind() != NameKind::template_unit)
        return name;
    return name.with_instance(unit.kind() == NameKind::instance ? unit.instance() : unit.prefix());
}

/// The name that `word` comes to; nothing, and a message, where that is none.
std::optional<UnitName> unit_name(const Line& line, std::string_view word) {
    const auto expanded = line.expand(word, SpecifierScope::names);
    if (!expanded)
        return std::nullopt;
    auto name = UnitName::parse(*expanded);
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

void documentation(Line& line, Names& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    const auto expanded = line.expand(line.value());
    if (!expanded)
        return;
    WordReader words(*expanded, {.unquote = true, .retain_escape = true});
    std::string word;
    Extracted outcome;
    while ((outcome = words.next(word)) == Extracted::word)
        if (is_documentation(word))
            setting.push_back(word);
        else
            line.ignore_word(word, "it starts with none of http://, https://, file:/, info:, man:");
    if (outcome == Extracted::invalid)
        line.ignore_word(words.rest(), "a quote in it does not end");
}

void dependencies(Line& line, Names& setting) {
    for_each_word(line, plain_words, [&](std::string_view word) {
        const auto name = unit_name(line, word);
        const auto filled = name ? fill_template(*name, line.context().name) : std::nullopt;
        if (filled && *filled != line.context().name)
            add_once(setting, filled->text());
    });
}

void mounts(Line& line, Paths& setting) {
    for_each_word(line, quoted_words, [&](std::string_view word) {
        const auto expanded = line.expand(word);
        if (auto simple = expanded ? absolute_path(line, *expanded) : std::nullopt)
            add_once(setting, std::move(*simple));
    });
}

void isolates(Line& line, JobMode& setting) {
    line.remark("OnFailureJobMode=isolate is what it is called now");
    const auto is_isolating = parse_boolean(line.value());
    if (is_isolating)
        setting = *is_isolating ? JobMode::isolate : JobMode::replace;
    else
        line.ignore("it is neither \"yes\" nor \"no\"");
}

void condition(Line& line, std::vector<Condition>& setting) {
    std::string_view value = line.value();
    if (value.empty()) {
        setting.clear();
        return;
    }
    Condition condition;
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

void install_names(Line& line, Names& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    for_each_word(line, {.unquote = true, .retain_escape = true}, [&](std::string_view word) {
        const auto expanded = line.expand(word, SpecifierScope::names);
        if (!expanded)
            return;
        if (UnitName::parse(*expanded))
            add_once(setting, *expanded);
        else
            line.ignore_word(*expanded, "it is not the name of a unit, such as \"foo.target\"");
    });
}

void default_instance(Line& line, std::string& setting) {
    const auto expanded = line.expand(line.value(), SpecifierScope::names);
    if (expanded && !UnitName::parse(concat("a@", *expanded, ".service")))
        line.ignore("it cannot be the instance of a unit");
    else if (expanded)
        setting = *expanded;
}

void commands(Line& line, Commands& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    ParsedCommands parsed = parse_commands(line.value(), line.context());
    std::move(parsed.commands.begin(), parsed.commands.end(), std::back_inserter(setting));
    if (parsed.had_unknown_escape)
        line.remark(
            "a \"\\\" before what it has no meaning for stays; write \"\\\\\" for a \"\\\"");
    if (parsed.is_refused)
        line.refuse(parsed.failure);
    else if (!parsed.failure.empty())
        line.ignore(parsed.failure);
}

void start_and_stop_timeout(Line& line, ServiceSettings& setting) {
    optional_timeout(line, setting.timeout_start);
    if (util::parse_time_span(line.value()))
        setting.timeout_stop = *setting.timeout_start;
}

void sockets(Line& line, Names& setting) {
    for_each_word(line, quoted_words, [&](std::string_view word) {
        const auto name = unit_name(line, word);
        const auto filled = name ? fill_template(*name, line.context().name) : std::nullopt;
        if (filled && filled->type() != UnitType::socket)
            line.ignore_word(word, "it is not the name of a socket unit");
        else if (filled)
            add_once(setting, filled->text());
    });
}

void service_name(Line& line, std::string& setting) {
    const auto name = unit_name(line, line.value());
    if (!name)
        return;
    if (name->type() != UnitType::service || name->kind() == NameKind::template_unit)
        line.ignore("it is not the name of a service unit");
    else
        setting = name->text();
}

}  // namespace notifybridge::unit::parse
