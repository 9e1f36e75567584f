#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/clock.hpp"
#include "bridge/relay/policy.hpp"

/// Decides what happens to a message on its way to the service manager. Used by `wait`, and by a
/// `wrap` without a shared directory. Pure.
namespace notifybridge::relay {

/// Receives the reason for each decision: which rule forwarded, changed or dropped which
/// assignment. `--explain` shows the reasons.
class Reasons {
public:
    enum class Fate { forwarded, changed, dropped };

    virtual ~Reasons() = default;

    /// Adds a reason. `what` is an assignment or a whole message as it was received. `what` and
    /// `why` are not escaped.
    virtual void add(Fate fate, std::string_view what, std::string_view why) = 0;
};

/// The numbers that identify the main process for systemd.
struct MainPid {
    pid_t pid = 0;
    /// The unique id of the process, if the kernel has such ids.
    std::optional<std::uint64_t> pidfd_id;
};

/// The facts that a decision about a message depends on.
struct Facts {
    /// Whether file descriptors, and assignments about them, reach the service manager.
    bool fds_cross = false;
    system::Moment received;  ///< When the message arrived, according to the container's clocks.
    system::Moment now;       ///< The current time, according to the service manager's clocks.
    /// Whether MAINPID is translated. `main_process` is the process that MAINPID names, or nullopt
    /// if this process was not found.
    bool translates_main_pid = false;
    std::optional<MainPid> main_process;
};

struct Decision {
    std::string text;                  ///< The datagram to send. Empty if nothing is left to send.
    std::vector<std::string> refused;  ///< The keys of the assignments that the policy removed.
    /// Whether MAINPID was removed, because its process was not found or the datagram would have
    /// become too long.
    bool is_untranslated = false;

    // The next members describe the content of `text`, so that the caller need not parse `text`
    // again.
    bool ready = false;
    bool reloading = false;
    bool stopping = false;
    /// Whether the message has assignments about descriptors. If so, its descriptors must be sent.
    bool concerns_fds = false;
    bool names_main_process = false;  ///< Whether the message names `Facts::main_process`.
    std::optional<std::chrono::microseconds> extend_timeout;
};

/// Decides about `datagram`, from which `message` was parsed. Keeps the datagram unchanged, except:
/// - Lines that the policy refuses are removed.
/// - If MAINPID is translated, the pid and pidfd id of the host replace MAINPID, MAINPIDFDID and
///   MAINPIDFD. The descriptor of MAINPIDFD is not sent.
/// - RELOADING=1 gets the time of the message's arrival as MONOTONIC_USEC, unless the message has a
///   MONOTONIC_USEC that systemd accepts. If the app's clock differs from our clock (in a time
///   namespace or virtual machine), our current time replaces any MONOTONIC_USEC. systemd counts a
///   reload only if its time is not before systemd's own signal (sd_notify(3), MONOTONIC_USEC). If
///   the time does not fit into the message, STATUS loses its last characters.
/// Reports the applied rules to `reasons`, which may be null.
Decision decide(std::string_view datagram, const notify::Message& message, const Policy& policy,
                const Facts& facts, Reasons* reasons = nullptr);

/// Returns the value of MAINPID in `message`: a pid in the container's pid namespace. Parses the
/// value like systemd. Returns nullopt if MAINPID is missing or its value is not a pid.
std::optional<pid_t> main_pid(const notify::Message& message);

/// Reports to `reasons`, which may be null, that a message or a part of a message is dropped.
void explain_drop(Reasons* reasons, std::string_view datagram, notify::DropReason reason);

}  // namespace notifybridge::relay
