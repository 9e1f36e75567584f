#include "ctl_settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/signal_names.hpp"
#include "base/util/take_until.hpp"
#include "init/ctl/choices.hpp"
#include "init/files/unit/name.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge {
namespace {

using util::concat;

/// Returns the values of an option, split at commas. For example, --type=a,b and --type=c give
/// three values.
std::vector<std::string> words_of(const cli::Arguments& arguments, std::string_view option) {
    std::vector<std::string> out;
    for (const std::string& value : arguments.values(option))
        for (std::string_view rest = value; !rest.empty();)
            if (const std::string_view word = util::take_until(rest, ','); !word.empty())
                out.emplace_back(word);
    return out;
}

int read_signal(const cli::Arguments& arguments) {
    const auto text = arguments.value("signal");
    if (!text || *text == "help" || *text == "list")
        return 15;
    const auto signal = util::parse_signal(*text);
    if (!signal)
        throw ctl::Failure(concat("Failed to parse signal string \"", *text, "\"."));
    return *signal;
}

install::PresetMode read_preset_mode(const cli::Arguments& arguments) {
    const std::string mode = arguments.value("preset-mode").value_or("full");
    if (mode == "full")
        return install::PresetMode::full;
    if (mode != "enable-only" && mode != "disable-only")
        throw ctl::Failure(concat("Failed to parse preset mode: ", mode, "."));
    return mode == "enable-only" ? install::PresetMode::enable_only
                                 : install::PresetMode::disable_only;
}

/// Reads --type, --state and --failed. As in systemctl, --type also accepts load states.
void read_types(ctl::Options& read, const cli::Arguments& arguments) {
    for (const std::string_view option : {"type", "state"}) {
        const auto values = arguments.values(option);
        if (util::contains(values, ""))
            throw ctl::Failure(concat("--", option, "= requires arguments."));
    }
    for (std::string& word : words_of(arguments, "type")) {
        if (unit::parse_unit_type(word))
            read.types.push_back(std::move(word));
        else if (word == "loaded" || word == "not-found" || word == "masked" || word == "error"
                 || word == "bad-setting")
            read.states.push_back(std::move(word));
        else
            throw ctl::Failure(concat("Unknown unit type or load state '", word,
                                      "'.\nUse -t help to see a list of allowed values."));
    }
    for (std::string& word : words_of(arguments, "state"))
        read.states.push_back(std::move(word));
    if (arguments.has("failed"))
        read.states.push_back("failed");
}

void read_root(ctl::Options& read, const cli::Arguments& arguments) {
    if (const auto root = arguments.value("root")) {
        // Refuse a directory that does not exist, because its name is probably mistyped. Otherwise
        // `enable` would create the directory with its first link.
        if (!root->empty() && ::access(concat(*root, "/.").c_str(), F_OK) < 0)
            throw ctl::Failure(concat("cannot use the directory of --root=", *root, ": ",
                                      system::describe(errno), '.'));
        read.root = *root;
        read.run_directory = concat(*root, "/run");
        return;
    }
    read.run_directory = ctl::usual_run_directory();
}

ctl::TimestampStyle read_timestamp_style(const cli::Arguments& arguments) {
    struct Style {
        std::string_view name;
        ctl::TimestampStyle style;
    };
    constexpr auto styles = std::to_array<Style>({
        {"pretty", {}},
        {"us", {.has_microseconds = true}},
        {"µs", {.has_microseconds = true}},
        {"utc", {.is_utc = true}},
        {"us+utc", {.has_microseconds = true, .is_utc = true}},
        {"µs+utc", {.has_microseconds = true, .is_utc = true}},
        {"unix", {.is_number = true}},
    });
    const std::string name = arguments.value("timestamp").value_or("pretty");
    const auto found = std::ranges::find(styles, name, &Style::name);
    if (found == styles.end())
        throw ctl::Failure(concat("Invalid value: ", name, '.'));
    return found->style;
}

bool reads_legend(const cli::Arguments& arguments) {
    const auto text = arguments.value("legend");
    const auto legend = text ? unit::parse_boolean(*text) : true;
    if (!legend)
        throw ctl::Failure(concat("Failed to parse boolean argument to --legend: ", *text, "."));
    return *legend && !arguments.has("no-legend");
}

/// Checks the value of --check-inhibitors. The option has no effect, because there are no
/// inhibitors.
void check_inhibitors(const cli::Arguments& arguments) {
    const auto text = arguments.value("check-inhibitors");
    if (text && *text != "auto" && !unit::parse_boolean(*text))
        throw ctl::Failure(concat("Failed to parse --check-inhibitors= argument: ", *text));
}

}  // namespace

