#include "bridge/diagnosis/last_run.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "bridge/diagnosis/journal_field.hpp"
#include "bridge/diagnosis/named_member.hpp"
#include "bridge/diagnosis/unit_search.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

constexpr std::string_view unit_success = "7ad2d189f7e94e70a38c781354912448";
/// The kinds of messages of systemd (sd-messages.h) that read_last_run() reads.
constexpr auto message_ids = std::to_array<std::string_view>({
    unit_success,                        // SD_MESSAGE_UNIT_SUCCESS
    "d9b373ed55a64feb8242e02dbe79a49c",  // SD_MESSAGE_UNIT_FAILURE_RESULT
    "98e322203f7a4ed290d09fe03c09fe15",  // SD_MESSAGE_UNIT_PROCESS_EXIT
    "be02cf6855d2428ba40df7e9d022f03d",  // SD_MESSAGE_UNIT_FAILED
    "39f53479d3a045ac8e11786248231fbf",  // SD_MESSAGE_UNIT_STARTED
});

constexpr std::string_view unit_stopping = "de5b426a63be47a7b6ac3eaac82e2f6f";
constexpr std::string_view unit_stopped = "9d1aaa27d60140bd96365438aad20286";
/// The kinds of messages that shows_stop_request() reads.
constexpr auto stop_ids = std::to_array<std::string_view>({unit_stopping, unit_stopped});

/// What is read of an entry. A value that is not in the entry is empty.
struct LoggedEnd {
    std::string_view message_id;
    std::string_view invocation;
    std::string_view result;          ///< UNIT_RESULT=timeout
    std::string_view command;         ///< COMMAND=ExecStart
    std::string_view code;            ///< EXIT_CODE=exited
    std::string_view status;          ///< EXIT_STATUS=3
    std::string_view job_result;      ///< JOB_RESULT=done
    std::string_view job_type;        ///< JOB_TYPE=stop
    std::string_view sent;            ///< _SOURCE_REALTIME_TIMESTAMP
    std::string_view read;            ///< __REALTIME_TIMESTAMP
    std::string_view read_monotonic;  ///< __MONOTONIC_TIMESTAMP
};

/// Returns when systemd sent an entry, in microseconds of the monotonic clock. A busy journald
/// reads an entry much later, and then reads those of several processes at once. Returns 0 if the
/// entry does not say it.
std::uint64_t time_of(const LoggedEnd& end) {
    const auto usec = [](std::string_view text) {
        return util::parse_number<std::uint64_t>(text).value_or(0);
    };
    const std::uint64_t read = usec(end.read_monotonic);
    const std::uint64_t delay = end.sent.empty() ? 0 : usec(end.read) - usec(end.sent);
    return delay < read ? read - delay : read;
}

/// Takes the next entry. Returns nullopt if it was cut off.
std::optional<LoggedEnd> take_logged_end(std::string_view& entries) {
    constexpr auto rows = std::to_array<NamedMember<LoggedEnd, std::string_view>>({
        {"MESSAGE_ID", &LoggedEnd::message_id},
        {"INVOCATION_ID", &LoggedEnd::invocation},
        {"USER_INVOCATION_ID", &LoggedEnd::invocation},
        {"UNIT_RESULT", &LoggedEnd::result},
        {"COMMAND", &LoggedEnd::command},
        {"EXIT_CODE", &LoggedEnd::code},
        {"EXIT_STATUS", &LoggedEnd::status},
        {"JOB_RESULT", &LoggedEnd::job_result},
        {"JOB_TYPE", &LoggedEnd::job_type},
        {"_SOURCE_REALTIME_TIMESTAMP", &LoggedEnd::sent},
        {"__REALTIME_TIMESTAMP", &LoggedEnd::read},
        {"__MONOTONIC_TIMESTAMP", &LoggedEnd::read_monotonic},
    });
    LoggedEnd end;
    while (!entries.empty()) {
        const JournalField field = take_field(entries);
        if (field.name.empty())
            return end;
        set_member(rows, end, field.name, [&](std::string_view& member) { member = field.value; });
    }
    return std::nullopt;
}

