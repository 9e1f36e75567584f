#include <boost/json/serialize.hpp>
#include <map>
#include <set>
#include <vector>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "bridge/status/fields.hpp"
#include "bridge/status/overview_text.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// Escapes the characters that would end a label's value or its line, as Prometheus reads them.
/// Other characters that cannot be printed are shown as in `status`, because a value must be UTF-8.
std::string label_value(std::string_view text) {
    std::string out;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = util::take_until(rest, '\n');
        for (const char byte : util::escape_unseen(line)) {
            if (byte == '\\' || byte == '"')
                out += '\\';
            out += byte;
        }
        if (line.data() + line.size() != text.data() + text.size())
            out += "\\n";
    }
    return out;
}

/// Returns labels that identify the bridge of a sample. The path and the unit are not enough,
/// because users can choose them. The other labels come from the kernel.
std::string labels_of(const NamedOverview& bridge) {
    std::string labels = concat("shared_dir=\"", label_value(bridge.path), '"');
    if (!bridge.member.empty())
        labels += concat(",member=\"", label_value(bridge.member), '"');
    if (!bridge.owner)
        return labels;
    const Owner& owner = *bridge.owner;
    if (!owner.unit.empty())
        labels += concat(",unit=\"", label_value(owner.unit), "\",manager=\"",
                         owner.manager ? "user" : "system", '"');
    labels += concat(",uid=\"", owner.manager.value_or(owner.uid), '"');
    if (owner.mounts != 0)
        labels += concat(",mount_namespace=\"", owner.mounts, '"');
    return labels;
}

/// Returns the labels of each bridge. Prometheus refuses a whole file if two of its series are the
/// same. So if two bridges would have the same labels, the pid of `wait` is added. If the labels
/// are still the same, the second bridge gets no labels and is left out.
std::vector<std::string> distinct_labels(std::span<const NamedOverview> bridges) {
    std::vector<std::string> all;
    std::map<std::string, std::size_t> counts;
    for (const NamedOverview& bridge : bridges)
        ++counts[all.emplace_back(labels_of(bridge))];
    for (std::size_t at = 0; at < all.size(); ++at)
        if (counts[all[at]] > 1 && bridges[at].owner)
            all[at] += concat(",pid=\"", bridges[at].owner->pid, '"');
    std::set<std::string> seen;
    for (std::string& labels : all)
        if (!seen.insert(labels).second)
            labels.clear();
    return all;
}

std::string in_seconds(std::uint64_t usec) {
    return concat(usec / 1'000'000, '.', system::fraction_of_second(usec));
}

/// Returns a value as Prometheus reads it. Returns an empty text if the value is unknown.
std::string number(const Value& value, bool is_time) {
    if (value.is_null() || (is_time && value == Value(0)))
        return {};
    if (value.is_bool())
        return value.get_bool() ? "1" : "0";
    return is_time ? in_seconds(value.to_number<std::uint64_t>()) : boost::json::serialize(value);
}

/// The samples of a metric, below its HELP and TYPE lines. Empty if there are no samples.
std::string samples_of(const Field& field, std::span<const NamedOverview> bridges,
                       std::span<const std::string> labels) {
    const auto& [place, name, help, own_value, states] = field.metric;
    const bool is_time = name.ends_with("_seconds");
    std::string text;
    for (std::size_t at = 0; at < bridges.size(); ++at) {
        const Value value = (own_value ? own_value : field.value)(bridges[at].overview);
        const auto add = [&](std::string_view more_labels, const Value& sample) {
            const std::string shown = number(sample, is_time);
            if (!shown.empty() && !labels[at].empty())
                text += concat("notifybridge_", name, '{', labels[at],
                               more_labels.empty() ? "" : ",", more_labels, "} ", shown, '\n');
        };
        if (const auto* const list = value.if_array())
            for (const Value& each : *list)
                add(concat("by=\"", each.at("by").as_string().c_str(), "\",reason=\"",
                           each.at("reason").as_string().c_str(), '"'),
                    each.at("count"));
        else if (value.is_string())
            for (const std::string_view state : states)
                add(concat("state=\"", state, '"'), state == value.get_string());
        else
            add("", value);
    }
    const std::string_view type = name.ends_with("_total") ? "counter" : "gauge";
    return text.empty() ? text
                        : concat("# HELP notifybridge_", name, ' ', help, "\n# TYPE notifybridge_",
                                 name, ' ', type, '\n', text);
}

}  // namespace

std::string to_prometheus(std::span<const NamedOverview> bridges) {
    const std::vector<std::string> labels = distinct_labels(bridges);
    std::map<int, std::string> texts;  // By the places of the metrics.
    for (const auto fields : {run_fields(), directory_fields()})
        for (const Field& field : fields)
            if (!field.metric.name.empty())
                texts[field.metric.place] += samples_of(field, bridges, labels);
    std::string all;
    for (const auto& [place, text] : texts)
        all += text;
    return all;
}

}  // namespace notifybridge::status
