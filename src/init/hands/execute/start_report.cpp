#include "init/hands/execute/start_report.hpp"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace notifybridge::execute {
namespace {

constexpr char executes = 'x';
constexpr char refuses = 'r';

/// A failure in a report. The record is written as raw bytes, because the reader is the same
/// program.
struct FailureRecord {
    char kind;
    bool is_ignored;
    Failure failure;
};

/// Writes at most PIPE_BUF bytes, because a pipe accepts these atomically.
void write_out(system::Fd report, const void* bytes, std::size_t size) noexcept {
    static_cast<void>(!::write(report.get(), bytes, std::min<std::size_t>(size, PIPE_BUF)));
}

}  // namespace

StartReport parse_report(std::string_view written) {
    StartReport report;
    if (written.starts_with(executes)) {
        report.kind = StartReport::Kind::executed;
        written.remove_prefix(1);
    }
    if (written.starts_with(refuses)) {
        report.kind = StartReport::Kind::refused;
        report.reason = written.substr(1);
    } else if (written.size() == sizeof(FailureRecord)) {
        FailureRecord record{};
        std::memcpy(&record, written.data(), sizeof record);
        report.kind = StartReport::Kind::failed;
        report.failure = record.failure;
        report.is_ignored = record.is_ignored;
    }
    return report;
}

void report_execution(system::Fd report) noexcept {
    write_out(report, &executes, 1);
}

void report_failure(system::Fd report, const Failure& failure, bool is_ignored) noexcept {
    const FailureRecord record{'f', is_ignored, failure};
    write_out(report, &record, sizeof record);
}

void report_refusal(system::Fd report, std::string_view reason) {
    const std::string text = refuses + std::string(reason);
    write_out(report, text.data(), text.size());
}

}  // namespace notifybridge::execute
