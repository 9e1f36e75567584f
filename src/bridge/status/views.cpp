#include "bridge/status/views.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/status/check.hpp"
#include "bridge/status/follower.hpp"
#include "bridge/status/output.hpp"
#include "bridge/status/overview_text.hpp"
#include "bridge/status/reader_watch.hpp"
#include "bridge/status/record_line.hpp"
#include "bridge/status/screen.hpp"
#include "bridge/status/senders.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// The maximum number of checks of a directory, and the pause between two checks.
constexpr int most_checks = 3;
constexpr std::chrono::milliseconds check_pause(300);

std::string why_no_run(const Overview& overview) {
    for (const FileFault& fault : overview.faults)
        if (fault.file == channel::journal_name)
            return concat("cannot read the journal of the shared directory: ", fault.text);
    if (overview.host && overview.host->liveness != Liveness::ended
        && overview.host->file.facts.has_command)
        return concat("no run yet; wait (pid ", overview.host->file.facts.pid,
                      ") is running, but no wrap has started: the container does not exist yet, or "
                      "does not start wrap; `status --check` shows more");
    if (overview.host && overview.host->liveness != Liveness::ended)
        return concat(
            "no run yet; wait (pid ", overview.host->file.facts.pid,
            ") is running: check that the container mounts this directory and starts wrap");
    return "no run has used this directory; check that SHARED_DIR names the same directory on the "
           "host and in the container";
}

/// Returns the faults of a directory's files, one line for each fault.
std::vector<std::string> find_faults(const Overview& overview) {
    std::vector<std::string> lines;
    if (!overview.run)
        lines.push_back(why_no_run(overview));
    for (const FileFault& fault : overview.faults)
        if (overview.run || fault.file != channel::journal_name)
            lines.push_back(concat(fault.file, ": ", fault.text));
    return lines;
}

std::string table(const Overview& overview, std::string_view path) {
    return fit(to_table(overview, path, system::now(), cli::wants_colour(output)), table_indent);
}

/// Prints the faults of a directory to standard error. Returns the exit status for its run.
int judge(const Overview& overview, const Subject& subject) {
    for (const std::string& fault : find_faults(overview))
        subject.complain(fault);
    if (!overview.run)
        return status_nothing;
    return overview.run->liveness == Liveness::ended ? status_no : status_yes;
}

int show(const Subject& subject, Mode mode) {
    const Overview overview = look_at(subject.directory);
    if (mode == Mode::json)
        print(to_json(overview, subject.path));
    else if (overview.run)
        print(table(overview, subject.path));
    return judge(overview, subject);
}

NamedOverview named_overview(const Subject& subject) {
    return {subject.name, subject.owner, subject.path, look_at(subject.directory)};
}

/// The overviews of several directories, and the highest exit status.
struct Looked {
    std::vector<NamedOverview> overviews;
    int worst = status_yes;
};

Looked look_at_all(const Subjects& subjects) {
    Looked looked;
    looked.worst = for_all(subjects, [&](const Subject& subject) {
        looked.overviews.push_back(named_overview(subject));
        return judge(looked.overviews.back().overview, subject);
    });
    return looked;
}

std::vector<NamedOverview> look_at_each(const Subjects& subjects) {
    std::vector<NamedOverview> overviews;
    for (const Subject& subject : subjects)
        overviews.push_back(named_overview(subject));
    return overviews;
}

std::string rows(std::span<const NamedOverview> overviews) {
    std::string text;
    for (const NamedOverview& overview : overviews)
        text += to_row(overview, system::now(), cli::wants_colour(output), ::geteuid());
    return fit(std::move(text), row_indent);
}

struct Checked {
    bool has_run;
    bool is_awaited;  ///< Whether a living `wait` expects a run.
    diagnosis::Findings findings;
};

Checked check_now(const Subject& subject, system::Fd directory) {
    const Overview overview = look_at(directory);
    const bool is_awaited = overview.host && overview.host->liveness != Liveness::ended;
    return {overview.run.has_value(), is_awaited,
            check(directory, subject.path, overview, subject.name)};
}

/// Opens the directory again, because the next run may have replaced it. Returns an error if it
/// does not exist now, or if its path is valid only in another mount namespace.
system::Result<system::UniqueFd> reopen(const Subject& subject) {
    if (subject.owner && subject.owner->mounts != 0)
        return system::error_of(ENOENT);
    return system::open_directory(subject.path);
}

/// Checks a directory. If a check finds a problem, repeats it until two checks agree: while a run
/// begins or ends, its files and processes do not fit together for a moment.
Checked check_until_stable(const Subject& subject) {
    Checked checked = check_now(subject, subject.directory);
    for (int count = 1; checked.findings.has_problem() && count < most_checks; ++count) {
        std::this_thread::sleep_for(check_pause);
        const auto replaced = reopen(subject);
        Checked next = check_now(subject, replaced ? system::Fd(*replaced) : subject.directory);
        const bool is_same = to_text(next.findings, false) == to_text(checked.findings, false);
        checked = std::move(next);
        if (is_same)
            break;
    }
    return checked;
}

