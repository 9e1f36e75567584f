#include "bridge/status/request.hpp"

#include <unistd.h>

#include "base/cli/log.hpp"
#include "base/cli/options.hpp"
#include "base/cli/settings.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/diagnosis/diagnosis.hpp"
#include "bridge/diagnosis/symptoms.hpp"
#include "bridge/diagnosis/unit.hpp"
#include "bridge/status/check.hpp"
#include "bridge/status/named_unit.hpp"
#include "bridge/status/output.hpp"
#include "bridge/status/overview_text.hpp"
#include "bridge/status/views.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// Returns the container to follow. Throws cli::UsageError for several directories or for members.
const Subject& only_one(const Subjects& subjects) {
    const Subject& first = subjects.front();
    if (first.name.empty() && subjects.size() == 1)
        return first;
    throw cli::UsageError(concat("--follow shows one container; give ",
                                 first.name.empty() ? "one directory" : "a member's directory",
                                 ", such as ", util::quote(first.path)));
}

/// Opens the directory at `path`. If this fails, returns an empty list, and reports the reason
/// unless `mode` is `ready` or `alive`.
Subjects open_named(const std::string& path, const std::string& invoked_as, Mode mode,
                    std::string_view why_no_unit) {
    auto subjects = open_subjects(path, invoked_as);
    if (subjects)
        return std::move(*subjects);
    diagnosis::Findings findings;
    if (mode == Mode::check)
        check_units(findings, path);
    // The state of a unit that does not run explains more than a missing directory.
    if (findings.all().empty() && mode != Mode::ready && mode != Mode::alive)
        Subject{{}, {}, path, {}, invoked_as}.complain(
            why_not_open(path, subjects.error(), why_no_unit));
    print_findings(findings);
    return {};
}

int run_mode(const Subjects& subjects, Mode mode, const std::string& path, bool is_all) {
    const bool are_members = !subjects.front().name.empty();
    switch (mode) {
        case Mode::ready:
        case Mode::alive:
            return for_all(subjects, [&](const Subject& each) { return answer(each, mode); });
        case Mode::follow:
            return follow(only_one(subjects));
        case Mode::check:
            return check_all(subjects);
        case Mode::prometheus:
            return show_as_metrics(subjects);
        case Mode::watch:
            watch(subjects, is_all);
            return status_yes;
        case Mode::json:
        case Mode::table:
            break;
    }
    if (mode == Mode::table)
        return is_all ? show_rows(subjects) : show_all(subjects, mode);
    if (are_members)
        return show_members_as_json(subjects, path);
    return is_all || subjects.size() > 1 ? show_as_json(subjects) : show_all(subjects, mode);
}

/// Answers for a service that has no shared directory or has failed, using the facts that systemd
/// reports. `leftovers` are the directories that a failed service has left.
int show_unit(const diagnosis::UnitFacts& unit, const Subjects& leftovers, Mode mode,
              const std::string& invoked_as) {
    const int answer = is_alive(unit) ? status_yes : status_no;
    switch (mode) {
        case Mode::ready:
            return is_ready(unit) ? status_yes : status_no;
        case Mode::alive:
            return answer;
        case Mode::table:
            print(fit(to_table(unit, cli::wants_colour(output)), table_indent));
            return answer;
        case Mode::json:
            print(to_json(unit));
            return answer;
        case Mode::check: {
            diagnosis::Findings findings;
            check_named_unit(findings, unit);
            for (const Subject& each : leftovers)
                check_leftover(findings, each.directory, look_at(each.directory));
            print_findings(findings);
            return findings.has_problem() ? status_no : status_yes;
        }
        case Mode::prometheus:
        case Mode::watch:
        case Mode::follow:
            break;
    }
    cli::write_error_line(
        concat(invoked_as, ": ", util::escape(unit.name), ": ", why_no_directory(unit)));
    return status_nothing;
}

}  // namespace

int answer(const Request& request) {
    const Mode mode = request.mode;
    const std::string& invoked_as = request.invoked_as;
    if (request.asks_for_all && mode == Mode::follow)
        throw cli::UsageError("--follow cannot be combined with --all; name one directory");
    if (request.asks_for_all || (!request.path && !has_usual_run())) {
        const Subjects all = find_subjects(invoked_as);
        if (!all.empty())
            return run_mode(all, mode, {}, true);
    }
    if (request.asks_for_all) {
        if (mode == Mode::json)
            show_as_json({});
        if (mode != Mode::ready && mode != Mode::alive && mode != Mode::prometheus)
            cli::write_error_line(concat(
                invoked_as, ": no `wait` with a shared directory is visible from here; ",
                ::geteuid() == 0 ? "" : "run this as root to see the directories of all users, or ",
                "name the directory if this is a container, or the unit if it runs a "
                "virtual machine"));
        return mode == Mode::prometheus ? status_yes : status_nothing;
    }
    const std::string path = request.path.value_or(default_path());
    const NamedUnit unit =
        request.path ? find_named_unit(path, invoked_as, request.is_of_user) : NamedUnit();
    // If the unit does not run, its directory may now belong to another unit. If it has failed, its
    // container may still run.
    const bool is_down = unit.unit && !is_alive(*unit.unit);
    const bool is_of_unit =
        is_down
        && (mode == Mode::check
            || (has_failed(*unit.unit) && (mode == Mode::ready || mode == Mode::alive)));
    if (!unit.subjects.empty() && !is_of_unit)
        return run_mode(unit.subjects, mode, path, false);
    if (unit.unit)
        return show_unit(*unit.unit, unit.subjects, mode, invoked_as);
    const Subjects subjects = open_named(path, invoked_as, mode, unit.why_not);
    return subjects.empty() ? status_nothing : run_mode(subjects, mode, path, false);
}

}  // namespace notifybridge::status
