#include "bridge/wait/sandbox.hpp"

#include <sys/prctl.h>

#include <cerrno>
#include <string_view>

#include "base/util/concat.hpp"
#include "bridge/wait/landlock.hpp"
#include "bridge/wait/seccomp.hpp"

namespace notifybridge::wait {
namespace {

#ifdef NOTIFYBRIDGE_INSTRUMENTED
constexpr bool is_instrumented = true;
#else
constexpr bool is_instrumented = false;
#endif

void append(std::string& list, std::string_view separator, std::string_view item) {
    if (!list.empty())
        list += separator;
    list += item;
}

std::string explain(boost::system::error_code error) {
    switch (error.value()) {
        case ENOSYS:
        case EINVAL:
            return "this kernel does not support it";
        case EOPNOTSUPP:
            return "this machine does not support it, or it is switched off";
        default:
            return system::describe(error.value());
    }
}

constexpr std::string_view deadly =
    "a system call filter (SystemCallFilter=) would kill this process";

class Narrowing {
public:
    SandboxReport report;

    void give_up_privileges() {
        report.no_new_privs = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
        if (!report.no_new_privs)
            note("no_new_privs", explain(system::last_error()));
    }

    void give_up_files(const SandboxOptions& options) {
        if (options.reads_processes) {
            note("Landlock", "--main-pid=translate reads other processes in /proc");
            return;
        }
        const auto act = [&] {
            const auto version = landlock_version();
            return version ? restrict_files(options.directories, *version) : version.error();
        };
        report.landlock = give_up("Landlock", act);
        report.lacks_landlock = !report.landlock;
    }

    void give_up_system_calls(const SandboxOptions& options) {
        report.seccomp = give_up("seccomp", [&] {
            return filter_system_calls({options.reads_processes, options.accepts_connections});
        });
    }

private:
    template <typename Act>
    bool give_up(std::string_view what, const Act& act) {
        if (!survives_filter(act)) {
            note(what, deadly);
            return false;
        }
        const boost::system::error_code error = act();
        if (error)
            note(what, explain(error));
        return !error;
    }

    void note(std::string_view what, std::string_view why) {
        append(report.why_not, "; ", util::concat("without ", what, ": ", why));
    }
};

}  // namespace

std::string SandboxReport::summary() const {
    std::string held;
    if (no_new_privs)
        append(held, ", ", "no_new_privs");
    if (landlock)
        append(held, ", ", "Landlock");
    if (seccomp)
        append(held, ", ", "seccomp");
    if (held.empty())
        held = "nothing";
    return why_not.empty() ? held : util::concat(held, " (", why_not, ')');
}

SandboxReport narrow(const SandboxOptions& options) {
    Narrowing narrowing;
    // Sanitizers and coverage tools write other files and make other system calls.
    if (is_instrumented) {
        narrowing.report.why_not =
            "this is a build for tests, whose instrumentation needs more access";
        return narrowing.report;
    }
    narrowing.give_up_privileges();
    narrowing.give_up_files(options);
    // This step must be last, because it forbids the system calls of the other steps.
    narrowing.give_up_system_calls(options);
    return narrowing.report;
}

}  // namespace notifybridge::wait
