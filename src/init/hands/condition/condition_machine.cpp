#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/time_span.hpp"
#include "base/util/words.hpp"
#include "init/files/unit/release.hpp"
#include "init/files/unit/value.hpp"
#include "init/hands/condition/condition_tests.hpp"
#include "init/hands/condition/order.hpp"

namespace notifybridge::condition {
namespace {

using Met = std::optional<bool>;

/// Compares `actual` with "[OPERATOR]VALUE". The default operator is ">=".
Met compare(std::uint64_t actual, std::string_view text, std::uint64_t unit_size) {
    const Order order = take_order(text).value_or(Order::greater_or_equal);
    text = util::strip(text);
    const auto wanted =
        unit_size > 1 ? unit::parse_size(text) : util::parse_number<std::uint64_t>(text);
    if (!wanted)
        return std::nullopt;
    return holds(actual < *wanted ? -1 : actual > *wanted ? 1 : 0, order);
}

Met memory(const std::string& parameter, const ConditionFacts&) {
    const auto pages = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
    constexpr std::uint64_t size_units = 1024;
    return compare(pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)), parameter,
                   size_units);
}

Met cpus(const std::string& parameter, const ConditionFacts&) {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    return compare(static_cast<std::uint64_t>(CPU_COUNT(&set)), parameter, 1);
}

Met architecture(const std::string& parameter, const ConditionFacts& given) {
    return parameter == "native" || parameter == given.facts.architecture;
}

Met firmware(const std::string& parameter, const ConditionFacts&) {
    if (parameter == "uefi")
        return ::access("/sys/firmware/efi/", F_OK) == 0;
    if (parameter == "device-tree")
        return ::access("/sys/firmware/devicetree/", F_OK) == 0;
    return false;
}

Met cpu_feature(const std::string& parameter, const ConditionFacts&) {
    const std::string text = system::text_of("/proc/cpuinfo");
    const std::size_t flags = text.find("\nflags");
    if (flags == text.npos)
        return false;
    const std::string line = text.substr(flags + 1, text.find('\n', flags + 1) - flags - 1);
    util::WordReader words(line, util::plain_words);
    std::string word;
    while (words.next(word) == util::Extracted::word)
        if (word == parameter)
            return true;
    return false;
}

/// Checks whether the machine is connected to mains power. A machine without a mains adapter counts
/// as connected.
Met ac_power(const std::string& parameter, const ConditionFacts&) {
    const auto wanted = unit::parse_boolean(parameter);
    if (!wanted)
        return std::nullopt;
    const std::string base = "/sys/class/power_supply";
    const auto supplies = system::list_directory(base);
    bool is_on = false, is_off = false;
    for (const auto& entry : supplies ? *supplies : std::vector<system::DirectoryEntry>()) {
        const std::string supply = util::concat(base, '/', entry.name);
        if (system::line_of(supply + "/type") != "Mains")
            continue;
        (system::line_of(supply + "/online") == "1" ? is_on : is_off) = true;
    }
    return (is_on || !is_off) == *wanted;
}

/// Checks a version against each word of `wanted`. A word is "[OPERATOR]VERSION" or a PATTERN.
Met check_version(std::string_view actual, std::string_view wanted, bool globs) {
    util::WordReader words(wanted);
    std::string word;
    bool is_first = true;
    util::Extracted extracted = words.next(word);
    for (; extracted == util::Extracted::word; extracted = words.next(word)) {
        std::string_view version = util::strip(word);
        const auto order = take_order(version, globs);
        // Only the first operator may be separated from its version by a space.
        if (order && version.empty()) {
            if (!is_first || words.next(word) != util::Extracted::word)
                return std::nullopt;
            version = word;
        }
        version = util::strip(version);
        is_first = false;
        const bool is_pattern = !order || *order == Order::glob || *order == Order::not_glob;
        const bool holds_here = is_pattern ? matches(version, actual) != (order == Order::not_glob)
                                           : holds(compare_versions(actual, version), *order);
        if (!holds_here)
            return false;
    }
    return extracted == util::Extracted::invalid ? std::nullopt : Met(true);
}

Met check_kernel_version(std::string_view wanted, bool globs) {
    utsname names;
    ::uname(&names);
    return check_version(names.release, wanted, globs);
}

Met kernel_version(const std::string& parameter, const ConditionFacts&) {
    return check_kernel_version(parameter, false);
}

/// Checks the version of "kernel", which is the default, or "systemd" (systemd 258). An operator
/// may follow the name without a space.
Met version(const std::string& parameter, const ConditionFacts&) {
    const std::string_view all = util::strip(parameter);
    const std::string_view software = all.substr(0, all.find_first_of("!<=>$ \t\n\r"));
    const std::string_view wanted = all.substr(software.size());
    if (software == "systemd")
        return check_version(unit::systemd_release, wanted, true);
    // This executable is static, so it does not know the version of the image's glibc.
    if (software == "glibc")
        return std::nullopt;
    return check_kernel_version(software == "kernel" ? wanted : all, true);
}

