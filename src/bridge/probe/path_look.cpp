#include "bridge/probe/path_look.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "base/system/error.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "bridge/probe/connect_probe.hpp"

namespace notifybridge::probe {
namespace {

int error_of_path(const char* path) {
    struct stat status;
    return ::stat(path, &status) == 0 ? 0 : errno;
}

Finding finding_of(int error) {
    Finding finding;
    finding.holds = error == 0;
    if (!finding.holds)
        finding.reason = reason_of(system::error_of(error));
    return finding;
}

}  // namespace

PathLook::PathLook(event::Loop& loop, process::Supervisor& supervisor, std::string path,
                   std::chrono::microseconds limit)
    : supervisor_(supervisor),
      path_(std::move(path)),
      full_path_(path_.starts_with('/') ? path_ : "/proc/self/cwd/" + path_),
      limit_(limit),
      deadline_(loop),
      over_(loop) {
    deadline_.on_expired = [this] {
        is_late_ = true;
        supervisor_.helpers().kill(child_);
        if (!std::exchange(is_told_, true))
            util::log(util::Severity::warning, util::Topic::process, "the file system of ",
                      util::quote(path_), " does not respond; only this probe waits for it");
        over_.raise();
    };
}

Finding PathLook::look() const {
    return finding_of(error_of_path(path_.c_str()));
}

event::Awaitable<Finding> PathLook::check_in_child() {
    Finding finding;
    finding.reason = "its file system does not respond";
    if (child_ >= 0)
        co_return finding;
    is_late_ = false;
    try {
        // The child's exit status is the errno value. All errno values fit into an exit status.
        child_ = supervisor_.helpers().start_isolated_check(
            [this] { return error_of_path(path_.c_str()); },
            [this](process::ExitStatus end) {
                child_ = -1;
                end_ = end;
                over_.raise();
            });
    } catch (const std::system_error& error) {
        finding.reason = error.what();
        co_return finding;
    }
    deadline_.start(limit_);
    while (child_ >= 0 && !is_late_)
        co_await over_.wait();
    deadline_.cancel();
    if (is_late_)
        co_return finding;
    is_told_ = false;
    finding = finding_of(end_.code);
    if (end_.signal != 0)
        finding = {false, process::describe(end_)};
    co_return finding;
}

}  // namespace notifybridge::probe
