#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/wrap_lines.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/status/check.hpp"
#include "bridge/status/follower.hpp"
#include "bridge/status/overview_text.hpp"
#include "subcommands.hpp"

namespace notifybridge {
namespace status_command {
namespace {

using status::Liveness;
using util::concat;

constexpr auto options = std::to_array<cli::Option>({
    {"json", 0, "", "for programs: one JSON object"},
    {"watch", 'w', "", "show it again when it changes, until SIGINT"},
    {"follow", 'f', "",
     "show each message and whether it passes by default, until the end of the run"},
    {"check", 0, "", "look for every known cause of a silence, and say what to do about it"},
    {"ready", 0, "", "print nothing; exit with 0 where the app is ready"},
    {"alive", 0, "", "print nothing; exit with 0 where the run goes on"},
    {"shared-dir", 'd', "PATH",
     "the shared directory (SHARED_DIR; /shared where it has a run, else /tmp/container-notify)"},
    cli::help_option,
    cli::version_option,
});

constexpr cli::Usage usage = {
    "status",
    "[OPTIONS] [SHARED_DIR]",
    "Shows what goes on in a shared directory.",
    options,
    "Example, as a health check in a container:\n"
    "  notifybridge status --ready\n\n"
    "Of several containers (`wait --member`), whose directories are in this one, all are shown.\n\n"
    "Exit status: 0 where a run goes on (--ready: and is ready; --check: and nothing is\n"
    "wrong), 3 where it does not or ended, 4 where there is no such directory or never was a\n"
    "run that can be read, 2 for an error of its own; of several containers the highest.",
};

// As systemctl's and LSB's: 3 is not running, 4 is unknown.
constexpr int status_yes = 0;
constexpr int status_failure = 2;
constexpr int status_no = 3;
constexpr int status_nothing = 4;

enum class Mode { table, json, watch, follow, check, ready, alive };

/// A shared directory that is asked about.
struct Subject {
    std::string name;  ///< Of the member; empty where there is but one container.
    std::string path;
    system::UniqueFd directory;
    std::string invoked_as;