/// Checks whether a module is loaded. A built-in module has a directory, but no state file.
Met kernel_module_loaded(const std::string& parameter, const ConditionFacts&) {
    std::string name = parameter;
    std::ranges::replace(name, '-', '_');
    if (name.empty() || name.find('/') != name.npos || name.starts_with('.'))
        return false;
    const std::string directory = util::concat("/sys/module/", name);
    const std::string state = directory + "/initstate";
    if (::access(state.c_str(), F_OK) < 0)
        return ::access(directory.c_str(), F_OK) == 0;
    return system::line_of(state) == "live";
}

constexpr unsigned whole_share = 10'000;

/// Parses "12.5%", "125‰" or "1250‱" to hundredths of a percent.
std::optional<unsigned> parse_share(std::string_view text) {
    std::size_t most_decimals = 0;
    for (const std::string_view unit : {"‱", "‰", "%"}) {
        if (text.ends_with(unit)) {
            text.remove_suffix(unit.size());
            break;
        }
        ++most_decimals;
    }
    const std::size_t dot = std::min(text.find('.'), text.size());
    std::string decimals(text.substr(std::min(dot + 1, text.size())));
    const bool has_decimals = dot == text.size() || !decimals.empty();
    if (most_decimals > 2 || decimals.size() > most_decimals || !has_decimals)
        return std::nullopt;
    decimals.resize(most_decimals, '0');
    const auto whole = util::parse_number<unsigned>(text.substr(0, dot));
    const auto rest = decimals.empty() ? 0U : util::parse_number<unsigned>(decimals);
    if (!whole || !rest || *whole > whole_share)
        return std::nullopt;
    const unsigned share = *whole
                               * (most_decimals == 0   ? 1
                                  : most_decimals == 1 ? 10
                                                       : 100)
                           + *rest;
    return share <= whole_share ? std::optional(share) : std::nullopt;
}

/// Returns the kernel's name for the average over `span`. Returns an empty text if the kernel has
/// no such average.
std::string_view average_over(std::string_view span) {
    return span == "10sec" ? "avg10=" : span == "1min" ? "avg60=" : span == "5min" ? "avg300=" : "";
}

/// Reads the average `name` from a file in /proc/pressure. Returns hundredths of a percent.
std::optional<unsigned> read_pressure(const std::string& path, std::string_view kind,
                                      std::string_view name) {
    const std::string measured = system::text_of(path);
    const std::size_t line = measured.find(kind);
    const std::size_t at = line == measured.npos ? line : measured.find(name, line);
    if (at == measured.npos)
        return std::nullopt;
    std::string average = measured.substr(at + name.size());
    average = average.substr(0, average.find_first_of(" \n"));
    return parse_share(average + '%');
}

/// Checks that the share of time in which tasks waited for a resource does not exceed the limit in
/// `text`: "[SLICE:]LIMIT%[/SPAN]". The condition holds if the kernel does not measure pressure.
///
/// Ignores the slice, and measures the whole system. Like systemd, accepts only the spellings of
/// SPAN that `average_over` knows: "60s" is not valid, although it equals "1min".
Met pressure(const std::string& file, std::string_view kind, std::string_view text) {
    if (const std::size_t colon = text.find(':'); colon != text.npos)
        text.remove_prefix(colon + 1);
    const std::size_t slash = std::min(text.find('/'), text.size());
    std::string_view span = util::strip(text.substr(std::min(slash + 1, text.size())));
    span = span.substr(0, span.find_first_of("/ \t"));
    const std::string_view average = span.empty() ? "avg300=" : average_over(span);
    const auto limit = parse_share(util::strip(text.substr(0, slash)));
    if (!limit || average.empty())
        return std::nullopt;
    return read_pressure("/proc/pressure/" + file, kind, average).value_or(0) <= *limit;
}

Met memory_pressure(const std::string& parameter, const ConditionFacts&) {
    return pressure("memory", "full", parameter);
}
Met cpu_pressure(const std::string& parameter, const ConditionFacts&) {
    return pressure("cpu", "some", parameter);
}
Met io_pressure(const std::string& parameter, const ConditionFacts&) {
    return pressure("io", "full", parameter);
}

constexpr auto machine_kinds = std::to_array<ConditionKind>({
    {"Memory", memory},
    {"CPUs", cpus},
    {"Architecture", architecture},
    {"Firmware", firmware},
    {"CPUFeature", cpu_feature},
    {"ACPower", ac_power},
    {"KernelVersion", kernel_version},
    {"Version", version},
    {"KernelModuleLoaded", kernel_module_loaded},
    {"MemoryPressure", memory_pressure},
    {"CPUPressure", cpu_pressure},
    {"IOPressure", io_pressure},
});

}  // namespace

const std::span<const ConditionKind> machine_conditions = machine_kinds;

}  // namespace notifybridge::condition
