#include "bridge/status/prometheus.hpp"

#include <array>
#include <map>
#include <set>
#include <vector>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/literal.hpp"
#include "base/util/take_until.hpp"

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
    constexpr std::uint64_t usecs = 1'000'000;
    if (usec == 0)
        return {};
    const std::string fraction = concat(usec % usecs);
    return concat(usec / usecs, '.', std::string(6 - fraction.size(), '0'), fraction);
}

std::string yes_or_no(bool is_so) {
    return is_so ? "1" : "0";
}

/// The samples of each metric, below the metric's HELP and TYPE lines.
class Exposition {
public:
    explicit Exposition(std::span<const NamedOverview> bridges)
        : bridges_(bridges), labels_(distinct_labels(bridges)) {}

    void begin(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        heading_ = concat("# HELP notifybridge_", name, ' ', help, "\n# TYPE notifybridge_", name,
                          ' ', type, '\n');
    }

    /// Adds a sample. Ignores an empty value.
    void add(const NamedOverview& bridge, std::string_view more_labels, std::string_view value) {
        if (value.empty() || labels(bridge).empty())
            return;
        text_ += concat(heading_, "notifybridge_", name_, '{', labels(bridge),
                        more_labels.empty() ? "" : ",", more_labels, "} ", value, '\n');
        heading_.clear();
    }

    std::span<const NamedOverview> bridges() const { return bridges_; }
    std::string text() && { return std::move(text_); }

private:
    /// Returns the labels of `bridge`, which must be an element of `bridges_`.
    const std::string& labels(const NamedOverview& bridge) const {
        return labels_[static_cast<std::size_t>(&bridge - bridges_.data())];
    }

    std::span<const NamedOverview> bridges_;
    std::vector<std::string> labels_;
    std::string name_;
    std::string heading_;
    std::string text_;
};

struct Metric {
    util::Literal name;
    util::Literal type;
    util::Literal help;
    std::string (*value)(const Overview& overview);
};

bool goes_on(const Overview& overview) {
    return overview.run && overview.run->liveness != Liveness::ended;
}

const channel::Health* health_of(const Overview& overview) {
    return overview.container && overview.container->health ? &*overview.container->health
                                                            : nullptr;
}

bool has_wait(const Overview& overview) {
    return overview.run && overview.host && is_attached(*overview.host, *overview.run);
}

constexpr auto metrics = std::to_array<Metric>({
    {"up", "gauge", "Whether a run is active.",
     [](const Overview& overview) { return yes_or_no(goes_on(overview)); }},
    {"ready", "gauge", "Whether the app is ready.",
     [](const Overview& overview) {
         return yes_or_no(goes_on(overview) && is_ready(*overview.run));
     }},
    {"attached", "gauge", "Whether a wait is attached to the run.",
     [](const Overview& overview) { return yes_or_no(has_wait(overview)); }},
    {"run_start_timestamp_seconds", "gauge", "When the run began.",
     [](const Overview& overview) {
         return overview.run ? in_seconds(overview.run->header.started_usec) : std::string();
     }},
    {"state_change_timestamp_seconds", "gauge", "When the current state began.",
     [](const Overview& overview) {
         return overview.run ? in_seconds(overview.run->end ? overview.run->ended_usec
                                                            : overview.run->state.since.realtime)
                             : std::string();
     }},
    {"exit_status", "gauge", "The exit status of the command after its end; 128+n for signal n.",
     [](const Overview& overview) {
         if (!overview.run || !overview.run->end)
             return std::string();
         const process::ExitStatus end = *overview.run->end;
         return concat(end.signal != 0 ? 128 + end.signal : end.code);
     }},
    {"messages_total", "counter", "Messages that the app has sent in this run.",
     [](const Overview& overview) {
         return overview.container ? concat(overview.container->messages) : std::string();
     }},
    {"messages_unsent", "gauge", "Messages that have not been sent to systemd yet.",
     [](const Overview& overview) {
         if (!has_wait(overview))
             return std::string();
         const std::uint64_t last = overview.run->last_sequence;
         const std::uint64_t sent = overview.host->file.progress.acknowledged;
         return concat(last > sent ? last - sent : 0);
     }},
    {"latency_seconds", "gauge",
     "The average time from a message of the app until it is sent to systemd.",
     [](const Overview& overview) {
         return has_wait(overview) ? in_seconds(overview.host->file.progress.latency_usec)
                                   : std::string();
     }},
    {"watchdog_ping_timestamp_seconds", "gauge", "When the app last pinged the watchdog.",
     [](const Overview& overview) {
         return overview.run ? in_seconds(overview.run->state.last_watchdog.realtime)
                             : std::string();
     }},
    {"watchdog_period_seconds", "gauge", "How often the app must ping the watchdog.",
     [](const Overview& overview) {
         const auto period = watchdog_period(overview);
         return period ? in_seconds(static_cast<std::uint64_t>(period->count())) : std::string();
     }},
    {"health_failing_streak", "gauge", "How many health checks in a row have failed.",
     [](const Overview& overview) {
         const auto* const health = health_of(overview);
         return health ? concat(health->failing_streak) : std::string();
     }},
    {"delivery_polling", "gauge",
     "Whether wait polls for messages because no file events cross the mount.",
     [](const Overview& overview) {
         return overview.host ? yes_or_no(overview.host->file.facts.polls) : std::string();
     }},
});

