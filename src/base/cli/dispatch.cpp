#include "base/cli/dispatch.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <new>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/cli/version.hpp"
#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "base/system/streams.hpp"
#include "base/util/base_name.hpp"
#include "base/util/closest.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/wrap_lines.hpp"

namespace notifybridge::cli {
namespace {

// git exits with these statuses for an unknown command and an unknown option.
constexpr int unknown_command_status = 1;
constexpr int usage_status = 129;
constexpr int output_failure_status = 1;

/// Returns how many columns a --help text on standard output may use.
std::size_t width_of_help() {
    return std::clamp(line_width(system::Fd(STDOUT_FILENO)).value_or(help_width), least_help_width,
                      help_width);
}

std::string overview(Subcommands subcommands, std::size_t width) {
    std::string out =
        "Usage: notifybridge [--version] [--help] SUBCOMMAND [ARG…]\n\n"
        "Carries sd_notify messages from containers to the host's systemd, and sends them for "
        "programs that do not notify.\n\n"
        "Subcommands:\n";
    for (const Subcommand* const subcommand : subcommands) {
        constexpr std::size_t summary_column = 12;
        std::string line = util::concat("  ", subcommand->usage.name);
        line.resize(summary_column, ' ');
        line += subcommand->usage.summary;
        const auto [alias, second] = subcommand->aliases;
        if (!alias.empty())
            line +=
                util::concat(" (also called ", alias, second.empty() ? "" : " or ", second, ')');
        out += util::concat(util::wrap_lines(line, width, summary_column), '\n');
    }
    out +=
        "\n'notifybridge SUBCOMMAND --help' shows the options of SUBCOMMAND. 'man notifybridge' "
        "describes everything.\n";
    return util::wrap_lines(out, width, 0);
}

void print_version() {
    system::out() << "notifybridge version " NOTIFYBRIDGE_VERSION "\n";
}

int fail(const Subcommand& subcommand, const Invocation& invocation, std::string_view why) {
    write_error_line(util::concat(invocation.invoked_as, ": ", why));
    return subcommand.failure_status;
}

int run(const Subcommand& subcommand, const Invocation& invocation) {
    try {
        return subcommand.run(invocation);
    } catch (const std::bad_alloc&) {
        return fail(subcommand, invocation,
                    "out of memory; raise ulimit -v, MemoryMax= and podman's --memory");
    } catch (const boost::system::system_error& error) {
        // Asio's own message would name Asio's internals and a line of its source.
        return fail(subcommand, invocation,
                    util::concat("cannot wait for events: ", error.code().message()));
    } catch (const std::exception& error) {
        return fail(subcommand, invocation, error.what());
    }
}

/// Returns the command lines that the user may have meant when typing `name`.
std::vector<std::string> similar_commands(Subcommands subcommands, std::string_view name) {
    std::vector<std::string_view> names = {"help", version_option.name};
    std::vector<std::string> similar;
    for (const Subcommand* const subcommand : subcommands) {
        names.push_back(subcommand->usage.name);
        if (subcommand->takes && subcommand->takes(name))
            similar.push_back(util::concat(subcommand->usage.name, ' ', util::escape(name)));
    }
    const std::string_view near = util::closest(name, names);
    for (const std::string_view whole : names)
        if (whole == near || (!name.empty() && whole.starts_with(name)))
            similar.push_back(util::concat(whole == version_option.name ? "--" : "", whole));
    return similar;
}

int answer_unknown(Subcommands subcommands, std::string_view name) {
    std::string answer =
        util::concat("notifybridge: '", util::escape(name),
                     "' is not a notifybridge command. See 'notifybridge --help'.\n");
    const std::vector<std::string> similar = similar_commands(subcommands, name);
    if (!similar.empty())
        answer +=
            util::concat("\nThe most similar command", similar.size() == 1 ? " is" : "s are", '\n');
    for (const std::string& command : similar)
        answer += util::concat('\t', command, '\n');
    system::err() << answer;
    return unknown_command_status;
}

/// Returns the names of the subcommands with this option, with "and" before the last.
std::string owners_of(Subcommands subcommands, std::string_view option) {
    std::vector<std::string_view> owners;
    for (const Subcommand* const subcommand : subcommands)
        if (std::ranges::find(subcommand->usage.options, option, &Option::name)
            != subcommand->usage.options.end())
            owners.push_back(subcommand->usage.name);
    std::string text;
    for (std::size_t at = 0; at < owners.size(); ++at)
        text += util::concat(at == 0 ? "" : at + 1 == owners.size() ? " and " : ", ", owners[at]);
    return text;
}

int answer_unknown_option(Subcommands subcommands, std::string_view typed) {
    std::string advice = "See 'notifybridge --help'.";
    if (typed.starts_with("--")) {
        const std::string_view name = typed.substr(2, typed.find('=') - 2);
        constexpr auto own =
            std::to_array<std::string_view>({help_option.name, version_option.name});
        const std::string_view near = util::closest(name, own);
        const std::string owners = owners_of(subcommands, name);
        if (!near.empty())
            advice = util::concat("Did you mean '--", near, "'?");
        else if (!owners.empty())
            advice = util::concat("This is an option of ", owners,
                                  ": write it after the name of the subcommand.");
    }
    system::err() << "notifybridge: unknown option '" << util::escape(typed) << "'. " << advice
                  << '\n';
    return usage_status;
}

const Subcommand* find_subcommand(Subcommands subcommands, std::string_view name) {
    for (const Subcommand* const subcommand : subcommands)
        if (name == subcommand->usage.name)
            return subcommand;
    return nullptr;
}

/// Returns the subcommand whose member `names` contains `name`. Returns null if none contains it.
template <typename Names>
const Subcommand* find_by(Names Subcommand::*names, Subcommands subcommands,
                          std::string_view name) {
    for (const Subcommand* const subcommand : subcommands)
        if (!name.empty() && util::contains(subcommand->*names, name))
            return subcommand;
    return nullptr;
}

int run_named(Subcommands subcommands, std::span<const std::string> arguments) {
    const std::string& first = arguments.front();
    if (const Subcommand* const subcommand = find_subcommand(subcommands, first))
        return run(*subcommand, {util::concat("notifybridge ", first), arguments.subspan(1)});
    if (first == "--version" || first == "-V") {
        print_version();
        return 0;
    }
    const bool asks_for_all = first == "help"
                              && (arguments.size() == 1 || arguments[1] == "help"
                                  || arguments[1] == "--help" || arguments[1] == "-h");
    if (first == "--help" || first == "-h" || asks_for_all) {
        system::out() << overview(subcommands, width_of_help());
        return 0;
    }
    if (first == "help") {
        const std::string& name = arguments[1];
        const Subcommand* const subcommand = find_subcommand(subcommands, name);
        if (!subcommand)
            return answer_unknown(subcommands, name);
        system::out() << help(subcommand->usage, util::concat("notifybridge ", name));
        return 0;
    }
    if (first.starts_with('-'))
        return answer_unknown_option(subcommands, first);
    return answer_unknown(subcommands, first);
}

int run_chosen(Subcommands subcommands, std::span<const std::string> argv) {
    const std::string name(util::base_name(argv.empty() ? std::string_view() : argv.front()));
    const auto arguments = argv.empty() ? argv : argv.subspan(1);
    if (const Subcommand* const subcommand = find_by(&Subcommand::aliases, subcommands, name))
        return run(*subcommand, {name, arguments});
    if (const Subcommand* const subcommand = find_by(&Subcommand::more_aliases, subcommands, name))
        return run(*subcommand, {name, arguments});
    if (arguments.empty()) {
        system::out() << overview(subcommands, width_of_help());
        return unknown_command_status;
    }
    return run_named(subcommands, arguments);
}

}  // namespace

bool answered(const Arguments& arguments, const Usage& usage, const Invocation& invocation) {
    if (arguments.has(help_option.name))
        system::out() << help(usage, invocation.invoked_as, width_of_help());
    else if (arguments.has(version_option.name)) {
        const bool has_other_name = invocation.invoked_as.find(' ') == std::string::npos;
        if (has_other_name && !usage.stands_for.empty())
            system::out() << usage.stands_for << '\n';
        print_version();
    } else
        return false;
    return true;
}

int dispatch(Subcommands subcommands, std::span<const std::string> argv) {
    const int status = run_chosen(subcommands, argv);
    if (system::flush_out())
        return status;
    // EPIPE is not an error: the reader has closed the pipe, because it needs no more output.
    if (errno != EPIPE)
        write_error_line("notifybridge: cannot write to standard output: "
                         + system::describe(errno));
    return status == 0 ? output_failure_status : status;
}

}  // namespace notifybridge::cli
