#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/system/file.hpp"
#include "base/system/limits.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "init/directive/choices.hpp"
#include "init/properties/property_words.hpp"
#include "init/properties/settings_properties.hpp"
#include "init/unit/value.hpp"

/// What systemd.exec(5) has for services and sockets.
namespace notifybridge::properties {
namespace {

namespace choices = directive::choices;
using unit::ExecSettings;
using util::concat;

std::string limit_text(rlim_t limit) {
    return limit == RLIM_INFINITY ? "infinity" : std::to_string(limit);
}

void show_limits(const ExecSettings& exec, const AddProperty& add) {
    static constexpr std::string_view names[RLIM_NLIMITS] = {
        "CPU",     "FSIZE", "DATA",  "STACK",      "CORE",     "RSS",  "NPROC",  "NOFILE",
        "MEMLOCK", "AS",    "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"};
    for (std::size_t at = 0; at < RLIM_NLIMITS; ++at) {
        rlimit limit{};
        ::getrlimit(static_cast<__rlimit_resource>(at), &limit);
        if (at == RLIMIT_NOFILE)
            limit = system::inherited_open_files_limit();
        limit = (*exec.limits)[at].value_or(limit);
        const std::string name = concat("Limit", names[at]);
        add(name, limit_text(limit.rlim_max));
        add(name + "Soft", limit_text(limit.rlim_cur));
    }
}

/// What this process has.
int own_oom_score_adjust() {
    const std::string text = system::text_of("/proc/self/oom_score_adj");
    return util::parse_number<int>(text.substr(0, text.find('\n'))).value_or(0);
}

void show_priorities(const ExecSettings& exec, const AddProperty& add) {
    const auto io = static_cast<unsigned>(unit::io_priority(exec));
    add("IOSchedulingClass", std::to_string(io >> 13));
    add("IOSchedulingPriority", std::to_string(io & 7));
    add("CPUSchedulingPolicy", std::to_string(exec.cpu_scheduling_policy.value_or(SCHED_OTHER)));
    add("CPUSchedulingPriority", std::to_string(exec.cpu_scheduling_priority));
    add("TimerSlackNSec",
        std::to_string(exec.timer_slack ? static_cast<std::int64_t>(*exec.timer_slack)
                                        : ::prctl(PR_GET_TIMERSLACK)));
    add("CPUSchedulingResetOnFork", to_property(exec.cpu_scheduling_reset_on_fork));
}

void show_environment(const ExecSettings& exec, const AddProperty& add) {
    add("Environment", to_property(exec.environment));
    for (const unit::EnvironmentFile& file : exec.environment_files)
        add("EnvironmentFiles",
            concat(file.path, " (ignore_errors=", to_property(file.may_be_missing), ')'));
    add("PassEnvironment", to_property(exec.pass_environment));
    add("UnsetEnvironment", to_property(exec.unset_environment));
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
        const auto byte = [&](std::size_t at) {
            return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
        };
        const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (std::size_t at = 0; at < 4; ++at)
            out += at <= bytes.size() ? digits[group >> (18 - 6 * at) & 63] : '=';
    }
    return out;
}

void show_output(const unit::Output& output, const std::string& name, const AddProperty& add) {
    add(name, word(output.kind, choices::output_kind));
    add(name + "FileDescriptorName", output.kind == unit::OutputKind::fd ? output.name : "");
}

void show_streams(const ExecSettings& exec, const AddProperty& add) {
    const unit::Input& input = exec.standard_input;
    add("StandardInput", word(input.kind, choices::input_kind));
    add("StandardInputFileDescriptorName",
        input.kind == unit::InputKind::fd ? input.name : std::string());
    add("StandardInputData", base64(exec.standard_input_data));
    show_output(exec.standard_output, "StandardOutput", add);
    show_output(exec.standard_error, "StandardError", add);
    add("TTYPath", exec.tty_path);
    add("TTYReset", to_property(exec.tty_reset));
    add("TTYVHangup", to_property(exec.tty_vhangup));
}

std::string capabilities(std::uint64_t set) {
    std::string out;
    for (unsigned number = 0; number <= unit::last_capability; ++number)
        if (set >> number & 1)
            out += concat(out.empty() ? "" : " ", "cap_", unit::capability_to_string(number));
    return out;
}

void show_privileges(const ExecSettings& exec, const AddProperty& add) {
    add("SecureBits", std::to_string(exec.secure_bits));
    add("CapabilityBoundingSet",
        capabilities(exec.capability_bounding_set.value_or(~std::uint64_t(0))));
    add("AmbientCapabilities", capabilities(exec.ambient_capabilities));
    add("User", exec.user);
    add("Group", exec.group);
    add("DynamicUser", to_property(exec.dynamic_user));
    add("SupplementaryGroups", to_property(exec.supplementary_groups));
    add("PrivateDevices", to_property(exec.private_devices));
    add("ProtectClock", to_property(exec.protect_clock));
    add("ProtectKernelModules", to_property(exec.protect_kernel_modules));
    add("ProtectKernelLogs", to_property(exec.protect_kernel_logs));
    add("IgnoreSIGPIPE", to_property(exec.ignore_sigpipe));
    add("NoNewPrivileges", to_property(exec.no_new_privileges));
}

void show_directories(const unit::ExecDirectories& all, const std::string& name,
                      const AddProperty& add) {
    unit::Paths paths;
    for (const unit::ExecDirectory& directory : all.directories) {
        paths.push_back(directory.path);
        for (const std::string& link : directory.symlinks)
            add(name + "Symlink", concat(directory.path, ':', link));
    }
    add(name + "Mode", octal(all.mode));
    add(name, to_property(paths));
}

}  // namespace

void show_exec_settings(const ExecSettings& exec, const AddProperty& add) {
    show_environment(exec, add);
    add("UMask", octal(exec.umask));
    show_limits(exec, add);
    add("WorkingDirectory",
        concat(exec.working_directory_may_be_missing ? "!" : "", exec.working_directory));
    add("RootDirectory", exec.root_directory);
    add("MountAPIVFS", to_property(exec.mount_api_vfs.value_or(unit::has_own_root(exec))));
    add("OOMScoreAdjust",
        std::to_string(exec.oom_score_adjust ? *exec.oom_score_adjust : own_oom_score_adjust()));
    add("Nice", std::to_string(exec.nice ? *exec.nice : ::getpriority(PRIO_PROCESS, 0)));
    show_priorities(exec, add);
    show_streams(exec, add);
    show_privileges(exec, add);
    add("ExecSearchPath", to_property(exec.exec_search_path));
    show_directories(exec.runtime_directory, "RuntimeDirectory", add);
    add("RuntimeDirectoryPreserve", word(exec.runtime_directory_preserve, choices::preserve_mode));
    show_directories(exec.state_directory, "StateDirectory", add);
    show_directories(exec.cache_directory, "CacheDirectory", add);
    show_directories(exec.logs_directory, "LogsDirectory", add);
    show_directories(exec.configuration_directory, "ConfigurationDirectory", add);
}

}  // namespace notifybridge::properties
