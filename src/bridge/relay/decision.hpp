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

/// Decides what happens to a message on its way to the service manager, both for `wait` and for a
/// `wrap` without a shared directory. Pure.
namespace notifybridge::relay {

/// Receives the reason for each decision: which rule forwarded, changed or dropped what.
/// `--explain` shows them.
class Reasons {
public:
    enum class Fate { forwarded, changed, dropped };

    virtual ~Reasons() = default;

    /// Adds a reason. `what` is an assignment or a whole message as received. Neither `what` nor
    /// `why` is escaped.
    virtual void add(Fate fate, std::string_view what, std::string_view why) = 0;
};

/// A process as reported to systemd.
struct MainPid {
    pid_t pid = 0;
    /// A unique id of the process, if the kernel has it.
    std::optional<std::uint64_t> pidfd_id;
};

/// The facts that a decision about a message depends on.
struct Facts {
    /// Whether file descriptors reach the service manager, and with them assignments about them.
    bool fds_cross = false;
    system::Moment received;  ///< When the message arrived, by the container's clocks.
    system::Moment now;       ///< The time by the service manager's clocks.
    /// Whether MAINPID is translated. `main_process` is the named process, if it was found.
    bool translates_main_pid = false;
    std::optional<MainPid> main_process;
};

struct Decision {
    std::string text;                  ///< The datagram to send; empty if there is nothing to send.
    std::vector<std::string> refused;  ///< The keys of the assignments that the policy removed.
    /// MAINPID was removed, because its process was not found or made the datagram too long.
    bool is_untranslated = false;

    // The content of `text`, so that the sender can act on it after sending.
    bool ready = false;
    bool reloading = false;
    bool stopping = false;
    bool says_of_fds = false;         ///< It is about descriptors, and needs them.
    bool names_main_process = false;  ///< It names `Facts::main_process`.
    std::optional<std::chrono::microseconds> extend_timeout;
};

/// Decides about `datagram`, from which `message` was parsed. It is sent unchanged, except:
/// - Lines that the policy refuses are removed.
/// - If MAINPID is translated, the process as known here replaces MAINPID, MAINPIDFDID and
///   MAINPIDFD, whose descriptor does not come along.
/// - RELOADING=1 gets a MONOTONIC_USEC if it has none that systemd accepts: for systemd, a reload
///   counts only with a time that is not before its own signal (sd_notify(3), MONOTONIC_USEC). It
///   is the time of the message, or ours if the app's clock differs from ours, as in a time
///   namespace or a virtual machine.
/// The applied rules are reported to `reasons`, which may be null.
Decision decide(std::string_view datagram, const notify::Message& message, const Policy& policy,
                const Facts& facts, Reasons* reasons = nullptr);

/// Returns the container's pid that `message` gives as MAINPID, parsed as systemd does, or nullopt
/// if there is none or it is not a pid.
std::optional<pid_t> main_pid(const notify::Message& message);

/// Reports to `reasons`, which may be null, that a message or a part of it is dropped.
void explain_drop(Reasons* reasons, std::string_view datagram, notify::DropReason reason);

}  // namespace notifybridge::relay