    void complain(std::string_view what) const {
        cli::write_error_line(
            concat(invoked_as, ": shared directory ", util::quote(path), ": ", what));
    }
};
using Subjects = std::vector<Subject>;

Mode read_mode(const cli::Arguments& arguments) {
    struct Choice {
        std::string_view option;
        Mode mode;
    };
    constexpr auto choices = std::to_array<Choice>({{"json", Mode::json},
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

/// The same command is typed in the container and on the host.
std::string default_path() {
    const auto directory = system::open_directory("/shared");
    const bool has_run = directory && system::identity(*directory, channel::journal_name);
    return has_run ? "/shared" : "/tmp/container-notify";
}

std::string read_path(const cli::Arguments& arguments) {
    const auto& operands = arguments.operands();
    if (operands.size() > 1)
        throw cli::UsageError(concat(util::quote(operands[1]),
                                     " is one too many: give one "
                                     "directory, after the options"));
    if (!operands.empty())
        return operands.front();
    if (auto path = arguments.value("shared-dir"))
        return std::move(*path);
    if (auto path = cli::variable("SHARED_DIR"))
        return std::move(*path);
    return default_path();
}

std::string why_no_run(const status::Overview& overview) {
    for (const status::FileFault& fault : overview.faults)
        if (fault.file == channel::journal_name)
            return concat("cannot read the journal: ", fault.text);
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
    if (std::cout << text << std::flush)
        return;
    // It is said here, and not once more at the end.
    std::cout.clear();
    system::throw_errno("write", "standard output");
}

constexpr system::Fd output(STDOUT_FILENO);

/// Lines that are too long go on below their text.
std::string fit(std::string text, std::size_t indent) {
    const auto width = cli::line_width(output);
    return width ? util::wrap_lines(text, *width, indent) : std::move(text);
}

std::string table(const status::Overview& overview, const Subject& subject) {
    return fit(status::to_table(overview, subject.path, system::now(), cli::wants_colour(output)),
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
    if (overview.run)
        print(mode == Mode::json ? status::to_json(overview, subject.path)
                                 : table(overview, subject));
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

int show_all_as_json(const Subjects& subjects, std::string_view path) {
    std::vector<status::MemberOverview> members;
    const int worst = for_all(subjects, [&](const Subject& subject) {
        members.push_back({subject.name, subject.path, status::look_at(subject.directory)});
        return judge(members.back().overview, subject);
    });
    print(status::to_json(members, path));
    return worst;
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
    if (!subject.name.empty())
        print(concat(subject.name, ":\n"));
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
    status::Follower follower(loop, subject.directory, std::move(reader));
    follower.on_record = [&policy](const channel::Record& record) {
        print(status::to_line(record, policy) + '\n');
    };
    loop.spawn([&follower] { return follower.run(); });
    loop.run();
    if (follower.saw_end())
        return status_yes;
    subject.complain("the run broke off, or its journal is damaged");
    return status_no;
}

/// What --watch shows, until a signal ends the process: nothing of the terminal is changed that
/// would have to be set back.
class Screen {
public:
    /// Of several, the first is watched, and the others are looked at now and then.
    explicit Screen(const Subjects& subjects)
        : subjects_(subjects),
          watch_(loop_, system::is_local_file_system(subjects.front().directory)) {}

    void run();

private:
    event::Awaitable<> keep_drawing();
    event::Awaitable<> keep_ticking();
    void draw(const std::vector<status::Overview>& overviews);

    const Subjects& subjects_;
    event::Loop loop_;
    event::FileWatch watch_;
    event::Timer tick_{loop_};
    event::Timer pause_{loop_};
    std::vector<status::Overview> shown_;
};

void Screen::run() {
    watch_.watch_directory(subjects_.front().directory);
    loop_.spawn([this] { return keep_drawing(); });
    loop_.spawn([this] { return keep_ticking(); });
    loop_.run();
}

void Screen::draw(const std::vector<status::Overview>& overviews) {
    const bool is_terminal = ::isatty(STDOUT_FILENO);
    // On a terminal it is drawn anew all the same, as the ages in it change.
    if (!is_terminal && shown_ == overviews)
        return;
    std::string text = is_terminal ? "\x1b[H\x1b[2J" : shown_.empty() ? "" : "\n";
    for (std::size_t i = 0; i < overviews.size(); ++i) {
        const status::Overview& overview = overviews[i];
        if (i > 0)
            text += '\n';
        if (overview.run)
            text += table(overview, subjects_[i]);
        for (const std::string& fault : find_faults(overview))
            text += concat(subjects_[i].name, subjects_[i].name.empty() ? "" : ": ", fault, '\n');
    }
    print(text);
}

event::Awaitable<> Screen::keep_drawing() {
    constexpr std::chrono::milliseconds shortest_interval(100);
    for (;;) {
        std::vector<status::Overview> overviews;
        for (const Subject& subject : subjects_)
            overviews.push_back(status::look_at(subject.directory));
        draw(overviews);
        shown_ = std::move(overviews);
        co_await pause_.sleep(shortest_interval);
        co_await watch_.changed();
    }
}

/// Not all that is shown is a file that takes a name: progress, the age of a ping, a dropped lock.
event::Awaitable<> Screen::keep_ticking() {
    for (;;) {
        co_await tick_.sleep(std::chrono::seconds(1));
        watch_.poke();
    }
}

/// The directory, or those of the members in it.
Subjects open_subjects(Subject subject) {
    Subjects subjects;
    for (const std::string& name : status::member_names(subject.path)) {
        const std::string path = concat(subject.path, '/', name);
        // One that is gone by now is none any more.
        if (auto directory = system::open_directory(path))
            subjects.push_back({name, path, std::move(*directory), subject.invoked_as});
    }
    if (subjects.empty())
        subjects.push_back(std::move(subject));
    return subjects;
}

/// Whose messages are followed. Throws cli::UsageError where that is not clear.
const Subject& only_one(const Subjects& subjects) {
    if (subjects.front().name.empty())
        return subjects.front();
    throw cli::UsageError(
        concat("--follow shows one container; give a member's directory, such as ",
               util::quote(subjects.front().path)));
}

int run(const cli::Invocation& invocation) {
    const cli::Arguments arguments = cli::parse(usage, invocation.arguments);
    if (cli::answered(arguments, usage, invocation))
        return 0;
    const Mode mode = read_mode(arguments);
    const bool is_question = mode == Mode::ready || mode == Mode::alive;
    Subject subject{{}, read_path(arguments), {}, invocation.invoked_as};
    auto directory = system::open_directory(subject.path);
    if (!directory) {
        if (!is_question)
            subject.complain(
                concat(system::describe(directory.error().value()),
                       "; give the directory of `wrap` and `wait`, or set SHARED_DIR; a container "
                       "has it where it is mounted, as by `-v /tmp/container-notify:/shared`"));
        if (mode == Mode::check) {
            status::Findings findings;
            status::check_units(findings, subject.path);
            print_findings(findings);
        }
        return status_nothing;
    }
    subject.directory = std::move(*directory);
    const std::string path = subject.path;
    const Subjects subjects = open_subjects(std::move(subject));
    if (is_question)
        return for_all(subjects, [&](const Subject& each) { return answer(each, mode); });
    if (mode == Mode::follow)
        return follow(only_one(subjects));
    if (mode == Mode::check)
        return check_all(subjects);
    if (mode == Mode::json && !subjects.front().name.empty())
        return show_all_as_json(subjects, path);
    if (mode != Mode::watch)
        return show_all(subjects, mode);
    Screen(subjects).run();
    return status_yes;
}

}  // namespace
}  // namespace status_command

const cli::Subcommand status_subcommand = {
    status_command::usage, {""}, status_command::run, status_command::status_failure};

}  // namespace notifybridge
