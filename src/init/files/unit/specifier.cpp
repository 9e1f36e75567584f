#include "init/files/unit/specifier.hpp"

#include <algorithm>
#include <array>

#include "base/util/concat.hpp"
#include "init/files/unit/escape.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::unit {
namespace {

using Value = std::optional<std::string>;

Value full_name(const SpecifierContext& unit) {
    return unit.name.text();
}

Value stem(const SpecifierContext& unit) {
    return std::string(unit.name.stem());
}

Value prefix(const SpecifierContext& unit) {
    return std::string(unit.name.prefix());
}

Value unescaped_prefix(const SpecifierContext& unit) {
    return unescape_name(unit.name.prefix());
}

Value instance(const SpecifierContext& unit) {
    return std::string(unit.name.instance());
}

Value unescaped_instance(const SpecifierContext& unit) {
    return unescape_name(unit.name.instance());
}

std::string_view last_component(const SpecifierContext& unit) {
    const std::string_view whole = unit.name.prefix();
    return whole.substr(whole.rfind('-') + 1);
}

Value final_component(const SpecifierContext& unit) {
    return std::string(last_component(unit));
}

Value unescaped_final_component(const SpecifierContext& unit) {
    return unescape_name(last_component(unit));
}

Value path_of_name(const SpecifierContext& unit) {
    const std::string_view named = unit.name.instance();
    return unescape_path(named.empty() ? unit.name.prefix() : named);
}

Value fragment(const SpecifierContext& unit) {
    return std::string(unit.fragment_path);
}

Value fragment_directory(const SpecifierContext& unit) {
    return std::string(directory_name(unit.fragment_path));
}

Value credentials_directory(const SpecifierContext& unit) {
    return util::concat(unit.facts.runtime_directory, "/credentials/", unit.name.text());
}

template <auto Member>
Value fact(const SpecifierContext& unit) {
    return unit.facts.*Member;
}

struct Specifier {
    char letter;
    bool is_for_names;
    Value (*value)(const SpecifierContext&);
};

// The specifiers in systemd.unit(5), and whether unit names may contain them.
constexpr auto specifiers = std::to_array<Specifier>({
    {'a', true, fact<&Facts::architecture>},
    {'A', true, fact<&Facts::os_image_version>},
    {'b', true, fact<&Facts::boot_id>},
    {'B', true, fact<&Facts::os_build_id>},
    {'C', false, fact<&Facts::cache_directory>},
    {'d', false, credentials_directory},
    {'D', false, fact<&Facts::data_directory>},
    {'E', false, fact<&Facts::configuration_directory>},
    {'f', false, path_of_name},
    {'g', true, fact<&Facts::group>},
    {'G', true, fact<&Facts::group_id>},
    {'h', false, fact<&Facts::home>},
    {'H', true, fact<&Facts::host_name>},
    {'i', true, instance},
    {'I', false, unescaped_instance},
    {'j', true, final_component},
    {'J', false, unescaped_final_component},
    {'l', true, fact<&Facts::short_host_name>},
    {'L', false, fact<&Facts::logs_directory>},
    {'m', true, fact<&Facts::machine_id>},
    {'M', true, fact<&Facts::os_image_id>},
    {'n', true, full_name},
    {'N', true, stem},
    {'o', true, fact<&Facts::os_id>},
    {'p', true, prefix},
    {'P', false, unescaped_prefix},
    {'q', true, fact<&Facts::pretty_host_name>},
    {'s', false, fact<&Facts::shell>},
    {'S', false, fact<&Facts::state_directory>},
    {'t', false, fact<&Facts::runtime_directory>},
    {'T', false, fact<&Facts::temporary_directory>},
    {'u', true, fact<&Facts::user>},
    {'U', true, fact<&Facts::user_id>},
    {'v', true, fact<&Facts::kernel_release>},
    {'V', false, fact<&Facts::large_temporary_directory>},
    {'w', true, fact<&Facts::os_version_id>},
    {'W', true, fact<&Facts::os_variant_id>},
    {'y', false, fragment},
    {'Y', false, fragment_directory},
});

bool is_reserved(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '0' && byte <= '9');
}

/// Appends the value of the specifier that consists of "%" and `letter`.
void expand_one(char letter, const SpecifierContext& context, SpecifierScope scope,
                Expanded& expanded) {
    const auto found = std::ranges::find(specifiers, letter, &Specifier::letter);
    const bool is_known = found != specifiers.end();
    if (!is_known && !is_reserved(letter)) {
        expanded.text += '%';
        expanded.text += letter;
    } else if (!is_known) {
        expanded.failure =
            util::concat("\"%", letter, "\" is not a specifier; write \"%%\" for a \"%\"");
    } else if (scope == SpecifierScope::names && !found->is_for_names) {
        expanded.failure = util::concat("\"%", letter, "\" cannot be in the name of a unit");
    } else if (const Value value = found->value(context)) {
        expanded.text += *value;
    } else {
        expanded.failure = util::concat("\"%", letter, "\" has no value for ", context.name.text());
    }
}

}  // namespace

Expanded expand_specifiers(std::string_view text, const SpecifierContext& context,
                           SpecifierScope scope) {
    Expanded expanded;
    while (!text.empty() && expanded.is_valid()) {
        const std::size_t percent = std::min(text.find('%'), text.size());
        expanded.text += text.substr(0, percent);
        text.remove_prefix(percent);
        if (text.empty())
            break;
        if (text.size() == 1 || text[1] == '%')
            expanded.text += '%';
        else
            expand_one(text[1], context, scope, expanded);
        text.remove_prefix(std::min<std::size_t>(2, text.size()));
    }
    return expanded;
}

}  // namespace notifybridge::unit
