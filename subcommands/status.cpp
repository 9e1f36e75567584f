#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/file.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/wrap_lines.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/status/bridges.hpp"
#include "bridge/status/check.hpp"
#include "bridge/status/follower.hpp"
#include "bridge/status/named_unit.hpp"
#include "bridge/status/overview_text.hpp"
#include "bridge/status/prometheus.hpp"
#include "bridge/status/reader_watch.hpp"
#include "bridge/status/screen.hpp"
#include "bridge/status/senders.hpp"
#include "bridge/status/unit.hpp"
#include "status_subjects.hpp"
#include "subcommands.hpp"

namespace notifybridge {
namespace status_command {
namespace {

using status::Liveness;
using util::concat;

constexpr auto options = std::to_array<cli::Option>({
    {"all", 'a', "", "all directories on this machine that have a `wait`; for root, of all users"},
    {"json", 0, "", "for programs: one JSON object"},
    {"prometheus", 0, "", "metrics, as the textfile collector of node_exporter reads them"},
    {"watch", 'w', "", "show it again when it changes, until SIGINT"},
    {"follow", 'f', "",
     "show each message and whether it passes by default, until the end of the run"},
    {"check", 0, "", "say why the unit failed or is silent, and what to do about it"},
    {"ready", 0, "", "print nothing; exit with 0 where the app is ready"},
    {"alive", 0, "", "print nothing; exit with 0 where the run goes on"},
    {"shared-dir", 'd', "PATH",
     "the shared directory or unit (SHARED_DIR; default: /shared if it has a run, else --all, else "
     "/tmp/container-notify)"},
    cli::help_option,
    cli::version_option,
});

constexpr cli::Usage usage = {
    "status",
    "[OPTIONS] [SHARED_DIR|UNIT]",
    "Shows what goes on in a shared directory, or in that of a unit.",
    options,
    "Examples, of a service, and as a health check in a container:\n"
    "  notifybridge status redis\n"
    "  notifybridge status --ready\n\n"
    "Of several containers (`wait --member`), whose directories are in this one, all are shown.\n\n"
    "Exit status: 0 where a run goes on (--ready: and is ready; --check: and nothing is\n"
    "wrong), 3 where it does not or ended, 4 where there is no such directory or never was a\n"
    "run that can be read, 2 for an error of its own; of several containers the highest.\n"
    "--prometheus: 0 wherever there is something to be read.",
};

// As systemctl's and LSB's: 3 is not running, 4 is unknown.
constexpr int status_yes = 0;
constexpr int status_failure = 2;
constexpr int status_no = 3;
constexpr int status_nothing = 4;

enum class Mode { table, json, prometheus, watch, follow, check, ready, alive };

Mode read_mode(const cli::Arguments& arguments) {
    struct Choice {
        std::string_view option;
        Mode mode;
    };
    constexpr auto choices = std::to_array<Choice>({{"json", Mode::json},
                                                    {"prometheus", Mode::prometheus},
                                                    {"watch", Mode::watch},
                                                    {"follow", Mode::follow},
                                                    {"check", Mode::check},
                                                    {"ready", Mode::ready},
                                                    {"alive", Mode::alive}});
    const Choice* chosen = nullptr;
    for (const Choice& choice : choices) {
        if (!arguments.has(choice.option))
            continue;
        if (chosen)
            throw cli::UsageError(concat("--", chosen->option, " and --", choice.option,
                                         " do not go together; leave one of them out"));
        chosen = &choice;
    }
    return chosen ? chosen->mode : Mode::table;
}

std::string why_no_run(const status::Overview& overview) {
    for (const status::FileFault& fault : overview.faults)
        if (fault.file == channel::journal_name)
            return concat("cannot read the journal: ", fault.text);
    if (overview.host && overview.host->liveness != Liveness::ended
        && overview.host->file.facts.has_command)
        return concat("no run yet; wait (pid ", overview.host->file.facts.pid,
                      ") is there: the container has not been started yet, as its image may be "
                      "pulled first, or it does not start wrap; `status --check` tells more");
    if (overview.host && overview.host->liveness != Liveness::ended)
        return concat("no run yet; wait (pid ", overview.host->file.facts.pid,
                      ") is there: check that the container has this directory, and starts wrap");
    return "there never was a run; check that SHARED_DIR names the same directory on both sides";
}

/// What is wrong, a line each.
std::vector<std::string> find_faults(const status::Overview& overview) {
    std::vector<std::string> lines;
    if (!overview.run)
        lines.push_back(why_no_run(overview));
    for (const status::FileFault& fault : overview.faults)
        if (overview.run || fault.file != channel::journal_name)
            lines.push_back(concat(fault.file, ": ", fault.text));
    return lines;
}

void print(std::string_view text) {
    if (system::out() << text << std::flush)
        return;
    // It is said here, and not once more at the end.
    system::out().clear();
    system::throw_errno("write", "standard output");
}

constexpr system::Fd output(STDOUT_FILENO);

/// Lines that are too long go on below their text.
std::string fit(std::string text, std::size_t indent) {
    const auto width = cli::line_width(output);
    return width ? util::wrap_lines(text, *width, indent) : std::move(text);
}

std::string table(const status::Overview& overview, std::string_view path) {
    return fit(status::to_table(overview, path, system::now(), cli::wants_colour(output)),
               status::table_indent);
}

/// Says what is wrong, and how it stands, as an exit status.
int judge(const status::Overview& overview, const Subject& subject) {
    for (const std::string& fault : find_faults(overview))
        subject.complain(fault);
    if (!overview.run)
        return status_nothing;
    return overview.run->liveness == Liveness::ended ? status_no : status_yes;
}

int show(const Subject& subject, Mode mode) {
    const status::Overview overview = status::look_at(subject.directory);
    if (mode == Mode::json)
        print(status::to_json(overview, subject.path));
    else if (overview.run)
        print(table(overview, subject.path));
    return judge(overview, subject);
}

/// The gravest of the exit statuses for each.
int for_all(const Subjects& subjects, const std::function<int(const Subject&)>& act) {
    int worst = status_yes;
    for (const Subject& subject : subjects)
        worst = std::max(worst, act(subject));
    return worst;
}

/// With an empty line between two.
int show_all(const Subjects& subjects, Mode mode) {
    return for_all(subjects, [&](const Subject& subject) {
        if (&subject != &subjects.front())
            print("\n");
        return show(subject, mode);
    });
}

status::NamedOverview look_at(const Subject& subject) {
    return {subject.name, subject.owner, subject.path, status::look_at(subject.directory)};
}

/// What is in each, and the gravest of the exit statuses.
struct Looked {
    std::vector<status::NamedOverview> overviews;
    int worst = status_yes;
};

Looked look_at_all(const Subjects& subjects) {
    Looked looked;
    looked.worst = for_all(subjects, [&](const Subject& subject) {
        looked.overviews.push_back(look_at(subject));
        return judge(looked.overviews.back().overview, subject);
    });
    return looked;
}

std::vector<status::NamedOverview> look_at_each(const Subjects& subjects) {
    std::vector<status::NamedOverview> overviews;
    for (const Subject& subject : subjects)
        overviews.push_back(look_at(subject));
    return overviews;
}

std::string rows(std::span<const status::NamedOverview> overviews) {
    std::string text;
    for (const status::NamedOverview& overview : overviews)
        text += status::to_row(overview, system::now(), cli::wants_colour(output), ::geteuid());
    return fit(std::move(text), status::row_indent);
}

int answer(const Subject& subject, Mode mode) {
    const status::Overview overview = status::look_at(subject.directory);
    if (!overview.run)
        return status_nothing;
    const status::RunOverview& run = *overview.run;
    if (run.liveness == Liveness::ended || (mode == Mode::ready && !status::is_ready(run)))
        return status_no;
    const bool lives =
        run.liveness == Liveness::alive || status::has_a_beat(subject.directory, run.header.run);
    return lives ? status_yes : status_no;
}

void print_findings(const status::Findings& findings) {
    print(fit(status::to_text(findings, cli::wants_colour(output)), status::findings_indent));
}

int check(const Subject& subject) {
    const status::Overview overview = status::look_at(subject.directory);
    const auto findings = status::check(subject.directory, subject.path, overview, subject.name);
    if (!subject.name.empty() || subject.is_of_all)
        print(concat(util::escape(subject.is_of_all ? subject.path : subject.name), ":\n"));
    print_findings(findings);
    if (!overview.run)
        return status_nothing;
    return findings.has_problem() ? status_no : status_yes;
}

/// Of several containers, what is wrong with the whole comes first.
int check_all(const Subjects& subjects) {
    int worst = status_yes;
    if (!subjects.front().name.empty()) {
        std::vector<std::string> names;
        for (const Subject& subject : subjects)
            names.push_back(subject.name);
        status::Findings findings;
        status::check_members(findings, subjects.front().directory,
                              status::look_at(subjects.front().directory), names);
        print_findings(findings);
        if (findings.has_problem())
            worst = status_no;
    }
    return std::max(worst, for_all(subjects, check));
}

int follow(const Subject& subject) {
    channel::JournalFault fault;
    auto reader = channel::JournalReader::open(subject.directory, fault);
    if (!reader) {
        subject.complain(why_no_run(status::look_at(subject.directory)));
        return status_nothing;
    }
    const relay::Policy policy;
    event::Loop loop;
    status::Senders senders(subject.directory, reader->header());
    status::Follower follower(loop, subject.directory, std::move(reader));
    follower.on_record = [&](const channel::Record& record) {
        print(status::to_line(record, policy, senders.name_of(record.sender.pid)) + '\n');
    };
    const status::ReaderWatch reader_watch(loop);
    loop.spawn([&]() -> event::Awaitable<> {
        co_await follower.run();
        loop.stop();
    });
    loop.run();
    if (follower.saw_end())
        return status_yes;
    subject.complain("the run broke off, or its journal is damaged");
    return status_no;
}

std::string screen_text(const status::Screen::Overviews& overviews, bool is_all) {
    if (is_all)
        return rows(overviews);
    std::string text;
    for (const status::NamedOverview& each : overviews) {
        if (&each != &overviews.front())
            text += '\n';
        if (each.overview.run)
            text += table(each.overview, each.path);
        for (const std::string& fault : find_faults(each.overview))
            text += concat(each.member, each.member.empty() ? "" : ": ", fault, '\n');
    }
    return text;
}

/// Of several, the first is watched, and the others are looked at now and then. With `is_all` they
/// are all that there are, each time. Nothing of the terminal is changed that would have to be set
/// back when a signal ends us.
void watch(const Subjects& subjects, bool is_all) {
    const bool is_terminal = ::isatty(STDOUT_FILENO);
    status::Screen screen(subjects.front().directory, is_terminal);
    screen.look = [&] { return is_all ? look_at_each(find_subjects({})) : look_at_each(subjects); };
    screen.draw = [&](const auto& overviews, bool is_first) {
        const std::string_view start = is_terminal ? "\x1b[H\x1b[2J" : is_first ? "" : "\n";
        print(concat(start, screen_text(overviews, is_all)));
    };
    screen.run();
}

/// Returns the container whose messages are followed. Throws cli::UsageError if that is not clear.
const Subject& only_one(const Subjects& subjects) {
    const Subject& first = subjects.front();
    if (first.name.empty() && subjects.size() == 1)
        return first;
    throw cli::UsageError(concat("--follow shows one container; give ",
                                 first.name.empty() ? "one directory" : "a member's directory",
                                 ", such as ", util::quote(first.path)));
}

/// The directory that is asked about, or nothing where there is none.
Subjects open_named(const std::string& path, const std::string& invoked_as, Mode mode,
                    std::string_view why_no_unit) {
    auto subjects = open_subjects(path, invoked_as);
    if (subjects)
        return std::move(*subjects);
    status::Findings findings;
    if (mode == Mode::check)
        status::check_units(findings, path);
    // That a unit is down says more than that its directory is not there.
    if (findings.all().empty() && mode != Mode::ready && mode != Mode::alive)
        Subject{{}, {}, path, {}, invoked_as}.complain(
            why_not_open(path, subjects.error(), why_no_unit));
    print_findings(findings);
    return {};
}

int run_mode(const Subjects& subjects, Mode mode, const std::string& path, bool is_all) {
    const bool are_members = !subjects.front().name.empty();
    const bool are_several = subjects.size() > 1;
    switch (mode) {
        case Mode::ready:
        case Mode::alive:
            return for_all(subjects, [&](const Subject& each) { return answer(each, mode); });
        case Mode::follow:
            return follow(only_one(subjects));
        case Mode::check:
            return check_all(subjects);
        case Mode::prometheus:
            print(status::to_prometheus(look_at_each(subjects)));
            return status_yes;
        case Mode::watch:
            watch(subjects, is_all);
            return status_yes;
        case Mode::json:
        case Mode::table:
            break;
    }
    if (!is_all && !(are_several && mode == Mode::json) && !(are_members && mode == Mode::json))
        return show_all(subjects, mode);
    const Looked looked = look_at_all(subjects);
    print(mode == Mode::table ? rows(looked.overviews)
          : are_members       ? status::to_json(looked.overviews, path)
                              : status::to_json_of_all(looked.overviews));
    return looked.worst;
}

/// A service without a shared directory: what systemd knows of it.
int show_unit(const status::UnitFacts& unit, Mode mode, const std::string& invoked_as) {
    const int answer = status::is_alive(unit) ? status_yes : status_no;
    switch (mode) {
        case Mode::ready:
            return status::is_ready(unit) ? status_yes : status_no;
        case Mode::alive:
            return answer;
        case Mode::table:
            print(fit(status::to_table(unit, cli::wants_colour(output)), status::table_indent));
            return answer;
        case Mode::json:
            print(status::to_json(unit));
            return answer;
        case Mode::check: {
            status::Findings findings;
            status::check_named_unit(findings, unit);
            print_findings(findings);
            return findings.has_problem() ? status_no : answer;
        }
        case Mode::prometheus:
        case Mode::watch:
        case Mode::follow:
            break;
    }
    cli::write_error_line(
        concat(invoked_as, ": ", util::escape(unit.name), ": ", status::why_no_directory(unit)));
    return status_nothing;
}

int run(const cli::Invocation& invocation) {
    const cli::Arguments arguments = cli::parse(usage, invocation.arguments);
    if (cli::answered(arguments, usage, invocation))
        return 0;
    const Mode mode = read_mode(arguments);
    const std::string& invoked_as = invocation.invoked_as;
    const bool asks_for_all = arguments.has("all");
    const auto named = read_status_path(arguments);
    if (asks_for_all && mode == Mode::follow)
        throw cli::UsageError("--follow and --all do not go together; give one directory");
    if (asks_for_all || (!named && !has_usual_run())) {
        const Subjects all = find_subjects(invoked_as);
        if (!all.empty())
            return run_mode(all, mode, {}, true);
    }
    if (asks_for_all) {
        if (mode != Mode::ready && mode != Mode::alive && mode != Mode::prometheus)
            cli::write_error_line(concat(invoked_as,
                                         ": there is no `wait` that can be seen from here; ask as "
                                         "root for those of all users, and in a container for its "
                                         "directory"));
        return mode == Mode::prometheus ? status_yes : status_nothing;
    }
    const std::string path = named ? *named : default_path();
    const NamedUnit unit = named ? find_named_unit(path, invoked_as) : NamedUnit();
    // The directory of a unit that is down can belong to another unit.
    const bool is_down = unit.unit && mode == Mode::check && !status::is_alive(*unit.unit);
    if (!unit.subjects.empty() && !is_down)
        return run_mode(unit.subjects, mode, path, false);
    if (unit.unit)
        return show_unit(*unit.unit, mode, invoked_as);
    const Subjects subjects = open_named(path, invoked_as, mode, unit.why_not);
    return subjects.empty() ? status_nothing : run_mode(subjects, mode, path, false);
}

}  // namespace
}  // namespace status_command

const cli::Subcommand status_subcommand = {
    status_command::usage, {""}, status_command::run, status_command::status_failure};

}  // namespace notifybridge
