#include "init/files/directive/keep.hpp"

#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "init/files/directive/check.hpp"
#include "init/files/directive/keep_value.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/directive/property_text.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::directive::keep {

using util::concat;

void boolean(unit::Line& line) {
    std::optional<bool> value;
    if (line.value().empty())
        check::as<bool>(line);  // Warns.
    else
        parse::value(line, value);
    if (value)
        store(line, to_property(*value));
}

void number(unit::Line& line) {
    std::optional<unsigned> value;
    parse::value(line, value);
    if (value)
        store(line, concat(*value));
}

void time_span(unit::Line& line) {
    std::optional<util::TimeSpan> value;
    parse::value(line, value);
    if (value)
        store(line, to_property(*value));
}

void resettable_time_span(unit::Line& line) {
    if (line.value().empty())
        unset(line);
    else
        time_span(line);
}

void text(unit::Line& line) {
    if (const auto expanded = line.expand(line.value()))
        store(line, *expanded);
}

void path(unit::Line& line) {
    std::string value;
    parse::path(line, value);
    if (!value.empty() || line.value().empty())
        store(line, value);
}

void words(unit::Line& line) {
    const std::string property = property_name(line.key());
    if (line.value().empty())
        unset(line, property);
    parse::for_each_word(line, util::escaped_words, [&](std::string_view word) {
        if (const auto expanded = line.expand(word))
            append(line, property, *expanded);
    });
}

void hidden(unit::Line& line) {
    if (line.value().empty())
        unset(line);
    else
        store(line, hidden_value);
}

void strict_text(unit::Line& line) {
    if (const auto expanded = unit::expand_specifiers(line.value(), line.context());
        !expanded.is_valid())
        line.refuse(expanded.failure);
    else
        store(line, expanded.text);
}

void strict_path(unit::Line& line) {
    std::string value;
    parse::strict_path(line, value);
    store(line, value);
}

void paths(unit::Line& line) {
    std::string property = property_name(line.key());
    // The former names are ReadWriteDirectories= and similar names.
    constexpr std::string_view former = "Directories";
    if (property.ends_with(former) && property != "ExtensionDirectories")
        property.replace(property.size() - former.size(), former.size(), "Paths");
    if (line.value().empty())
        unset(line, property);
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        auto expanded = line.expand(word);
        if (!expanded)
            return;
        std::string prefixes;
        for (const char prefix : {'-', '+'})
            if (expanded->starts_with(prefix)) {
                expanded->erase(0, 1);
                prefixes += prefix;
            }
        if (const auto simple = parse::absolute_path(line, *expanded))
            append(line, property, to_property(std::vector{prefixes + *simple}));
    });
}

void bind_paths(unit::Line& line) {
    const std::string property(line.key());
    if (line.value().empty())
        unset(line, property);
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        const auto expanded = line.expand(word);
        if (!expanded)
            return;
        std::string_view rest = *expanded;
        const bool may_be_missing = rest.starts_with('-');
        rest.remove_prefix(may_be_missing ? 1 : 0);
        const auto source = parse::absolute_path(line, util::take_until(rest, ':'));
        const std::string_view destination = util::take_until(rest, ':');
        const auto target = destination.empty() ? source : parse::absolute_path(line, destination);
        if (!rest.empty() && rest != "rbind" && rest != "norbind")
            line.ignore_word(word, "its options must be \"rbind\" or \"norbind\"");
        else if (source && target)
            append(line, property,
                   concat(may_be_missing ? "-" : "", *source, ':', *target,
                          rest == "norbind" ? "" : ":rbind"));
    });
}

void temporary_file_systems(unit::Line& line) {
    const std::string property(line.key());
    if (line.value().empty())
        unset(line, property);
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        const auto expanded = line.expand(word);
        if (!expanded)
            return;
        std::string_view options = *expanded;
        const auto simple = parse::absolute_path(line, util::take_until(options, ':'));
        if (simple)
            append(line, property, concat(*simple, options.empty() ? "" : ":", options));
    });
}

void mount_flags(unit::Line& line) {
    if (line.value().empty())
        unset(line);
    else
        word(line, "shared slave private");
}

void word(unit::Line& line, std::string_view words) {
    if (!check::word(line, words))
        return;
    const auto boolean =
        words.starts_with("yes no") ? unit::parse_boolean(line.value()) : std::optional<bool>();
    store(line, boolean ? to_property(*boolean) : line.value());
}

void word_or_boolean(unit::Line& line, std::string_view words) {
    if (check::word(line, words))
        store(line, to_property(unit::parse_boolean(line.value()).value_or(true)));
}

}  // namespace notifybridge::directive::keep
