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

/// What becomes of a message on its way to the service manager: decided in one place, for the side
/// that waits and for the `wrap` that has no shared directory. Pure.
namespace notifybridge::relay {

/// Told why each message goes on as it does: which rule forwarded, changed or dropped what is in
/// it. What `--explain` shows.
class Reasons {
public:
    enum class Fate { forwarded, changed, dropped };

    virtual ~Reasons() = default;

    /// `what` is an assignment, or a whole message, as it came. Neither `what` nor `why` is
    /// escaped.
    virtual void add(Fate fate, std::string_view what, std::string_view why) = 0;
};

/// A process as systemd is told of it.
struct MainPid {
    pid_t pid = 0;
    /// What no other process gets, where the kernel has it.
    std::optional<std::uint64_t> pidfd_id;
};

/// What has to be known of the world to decide about a message.
struct Facts {
    /// Whether file descriptors reach the service manager, and so what is said of them.
    bool fds_cross = false;
    system::Moment received;  ///< When the message was taken in, on the container's clocks.
    system::Moment now;       ///< The time on the clocks of the service manager.
    /// Whether MAINPID is translated: `main_process` is the one that it names, if that was found.
    bool translates_main_pid = false;
    std::optional<MainPid> main_process;
};

struct Decision {
    std::string text;                  ///< What is sent on; empty where nothing is.
    std::vector<std::string> refused;  ///< The keys of the assignments that the policy took out.
    /// MAINPID was taken out, as its process was not found or made the datagram too long.
    bool is_untranslated = false;

    // What `text` says, so that the sender acts on it once that was sent.
    bool ready = false;
    bool reloading = false;
    bool stopping = false;
    bool says_of_fds = false;         ///< It is about descriptors that it needs.
    bool names_main_process = false;  ///< It names `Facts::main_process`.
    std::optional<std::chrono::microseconds> extend_timeout;
};

/// Decides about `datagram`, which `message` was parsed from. It is sent on as it is, unless
/// - the policy refuses some of it: those lines are taken out;
/// - MAINPID is translated: MAINPID, MAINPIDFDID and MAINPIDFD, whose descriptor does not come
///   along, make room for the process as it is known here;
/// - it says RELOADING=1 without a MONOTONIC_USEC that systemd accepts: to systemd a reload counts
///   only with a time that is not before its own signal (sd_notify(3), MONOTONIC_USEC). An app that
///   gave none gets that of its message; one whose clock is another than ours, as in a time
///   namespace or a virtual machine, gets ours.
/// The rules that applied are told to `reasons`, which may be null.
Decision decide(std::string_view datagram, const notify::Message& message, const Policy& policy,
                const Facts& facts, Reasons* reasons = nullptr);

/// The number that `message` gives as MAINPID, as systemd reads it, which is one of the
/// container's; nothing where it gives none, or what is no pid.
std::optional<pid_t> main_pid(const notify::Message& message);

/// Tells `reasons`, which may be null, of a message that is dropped whole, or of a part of it.
void explain_drop(Reasons* reasons, std::string_view datagram, notify::DropReason reason);

}  // namespace notifybridge::relay