int code_of(std::string_view code) {
    return code == "exited" ? CLD_EXITED : code == "dumped" ? CLD_DUMPED : CLD_KILLED;
}

/// Adds what an entry shows to the facts. The oldest of several ends is the cause.
void take_end(UnitFacts& run, const LoggedEnd& end) {
    if (!end.result.empty())
        run.result = end.result;
    if (end.message_id == unit_success)
        run.result = "success";
    if (end.job_result == "failed")
        run.active_usec = 0;
    if (end.code.empty())
        return;
    const int status = util::parse_number<int>(end.status).value_or(0);
    if (end.command == "ExecStart") {
        run.main_code = code_of(end.code);
        run.main_status = status;
        run.main_ended_usec = time_of(end);
    } else if (status != 0) {
        run.failed_command = concat(end.command, '=');
        run.failed_command_end =
            describe(end.code == "exited" ? process::ExitStatus::exited(status)
                                          : process::ExitStatus::killed(status));
    }
}

/// Returns the journalctl command that prints the newest messages of these kinds about the unit.
/// Only messages of the unit's manager match.
std::vector<std::string> manager_log_command(const UnitFacts& unit,
                                             std::span<const std::string_view> ids) {
    // Enough for several runs, each of which has up to three such messages.
    constexpr int most_entries = 20;
    std::vector<std::string> words = {"journalctl",
                                      "--quiet",
                                      "--no-pager",
                                      "--output=export",
                                      "--reverse",
                                      concat("--lines=", most_entries),
                                      concat(unit.user ? "USER_UNIT=" : "UNIT=", unit.name)};
    if (unit.user)
        words.insert(words.end(), {concat("_UID=", *unit.user),
                                   concat("_SYSTEMD_UNIT=user@", *unit.user, ".service"),
                                   "_SYSTEMD_USER_UNIT=init.scope"});
    else
        words.insert(words.end(), {"_UID=0", "_PID=1"});
    for (const std::string_view id : ids)
        words.push_back(concat("MESSAGE_ID=", id));
    return words;
}

}  // namespace

std::vector<std::string> last_run_command(const UnitFacts& unit) {
    return manager_log_command(unit, message_ids);
}

UnitFacts read_last_run(std::string_view entries, const UnitFacts& unit) {
    UnitFacts run = unit;
    run.result.clear();
    run.status_text.clear();
    run.failed_command.clear();
    run.main_code = 0;
    run.main_status = 0;
    run.main_ended_usec = 0;
    // The start of that run is not known. If the unit was ever active and no message says that this
    // start failed, was_active() has to be true.
    run.main_started_usec = 0;
    std::string_view invocation;
    while (const auto end = take_logged_end(entries)) {
        if (end->invocation.empty() || end->invocation == unit.invocation_id)
            continue;
        if (invocation.empty())
            invocation = end->invocation;
        if (end->invocation != invocation)
            break;
        take_end(run, *end);
    }
    return run;
}

bool shows_stop_request(std::string_view entries, const UnitFacts& unit) {
    while (const auto end = take_logged_end(entries)) {
        if (end->invocation != unit.invocation_id || end->job_type != "stop")
            continue;
        // A unit that waits for its restart can be stopped, too. This says nothing about its end.
        const std::uint64_t time = time_of(*end);
        if (end->message_id == unit_stopping ? time != 0 && time <= unit.main_ended_usec
                                             : unit.restart == "no")
            return true;
    }
    return false;
}

bool was_asked_to_stop(const UnitFacts& unit) {
    return shows_stop_request(answer_of(manager_log_command(unit, stop_ids)), unit);
}

UnitFacts last_run_of(const UnitFacts& unit) {
    return read_last_run(answer_of(last_run_command(unit)), unit);
}

}  // namespace notifybridge::diagnosis
