#include <signal.h>

#include <algorithm>
#include <array>

#include "base/util/capabilities.hpp"
#include "base/util/literal.hpp"
#include "base/util/named.hpp"
#include "init/files/unit/value.hpp"

/// Lists the names of exit statuses and capabilities.
namespace notifybridge::unit {
namespace {

struct Status {
    std::uint8_t status;
    char name[24];  ///< Not a pointer, because each pointer costs a relocation at start-up.
};

// The names of libc, LSB, BSD and systemd in systemd.exec(5), PROCESS EXIT CODES.
constexpr auto statuses = std::to_array<Status>({
    {0, "SUCCESS"},
    {1, "FAILURE"},
    {2, "INVALIDARGUMENT"},
    {3, "NOTIMPLEMENTED"},
    {4, "NOPERMISSION"},
    {5, "NOTINSTALLED"},
    {6, "NOTCONFIGURED"},
    {7, "NOTRUNNING"},
    {64, "USAGE"},
    {65, "DATAERR"},
    {66, "NOINPUT"},
    {67, "NOUSER"},
    {68, "NOHOST"},
    {69, "UNAVAILABLE"},
    {70, "SOFTWARE"},
    {71, "OSERR"},
    {72, "OSFILE"},
    {73, "CANTCREAT"},
    {74, "IOERR"},
    {75, "TEMPFAIL"},
    {76, "PROTOCOL"},
    {77, "NOPERM"},
    {78, "CONFIG"},
    {200, "CHDIR"},
    {201, "NICE"},
    {202, "FDS"},
    {203, "EXEC"},
    {204, "MEMORY"},
    {205, "LIMITS"},
    {206, "OOM_ADJUST"},
    {207, "SIGNAL_MASK"},
    {208, "STDIN"},
    {209, "STDOUT"},
    {210, "CHROOT"},
    {211, "IOPRIO"},
    {212, "TIMERSLACK"},
    {213, "SECUREBITS"},
    {214, "SETSCHEDULER"},
    {215, "CPUAFFINITY"},
    {216, "GROUP"},
    {217, "USER"},
    {218, "CAPABILITIES"},
    {219, "CGROUP"},
    {220, "SETSID"},
    {221, "CONFIRM"},
    {222, "STDERR"},
    {224, "PAM"},
    {225, "NETWORK"},
    {226, "NAMESPACE"},
    {227, "NO_NEW_PRIVILEGES"},
    {228, "SECCOMP"},
    {229, "SELINUX_CONTEXT"},
    {230, "PERSONALITY"},
    {231, "APPARMOR"},
    {232, "ADDRESS_FAMILIES"},
    {233, "RUNTIME_DIRECTORY"},
    {235, "CHOWN"},
    {236, "SMACK_PROCESS_LABEL"},
    {237, "KEYRING"},
    {238, "STATE_DIRECTORY"},
    {239, "CACHE_DIRECTORY"},
    {240, "LOGS_DIRECTORY"},
    {241, "CONFIGURATION_DIRECTORY"},
    {242, "NUMA_POLICY"},
    {243, "CREDENTIALS"},
    {244, "BPF"},
    {255, "EXCEPTION"},
});

using util::capabilities;
static_assert(capabilities.size() == last_capability + 1);

}  // namespace

std::string_view code_to_string(int code) noexcept {
    switch (code) {
        case CLD_EXITED:
            return "exited";
        case CLD_KILLED:
            return "killed";
        case CLD_DUMPED:
            return "dumped";
        default:
            return "";
    }
}

std::optional<std::uint8_t> parse_exit_status(std::string_view text) {
    const auto found = std::ranges::find(statuses, text, &Status::name);
    return found != statuses.end() ? std::optional(found->status) : parse_byte(text);
}

std::string_view exit_status_to_string(int status) noexcept {
    const auto found = std::ranges::find(statuses, status, &Status::status);
    return found != statuses.end() ? found->name : std::string_view();
}

std::optional<unsigned> parse_capability(std::string_view text) {
    std::string name(text);
    for (char& byte : name)
        if (byte >= 'A' && byte <= 'Z')
            byte = static_cast<char>(byte - 'A' + 'a');
    if (!name.starts_with("cap_")) {
        const auto number = parse_unsigned(text);
        return number && *number < 64 ? number : std::nullopt;
    }
    return util::named<unsigned>(capabilities, std::string_view(name).substr(4));
}

std::string_view capability_to_string(unsigned capability) noexcept {
    return capability < capabilities.size() ? capabilities[capability] : std::string_view();
}

}  // namespace notifybridge::unit