int check_one(const Subject& subject) {
    const auto [has_run, is_awaited, findings] = check_until_stable(subject);
    if (!subject.name.empty() || subject.is_of_all)
        print(concat(util::escape(subject.is_of_all ? subject.path : subject.name), ":\n"));
    print_findings(findings);
    const bool is_starting = is_awaited && !findings.has_problem();
    if (!has_run && !is_starting)
        return status_nothing;
    return findings.has_problem() ? status_no : status_yes;
}

/// Opens the directories again, because `run` creates a new directory at each start of its unit.
/// Leaves out a directory that does not exist.
Subjects open_again(const Subjects& subjects) {
    Subjects opened;
    for (const Subject& each : subjects)
        if (auto directory = system::open_directory(each.path))
            opened.push_back({each.name, each.owner, each.path, std::move(*directory),
                              each.invoked_as, each.is_of_all});
    return opened;
}

std::string screen_text(const Screen::Overviews& overviews, bool is_all) {
    if (is_all)
        return rows(overviews);
    std::string text;
    for (const NamedOverview& each : overviews) {
        if (&each != &overviews.front())
            text += '\n';
        if (each.overview.run)
            text += table(each.overview, each.path);
        for (const std::string& fault : find_faults(each.overview))
            text += concat(each.member, each.member.empty() ? "" : ": ", fault, '\n');
    }
    return text;
}

}  // namespace

int for_all(const Subjects& subjects, util::FunctionRef<int(const Subject&)> act) {
    int worst = status_yes;
    for (const Subject& subject : subjects)
        worst = std::max(worst, act(subject));
    return worst;
}

int show_all(const Subjects& subjects, Mode mode) {
    return for_all(subjects, [&](const Subject& subject) {
        if (&subject != &subjects.front())
            print("\n");
        return show(subject, mode);
    });
}

int answer(const Subject& subject, Mode mode) {
    const Overview overview = look_at(subject.directory);
    if (!overview.run)
        return status_nothing;
    const RunOverview& run = *overview.run;
    if (run.liveness == Liveness::ended || (mode == Mode::ready && !is_ready(run)))
        return status_no;
    const bool lives =
        run.liveness == Liveness::alive || has_a_beat(subject.directory, run.header.run);
    return lives ? status_yes : status_no;
}

int check_all(const Subjects& subjects) {
    int worst = status_yes;
    if (!subjects.front().name.empty()) {
        std::vector<std::string> names;
        for (const Subject& subject : subjects)
            names.push_back(subject.name);
        diagnosis::Findings findings;
        check_members(findings, subjects.front().directory, look_at(subjects.front().directory),
                      names);
        print_findings(findings);
        if (findings.has_problem())
            worst = status_no;
    }
    return std::max(worst, for_all(subjects, check_one));
}

int follow(const Subject& subject) {
    channel::JournalFault fault;
    auto reader = channel::JournalReader::open(subject.directory, fault);
    if (!reader) {
        subject.complain(why_no_run(look_at(subject.directory)));
        return status_nothing;
    }
    const relay::Policy policy;
    event::Loop loop;
    Senders senders(subject.directory, reader->header());
    Follower follower(loop, subject.directory, std::move(reader));
    follower.on_record = [&](const channel::Record& record) {
        print(to_line(record, policy, senders.name_of(record.sender.pid)) + '\n');
    };
    const ReaderWatch reader_watch(loop);
    loop.spawn([&]() -> event::Awaitable<> {
        co_await follower.run();
        loop.stop();
    });
    loop.run();
    if (follower.saw_end())
        return status_yes;
    subject.complain(
        concat("the run broke off, or its journal is damaged; `notifybridge status --check ",
               util::shell_word(subject.path), "` shows which"));
    return status_no;
}

void watch(const Subjects& subjects, bool is_all) {
    const bool is_terminal = ::isatty(STDOUT_FILENO);
    Screen screen(subjects.front().directory, is_terminal);
    Subjects latest;
    screen.look = [&] {
        if (is_all)
            return look_at_each(find_subjects({}));
        if (Subjects now = open_again(subjects); !now.empty())
            latest = std::move(now);
        return look_at_each(latest.empty() ? subjects : latest);
    };
    screen.draw = [&](const auto& overviews, bool is_first) {
        const std::string_view start = is_terminal ? "\x1b[H\x1b[2J" : is_first ? "" : "\n";
        print(concat(start, screen_text(overviews, is_all)));
    };
    screen.run();
}

int show_rows(const Subjects& subjects) {
    const Looked looked = look_at_all(subjects);
    print(rows(looked.overviews));
    return looked.worst;
}

int show_members_as_json(const Subjects& subjects, const std::string& path) {
    const Looked looked = look_at_all(subjects);
    print(to_json(looked.overviews, path));
    return looked.worst;
}

int show_as_json(const Subjects& subjects) {
    const Looked looked = look_at_all(subjects);
    print(to_json_of_all(looked.overviews));
    return looked.worst;
}

int show_as_metrics(const Subjects& subjects) {
    print(to_prometheus(look_at_each(subjects)));
    return status_yes;
}

}  // namespace notifybridge::status
