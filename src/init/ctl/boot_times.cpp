#include "init/ctl/boot_times.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/properties.hpp"
#include "init/ctl/verbs.hpp"

/// Implements the verbs of systemd-analyze(1) that show how long parts of the boot took: `time`,
/// `blame`, `critical-chain` and `plot`.
namespace notifybridge::ctl {
namespace {

using util::concat;
using util::TimeSpan;

constexpr std::string_view highlight = "\x1b[0;1;31m";
constexpr std::string_view normal = "\x1b[0m";

TimeSpan span(std::uint64_t from, std::uint64_t to) {
    return TimeSpan(static_cast<std::int64_t>(to > from ? to - from : 0));
}

std::uint64_t time_of(const Properties& properties, std::string_view name) {
    return util::parse_number<std::uint64_t>(properties[concat(name, "TimestampMonotonic")])
        .value_or(0);
}

/// A printer of chains of units. Each unit in a chain waited for the unit below it. As in
/// systemd-analyze, the chain continues with the unit in After= that became active last. Units that
/// became active at most --fuzz= earlier are printed, too.
class Chain {
public:
    Chain(const Context& context, const BootTimes& boot) : context_(context), boot_(boot) {}

    void print(const std::string& name) {
        const std::string id(properties_of(context_, name)["Id"]);
        if (const UnitTimes* const times = boot_.find(id)) {
            if (times->start_time() > TimeSpan::zero())
                system::out() << in_colour(concat(id, " +", span_text(times->start_time())));
            else
                system::out() << id << reached(*times);
            system::out() << '\n';
        }
        printed_.clear();
        print_below(id, "");
    }

private:
    using Entry = std::pair<std::string, const UnitTimes*>;

    std::string in_colour(const std::string& text) const {
        return context_.options.has_colour ? concat(highlight, text, normal) : text;
    }

    /// Returns the time at which the unit became active: " @1.250s".
    std::string reached(const UnitTimes& times) const {
        return times.active > boot_.begin ? concat(" @", span_text(boot_.since_begin(times.active)))
                                          : std::string();
    }

    /// Returns the units that delayed the start of `unit` most. The unit that became active last
    /// comes first.
    std::vector<Entry> decisive(const std::string& unit) const {
        std::vector<Entry> entries;
        for (const std::string& other : properties_of(context_, unit).words("After")) {
            const UnitTimes* const times = boot_.find(other);
            if (times && times->active != 0 && times->active <= boot_.end)
                entries.emplace_back(other, times);
        }
        std::ranges::stable_sort(entries, [](const Entry& one, const Entry& other) {
            return one.second->active > other.second->active;
        });
        std::erase_if(entries, [&](const Entry& entry) {
            return span(entry.second->active, entries.front().second->active)
                   > context_.options.fuzz;
        });
        return entries;
    }

    void print_below(const std::string& unit, const std::string& indent) {
        printed_.insert(unit);
        const std::vector<Entry> entries = decisive(unit);
        for (std::size_t at = 0; at < entries.size(); ++at) {
            const auto& [name, times] = entries[at];
            const bool is_last = at + 1 == entries.size();
            const std::string below = concat(indent, is_last ? "  " : "│ ");
            system::out() << indent << (is_last ? "└─" : "├─") << line(name, *times) << '\n';
            if (printed_.contains(name))
                system::out() << below << "└─...\n";
            else
                print_below(name, below);
        }
    }

    std::string line(const std::string& name, const UnitTimes& times) const {
        if (times.start_time() == TimeSpan::zero())
            return name + reached(times);
        return in_colour(concat(name, " @", span_text(boot_.since_begin(times.activating)), " +",
                                span_text(times.start_time())));
    }

    const Context& context_;
    const BootTimes& boot_;
    /// The units that were printed already. The dependencies of a unit are printed only once,
    /// because the output for a cycle would never end.
    std::set<std::string> printed_;
};

}  // namespace

TimeSpan UnitTimes::start_time() const {
    if (active >= activating)
        return span(activating, active);
    return span(activating, inactive);
}

TimeSpan BootTimes::since_begin(std::uint64_t time) const {
    return span(begin, time);
}

const UnitTimes* BootTimes::find(std::string_view unit) const {
    const auto found = units.find(unit);
    return found == units.end() ? nullptr : &found->second;
}

BootTimes boot_times(const Context& context) {
    const Properties manager = properties_of(context, "");
    BootTimes boot{time_of(manager, "Userspace"), time_of(manager, "Finish"), {}};
    if (boot.end == 0)
        throw Failure(
            "Bootup is not yet finished "
            "(org.freedesktop.systemd1.Manager.FinishTimestampMonotonic=0).\n"
            "Please try again later.\n"
            "Hint: Use 'systemctl list-jobs' to see active jobs");
    context.call({{"call", "times"}}, [&boot](const json::object& unit) {
        const auto time = [&unit](std::string_view state) {
            return unit.at(state).to_number<std::uint64_t>();
        };
        boot.units.emplace(text(unit, "unit"), UnitTimes{time("activating"), time("active"),
                                                         time("deactivating"), time("inactive")});
    });
    return boot;
}

std::string span_text(TimeSpan span) {
    return util::to_decimal_string(span, std::chrono::milliseconds(1));
}

std::string summary_of(const Context& context, const BootTimes& boot) {
    const std::string target(properties_of(context, "default.target")["Id"]);
    const UnitTimes* const times = boot.find(target);
    const std::string reached =
        times && times->active != 0 ? concat(
            " reached after ", span_text(boot.since_begin(times->active)), " in userspace.")
                                    : " was never reached.";
    return concat("Startup finished in ", span_text(boot.since_begin(boot.end)), " (userspace) \n",
                  target, reached);
}

int show_boot_time(const Context& context) {
    system::out() << summary_of(context, boot_times(context)) << '\n';
    return 0;
}

int show_blame(const Context& context) {
    const BootTimes boot = boot_times(context);
    std::vector<std::pair<TimeSpan, std::string>> units;
    for (const auto& [name, times] : boot.units)
        if (times.start_time() > TimeSpan::zero())
            units.emplace_back(times.start_time(), name);
    std::ranges::sort(units, std::ranges::greater());
    std::size_t width = 0;
    for (const auto& [time, name] : units)
        width = std::max(width, span_text(time).size());
    for (const auto& [time, name] : units) {
        const std::string shown = span_text(time);
        system::out() << std::string(width - shown.size(), ' ') << shown << ' ' << name << '\n';
    }
    return 0;
}

int show_critical_chain(const Context& context) {
    const BootTimes boot = boot_times(context);
    system::out() << "The time when unit became active or started is printed after the \"@\" "
                     "character.\n"
                     "The time the unit took to start is printed after the \"+\" character.\n\n";
    Context asked = context;
    if (asked.operands.empty())
        asked.operands = {"default.target"};
    Chain chain(asked, boot);
    for (const std::string& unit : unit_names(asked))
        chain.print(unit);
    return 0;
}

int print_plot(const Context& context) {
    const BootTimes boot = boot_times(context);
    system::out() << picture_of(summary_of(context, boot), boot);
    return 0;
}

}  // namespace notifybridge::ctl