void add_states(Exposition& out) {
    out.begin("state", "gauge", "The state of the run. The current state has the value 1.");
    for (const NamedOverview& bridge : out.bridges())
        if (bridge.overview.run)
            for (const std::string_view state : state_names)
                out.add(bridge, concat("state=\"", state, '"'),
                        yes_or_no(state == state_name(*bridge.overview.run)));
}

void add_health(Exposition& out) {
    using channel::HealthState;
    out.begin("health", "gauge",
              "The state of the health check. The current state has the value 1.");
    for (const NamedOverview& bridge : out.bridges())
        if (const auto* const health = health_of(bridge.overview))
            for (const HealthState state :
                 {HealthState::starting, HealthState::healthy, HealthState::unhealthy})
                out.add(bridge, concat("state=\"", name(state), '"'),
                        yes_or_no(state == health->state));
}

void add_connections(Exposition& out) {
    const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                         std::uint64_t channel::Connections::*count) {
        out.begin(concat("connections_", name), type, help);
        for (const NamedOverview& bridge : out.bridges())
            if (const auto& container = bridge.overview.container;
                container && container->connections)
                out.add(bridge, {}, concat((*container->connections).*count));
    };
    using channel::Connections;
    add("open", "gauge", "Connections of --proxy that are open.", &Connections::open);
    add("waiting", "gauge", "Connections that the app has not accepted yet.",
        &Connections::waiting);
    add("limit", "gauge", "How many connections may be open.", &Connections::limit);
    add("accepted_total", "counter", "Connections since the start.", &Connections::accepted);
    add("refused_total", "counter",
        "Connections that were reset because the app did not accept them.", &Connections::refused);
}

void add_drops(Exposition& out, const NamedOverview& bridge, const notify::DropCounters& drops,
               std::string_view by) {
    drops.for_each([&](notify::DropReason reason, std::uint64_t count) {
        out.add(bridge, concat("by=\"", by, "\",reason=\"", notify::name(reason), '"'),
                concat(count));
    });
}

}  // namespace

std::string to_prometheus(std::span<const NamedOverview> bridges) {
    Exposition out(bridges);
    for (const Metric& metric : metrics) {
        out.begin(metric.name, metric.type, metric.help);
        for (const NamedOverview& bridge : bridges)
            out.add(bridge, {}, metric.value(bridge.overview));
    }
    add_states(out);
    add_health(out);
    add_connections(out);
    out.begin("dropped_total", "counter", "Messages that were dropped, whole or in part.");
    for (const NamedOverview& bridge : bridges) {
        if (bridge.overview.container)
            add_drops(out, bridge, bridge.overview.container->drops, "wrap");
        if (bridge.overview.host)
            add_drops(out, bridge, bridge.overview.host->file.facts.drops, "wait");
    }
    return std::move(out).text();
}

}  // namespace notifybridge::status