ctl::Options read_ctl_options(const cli::Arguments& arguments) {
    ctl::Options read;
    check_inhibitors(arguments);
    read_types(read, arguments);
    read_root(read, arguments);
    read.properties = words_of(arguments, "property");
    for (std::string& name : words_of(arguments, "-P"))
        read.properties.push_back(std::move(name));
    read.has_properties = arguments.has("property") || arguments.has("-P");
    read.job_mode =
        arguments.has("fail") ? "fail" : arguments.value("job-mode").value_or("replace");
    read.kill_whom =
        arguments.value("kill-whom").value_or(arguments.value("kill-who").value_or("all"));
    read.signal = read_signal(arguments);
    read.preset_mode = read_preset_mode(arguments);
    if (const auto lines = arguments.value("lines")) {
        const auto number = util::parse_lenient_unsigned(*lines);
        if (!number)
            throw cli::UsageError(concat("Failed to parse lines '", *lines, "'"));
        read.lines = static_cast<unsigned>(*number);
    }
    if (const auto iterations = arguments.value("iterations")) {
        const auto number = util::parse_lenient_unsigned(*iterations);
        if (!number)
            throw cli::UsageError(concat("Failed to parse iterations: ", *iterations));
        read.iterations = static_cast<unsigned>(*number);
    }
    read.follows = arguments.has("follow");
    read.priority = arguments.value("priority").value_or("");
    read.base_time = arguments.value("base-time").value_or("");
    if (const auto fuzz = arguments.value("fuzz")) {
        const auto span = util::parse_time_span(*fuzz);
        if (!span)
            throw cli::UsageError(concat("Failed to parse --fuzz= parameter: ", *fuzz));
        read.fuzz = *span;
    }
    read.timestamp = read_timestamp_style(arguments);
    const std::string format = arguments.value("output").value_or("short");
    constexpr auto formats = std::to_array<std::string_view>(
        {"short", "short-full", "short-iso", "short-iso-precise", "short-precise",
         "short-monotonic", "short-unix", "short-delta", "verbose", "export", "json", "json-pretty",
         "json-sse", "json-seq", "cat", "with-unit"});
    if (!util::contains(formats, format))
        throw ctl::Failure(concat("Unknown output '", format, "'."));
    read.is_json = format == "json" || format == "json-pretty";
    read.is_json_pretty = format == "json-pretty";
    read.is_quiet = arguments.has("quiet");
    read.is_all = arguments.has("all");
    read.is_plain = arguments.has("plain");
    read.is_full = arguments.has("full");
    read.is_reverse = arguments.has("reverse");
    read.is_after = arguments.has("after");
    read.is_before = arguments.has("before");
    read.has_legend = reads_legend(arguments) && !read.is_quiet;
    read.has_colour = cli::wants_colour(system::Fd(STDOUT_FILENO));
    read.blocks = !arguments.has("no-block");
    read.waits = arguments.has("wait");
    read.is_global = arguments.has("global");
    read.is_now = arguments.has("now");
    read.is_runtime = arguments.has("runtime");
    read.is_forced = arguments.has("force");
    read.drop_in = arguments.value("drop-in").value_or("");
    read.reads_stdin = arguments.has("stdin");
    read.reloads = !arguments.has("no-reload");
    read.shows_values_only = arguments.has("value") || arguments.has("-P");
    read.shows_types = arguments.has("show-types");
    read.shows_transaction = arguments.has("show-transaction");
    return read;
}

bool listed_ctl_choices(const cli::Arguments& arguments) {
    const auto asks = [&](std::string_view option) {
        const auto words = words_of(arguments, option);
        return util::contains(words, "help");
    };
    if (asks("type"))
        ctl::print_types(reads_legend(arguments));
    else if (asks("state"))
        ctl::print_states(reads_legend(arguments));
    else if (const auto signal = arguments.value("signal"); signal == "help" || signal == "list")
        ctl::print_signals(signal == "list");
    else
        return false;
    return true;
}

}  // namespace notifybridge
