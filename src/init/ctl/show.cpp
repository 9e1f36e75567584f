#include <boost/json/array.hpp>
#include <boost/json/value_to.hpp>

#include "base/system/streams.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "base/util/words.hpp"
#include "init/ctl/amounts.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/properties.hpp"
#include "init/ctl/verbs.hpp"

namespace notifybridge::ctl {
namespace {

bool is_wanted(const Options& options, const std::string& name) {
    return !options.has_properties || util::contains(options.properties, name);
}

/// Returns whether a value is not set. The value "[not set]" of …ActionExitStatus, an empty list of
/// exceptions ("~") and a value that is not text count as empty, as for systemctl.
bool is_unset(std::string_view name, std::string_view value) {
    return value.empty() || value == "~" || value == "[unprintable]"
           || (name.ends_with("ActionExitStatus") && value == "[not set]");
}

void print(const Properties& properties, const Options& options) {
    for (const auto& [name, value] : properties.all()) {
        // An unset property is shown only if it is requested.
        const bool is_shown = !is_unset(name, value) || options.is_all || options.has_properties;
        if (!is_wanted(options, name) || !is_shown)
            continue;
        if (!options.shows_values_only)
            system::out() << name << '=';
        system::out() << value << '\n';
    }
}

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : std::string();
}

bool is_timestamp(std::string_view name) {
    return name.ends_with("Timestamp") || name == "NextElapseUSecRealtime"
           || name == "LastTriggerUSec";
}

/// Formats a timestamp by --timestamp=. The manager sends timestamps as numbers.
std::string shown(std::string_view name, std::string value, const Options& options) {
    if (!is_timestamp(name) || !value.starts_with('@'))
        return value;
    const auto realtime = util::parse_number<std::uint64_t>(std::string_view(value).substr(1));
    return realtime ? to_timestamp(*realtime, options.timestamp) : value;
}

}  // namespace

std::vector<std::string> Properties::words(std::string_view name) const {
    std::vector<std::string> out;
    util::WordReader reader((*this)[name]);
    for (std::string word; reader.next(word) == util::Extracted::word;)
        out.push_back(word);
    return out;
}

Properties properties_of(const Context& context, const std::string& unit) {
    Properties properties;
    json::object request = {{"call", "show"}};
    if (!unit.empty())
        request["unit"] = unit;
    const auto take = [&](const json::object& answer) {
        const json::value* const all = answer.if_contains("properties");
        if (!all || !all->is_array())
            return;
        for (const json::value& pair : all->get_array())
            if (const json::array* const two = pair.if_array(); two && two->size() == 2) {
                const std::string name = text_of((*two)[0]);
                properties.add(name, shown(name, text_of((*two)[1]), context.options));
            }
    };
    context.call(request, take, "Failed to get properties: ");
    return properties;
}

int show(const Context& context) {
    if (context.operands.empty() && !is_filtered(context.options)) {
        print(properties_of(context, {}), context.options);
        return 0;
    }
    bool is_first = true;
    for (const std::string& unit :
         context.operands.empty() ? shown_units(context) : unit_names(context)) {
        if (!std::exchange(is_first, false))
            system::out() << '\n';
        print(properties_of(context, unit), context.options);
    }
    return 0;
}

}  // namespace notifybridge::ctl
