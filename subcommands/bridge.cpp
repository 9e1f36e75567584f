#include "bridge.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/datagram.hpp"
#include "base/system/error.hpp"
#include "base/system/limits.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"

namespace notifybridge {
namespace {

using util::concat;
using util::quote;

/// Returns `key`. Throws cli::UsageError if no message can have such a key, because the option
/// would have no effect.
const std::string& checked_key(const std::string& key) {
    if (key.empty() || key.find_first_of("=,*? \t\r\n") != key.npos)
        throw cli::UsageError(
            concat(quote(key),
                   " is not a name for --allow or --deny; give one variable, such as NOTIFYACCESS, "
                   "or X_ for all names that begin with X_"));
    return key;
}

class LoggedReasons final : public relay::Reasons {
public:
    void add(Fate fate, std::string_view what, std::string_view why) override {
        constexpr std::array<std::string_view, 3> fates = {"forwarded", "changed", "dropped"};
        util::log(util::Severity::notice, util::Topic::messages, util::quote(what), ": ",
                  fates[static_cast<std::size_t>(fate)], ": ", util::escape(why));
    }
};

}  // namespace

std::optional<notify::Address> manager_of_environment() {
    const auto text = cli::variable("NOTIFY_SOCKET");
    if (!text)
        return std::nullopt;
    auto address = notify::parse_address(*text);
    if (!address)
        throw cli::UsageError(util::concat("NOTIFY_SOCKET=", util::quote(*text), ": ",
                                           notify::explain(address.error())));
    return std::move(*address);
}

relay::Policy changed_policy(relay::Policy policy, const cli::Arguments& arguments) {
    for (const std::string& key : arguments.values("allow"))
        policy.allow(checked_key(key));
    for (const std::string& key : arguments.values("deny"))
        policy.deny(checked_key(key));
    return policy;
}

std::unique_ptr<relay::Reasons> shown_reasons(const cli::Arguments& arguments) {
    if (!arguments.has("explain"))
        return nullptr;
    return std::make_unique<LoggedReasons>();
}

void require_descriptors(std::size_t more) {
    // The number of sockets, files and watches that each end needs, without forwarded descriptors.
    // `wrap` and `wait` retry later operations that find no free descriptor.
    const std::size_t fewest_files = 32 + more;
    const std::size_t limit = system::open_files_limit();
    if (limit < fewest_files)
        throw std::runtime_error(util::concat(
            "the limit of open files is ", limit, ", but ", fewest_files,
            " are needed; raise ulimit -n, LimitNOFILE= or podman's --ulimit=nofile="));
}

void require_proc() {
    if (::access("/proc/self/fd", F_OK) < 0)
        throw std::runtime_error(
            "cannot use /proc, which is needed to open a container's files safely; mount /proc; in "
            "a unit, set MountAPIVFS=yes and remove /proc from InaccessiblePaths=");
}

namespace {

/// Throws an error that names the cause if the unit forbids AF_UNIX. The kernel's error only means
/// that the family does not exist.
void require_sockets() {
    if (system::open_socket(AF_UNIX, SOCK_DGRAM).error() == system::error_of(EAFNOSUPPORT))
        throw std::runtime_error(
            "cannot create AF_UNIX sockets, which messages need; add AF_UNIX to the unit's "
            "RestrictAddressFamilies=");
}

/// Opens standard descriptors that are closed at our start. Otherwise a file could get such a
/// number, and log lines would be written into the file. The command still starts with these
/// descriptors closed. Standard output is opened only for reading, so that printing still fails,
/// for example in `run --dry-run`.
void occupy_standard_numbers() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(number, F_GETFD) < 0)
            static_cast<void>(
                ::open("/dev/null", (number == STDOUT_FILENO ? O_RDONLY : O_RDWR) | O_CLOEXEC));
}

}  // namespace

int run_end_of_bridge(const cli::Usage& usage, const cli::Invocation& invocation,
                      util::FunctionRef<process::ExitStatus(const cli::Arguments&)> run) {
    const cli::Arguments arguments = cli::parse(usage, invocation.arguments);
    if (cli::answered(arguments, usage, invocation))
        return 0;
    occupy_standard_numbers();
    cli::set_up_log(arguments);
    require_descriptors(0);
    require_sockets();
    process::exit_like(run(arguments));
}

}  // namespace notifybridge
