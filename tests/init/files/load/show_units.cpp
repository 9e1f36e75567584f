// Prints the settings that we read from unit files. The names and types are those of systemd's
// properties on D-Bus (org.freedesktop.systemd1(5)). A system test compares both.
//
//     show_units UNIT_PATH <NAMES
//
// For each name, one per line, prints one line of JSON. Messages go to standard error.

#include <netinet/in.h>
#include <sys/utsname.h>

#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <limits>
#include <sstream>

#include "init/files/load/load.hpp"
#include "init/files/unit/value.hpp"
#include "init/rules/manager/dependencies.hpp"

namespace notifybridge::load {
namespace {

namespace json = boost::json;

std::uint64_t usec(util::TimeSpan span) {
    return span == util::infinity ? std::numeric_limits<std::uint64_t>::max()
                                  : static_cast<std::uint64_t>(span.count());
}

template <typename Enumeration, std::size_t Count>
std::string_view word(Enumeration value, const std::string_view (&words)[Count]) {
    return words[static_cast<std::size_t>(value)];
}

json::string text(std::string_view value) {
    return json::string(value.data(), value.size());
}

/// A collection of properties by name.
class Object {
public:
    struct Slot {
        json::value& value;

        void operator=(const auto& assigned) {
            if constexpr (std::is_convertible_v<decltype(assigned), std::string_view>)
                value = text(assigned);
            else
                value = assigned;
        }
    };

    Slot operator[](std::string_view name) { return {properties_[text(name)]}; }
    std::string serialize() const { return json::serialize(properties_); }

private:
    json::object properties_;
};

json::array list(const std::vector<std::string>& texts) {
    json::array out;
    for (const std::string& one : texts)
        out.push_back(text(one));
    return out;
}

std::string_view action(unit::EmergencyAction value) {
    return word(value,
                {"none", "reboot", "reboot-force", "reboot-immediate", "poweroff", "poweroff-force",
                 "poweroff-immediate", "exit", "exit-force", "soft-reboot", "soft-reboot-force",
                 "kexec", "kexec-force", "halt", "halt-force", "halt-immediate"});
}

std::string_view job_mode(unit::JobMode value) {
    return word(value, {"fail", "replace", "replace-irreversibly", "isolate", "flush",
                        "ignore-dependencies", "ignore-requirements", "triggering"});
}

json::array conditions(const std::vector<unit::Condition>& all, std::string_view kind) {
    json::array out;
    for (const unit::Condition& condition : all)
        out.push_back(json::array{text(std::string(kind) + condition.type), condition.is_trigger,
                                  condition.is_negated, text(condition.parameter)});
    return out;
}

json::array commands(const unit::Commands& all) {
    json::array out;
    for (const unit::Command& command : all) {
        json::array flags;
        if (command.ignores_failure)
            flags.push_back("ignore-failure");
        if (!command.expands_variables)
            flags.push_back("no-env-expand");
        if (command.privileges != unit::Privileges::unit)
            flags.push_back(
                text(word(command.privileges, {"", "privileged", "no-setuid", "ambient"})));
        out.push_back(json::array{text(command.path), list(command.argv), flags});
    }
    return out;
}

json::array statuses(const unit::ExitStatusSet& set) {
    json::array codes, signals;
    for (std::size_t at = 0; at < set.statuses.size(); ++at)
        if (set.statuses[at])
            codes.push_back(at);
    for (std::size_t at = 0; at < set.signals.size(); ++at)
        if (set.signals[at])
            signals.push_back(at);
    return {codes, signals};
}

void show(const unit::UnitSettings& unit, const unit::UnitName& id, Object& out) {
    out["Description"] = unit.description.empty() ? id.text() : unit.description;
    out["Documentation"] = list(unit.documentation);
    out["SourcePath"] = *unit.source_path;
    for (std::size_t at = 0; at < static_cast<std::size_t>(unit::Dependency::count); ++at) {
        const auto kind = static_cast<unit::Dependency>(at);
        out[to_string(manager::relation_of(kind))] = list(unit.dependencies[kind]);
    }
    out["RequiresMountsFor"] = list(unit.requires_mounts_for);
    out["StopWhenUnneeded"] = unit.stop_when_unneeded;
    out["RefuseManualStart"] = unit.refuse_manual_start;
    out["RefuseManualStop"] = unit.refuse_manual_stop;
    out["AllowIsolate"] = unit.allow_isolate;
    out["DefaultDependencies"] = unit.default_dependencies;
    out["IgnoreOnIsolate"] = unit.ignore_on_isolate;
    out["OnSuccessJobMode"] = job_mode(unit.on_success_job_mode);
    out["OnFailureJobMode"] = job_mode(unit.on_failure_job_mode);
    out["JobTimeoutUSec"] = usec(unit.job_timeout);
    out["JobRunningTimeoutUSec"] = usec(unit.job_running_timeout.value_or(unit.job_timeout));
    out["JobTimeoutAction"] = action(unit.job_timeout_action);
    out["JobTimeoutRebootArgument"] = *unit.job_timeout_reboot_argument;
    out["StartLimitIntervalUSec"] = usec(unit.start_limit_interval);
    out["StartLimitBurst"] = unit.start_limit_burst;
    out["StartLimitAction"] = action(unit.start_limit_action);
    out["FailureAction"] = action(unit.failure_action);
    out["SuccessAction"] = action(unit.success_action);
    const auto status = [](std::optional<std::uint8_t> value) { return value ? int(*value) : -1; };
    out["FailureActionExitStatus"] = status(unit.failure_action_exit_status);
    out["SuccessActionExitStatus"] = status(unit.success_action_exit_status);
    out["RebootArgument"] = *unit.reboot_argument;
    out["Conditions"] = conditions(unit.conditions, "Condition");
    out["Asserts"] = conditions(unit.asserts, "Assert");
    out["CollectMode"] = word(unit.collect_mode, {"inactive", "inactive-or-failed"});
}

void show(const unit::ServiceSettings& service, Object& out) {
    out["Type"] = word(*service.type, {"simple", "exec", "forking", "oneshot", "dbus", "notify",
                                       "notify-reload", "idle"});
    out["ExitType"] = word(service.exit_type, {"main", "cgroup"});
    out["Restart"] = word(service.restart, {"no", "on-success", "on-failure", "on-abnormal",
                                            "on-watchdog", "on-abort", "always"});
    out["ExecConditionEx"] = commands(service.exec_condition);
    out["ExecStartPreEx"] = commands(service.exec_start_pre);
    out["ExecStartEx"] = commands(service.exec_start);
    out["ExecStartPostEx"] = commands(service.exec_start_post);
    out["ExecReloadEx"] = commands(service.exec_reload);
    out["ExecStopEx"] = commands(service.exec_stop);
    out["ExecStopPostEx"] = commands(service.exec_stop_post);
    out["PIDFile"] = *service.pid_file;
    out["BusName"] = *service.bus_name;
    out["RestartUSec"] = usec(service.restart_delay);
    out["TimeoutStartUSec"] = usec(*service.timeout_start);
    out["TimeoutStopUSec"] = usec(service.timeout_stop);
    out["TimeoutAbortUSec"] = usec(service.timeout_abort.value_or(service.timeout_stop));
    const auto mode = [](unit::TimeoutFailureMode value) {
        return word(value, {"terminate", "abort", "kill"});
    };
    out["TimeoutStartFailureMode"] = mode(service.timeout_start_failure_mode);
    out["TimeoutStopFailureMode"] = mode(service.timeout_stop_failure_mode);
    out["RuntimeMaxUSec"] = usec(service.runtime_max);
    out["RuntimeRandomizedExtraUSec"] = usec(service.runtime_randomized_extra);
    // Do not print WatchdogUSec: it belongs to the running service.
    out["RemainAfterExit"] = service.remain_after_exit;
    out["GuessMainPID"] = service.guess_main_pid;
    out["NonBlocking"] = service.non_blocking;
    out["RootDirectoryStartOnly"] = service.root_directory_start_only;
    out["RestartPreventExitStatus"] = statuses(service.restart_prevent_exit_status);
    out["RestartForceExitStatus"] = statuses(service.restart_force_exit_status);
    out["SuccessExitStatus"] = statuses(service.success_exit_status);
    out["FileDescriptorStoreMax"] = service.file_descriptor_store_max;
    out["NotifyAccess"] = word(*service.notify_access, {"none", "all", "exec", "main"});
}

void show(const unit::SocketSettings& socket, Object& out) {
    json::array listen;
    for (const unit::Listen& one : socket.listen)
        listen.push_back(json::array{text(word(one.type, {"Stream", "Datagram", "SequentialPacket",
                                                          "FIFO", "Netlink", "Special"})),
                                     text(one.address)});
    out["Listen"] = listen;
    static constexpr int protocols[] = {0, IPPROTO_UDPLITE, IPPROTO_SCTP};
    out["SocketProtocol"] = protocols[static_cast<std::size_t>(socket.protocol)];
    out["BindIPv6Only"] = word(socket.bind_ipv6_only, {"default", "both", "ipv6-only"});
    out["Backlog"] = socket.backlog;
    out["BindToDevice"] = socket.bind_to_device;
    out["ExecStartPre"] = commands(socket.exec_start_pre);
    out["ExecStartPost"] = commands(socket.exec_start_post);
    out["ExecStopPre"] = commands(socket.exec_stop_pre);
    out["ExecStopPost"] = commands(socket.exec_stop_post);
    out["TimeoutUSec"] = usec(socket.timeout);
    out["SocketUser"] = socket.user;
    out["SocketGroup"] = socket.group;
    out["SocketMode"] = socket.socket_mode;
    out["DirectoryMode"] = socket.directory_mode;
    out["Accept"] = socket.accept;
    out["FlushPending"] = socket.flush_pending;
    out["Writable"] = socket.writable;
    out["MaxConnections"] = socket.max_connections;
    out["MaxConnectionsPerSource"] = socket.max_connections_per_source;
    out["KeepAlive"] = socket.keep_alive;
    out["KeepAliveTimeUSec"] = usec(socket.keep_alive_time);
    out["KeepAliveIntervalUSec"] = usec(socket.keep_alive_interval);
    out["KeepAliveProbes"] = socket.keep_alive_probes;
    out["DeferAcceptUSec"] = usec(socket.defer_accept);
    out["NoDelay"] = socket.no_delay;
    out["Priority"] = socket.priority.value_or(-1);
    out["ReceiveBuffer"] = socket.receive_buffer;
    out["SendBuffer"] = socket.send_buffer;
    out["IPTOS"] = socket.ip_tos.value_or(-1);
    out["IPTTL"] = socket.ip_ttl.value_or(-1);
    out["Mark"] = socket.mark.value_or(-1);
    out["PipeSize"] = socket.pipe_size;
    out["FreeBind"] = socket.free_bind;
    out["Transparent"] = socket.transparent;
    out["Broadcast"] = socket.broadcast;
    out["PassCredentials"] = socket.pass_credentials;
    out["PassSecurity"] = socket.pass_security;
    out["PassPacketInfo"] = socket.pass_packet_info;
    out["Timestamping"] = word(socket.timestamping, {"off", "us", "ns"});
    out["TCPCongestion"] = socket.tcp_congestion;
    out["ReusePort"] = socket.reuse_port;
    out["RemoveOnStop"] = socket.remove_on_stop;
    out["Symlinks"] = list(socket.symlinks);
    out["FileDescriptorName"] = socket.file_descriptor_name;
    out["TriggerLimitIntervalUSec"] = usec(*socket.trigger_limit_interval);
    out["TriggerLimitBurst"] = *socket.trigger_limit_burst;
}

void show(const unit::Output& output, const std::string& name, Object& out) {
    out[name] = word(output.kind, {"inherit", "null", "tty", "journal", "journal+console", "kmsg",
                                   "kmsg+console", "socket", "fd", "file", "append", "truncate"});
    out[name + "FileDescriptorName"] = output.kind == unit::OutputKind::fd ? *output.name : "";
}

void show(const unit::ExecDirectories& directories, const std::string& name, Object& out) {
    json::array paths, links;
    for (const unit::ExecDirectory& directory : directories.directories) {
        paths.push_back(text(directory.path));
        for (const std::string& link : directory.symlinks)
            links.push_back(json::array{text(directory.path), text(link)});
    }
    out[name] = paths;
    out[name + "Mode"] = directories.mode;
    if (name != "ConfigurationDirectory")
        out[name + "Symlink"] = links;
}

void show_limits(const unit::ExecSettings& exec, Object& out) {
    static constexpr std::string_view names[RLIM_NLIMITS] = {
        "CPU",     "FSIZE", "DATA",  "STACK",      "CORE",     "RSS",  "NPROC",  "NOFILE",
        "MEMLOCK", "AS",    "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"};
    for (std::size_t at = 0; at < RLIM_NLIMITS; ++at)
        if (const auto& limit = (*exec.limits)[at]) {
            const std::string name = "Limit" + std::string(names[at]);
            out[name] = limit->rlim_max;
            out[name + "Soft"] = limit->rlim_cur;
        }
}

void show(const unit::ExecSettings& exec, Object& out) {
    const bool is_home = exec.working_directory == "~";
    out["WorkingDirectory"] = std::string(exec.working_directory_may_be_missing ? "!" : "")
                              + (is_home ? "~" : exec.working_directory);
    out["User"] = exec.user;
    out["Group"] = exec.group;
    out["SupplementaryGroups"] = list(exec.supplementary_groups);
    if (exec.nice)
        out["Nice"] = *exec.nice;
    if (exec.oom_score_adjust)
        out["OOMScoreAdjust"] = *exec.oom_score_adjust;
    out["UMask"] = exec.umask;
    out["Environment"] = list(exec.environment);
    json::array files;
    for (const unit::EnvironmentFile& file : *exec.environment_files)
        files.push_back(json::array{text(file.path), file.may_be_missing});
    out["EnvironmentFiles"] = files;
    out["PassEnvironment"] = list(exec.pass_environment);
    out["UnsetEnvironment"] = list(exec.unset_environment);
    out["StandardInput"] = word(exec.standard_input.kind, {"null", "tty", "tty-force", "tty-fail",
                                                           "socket", "fd", "data", "file"});
    show(exec.standard_output, "StandardOutput", out);
    show(exec.standard_error, "StandardError", out);
    json::array data;
    for (const char byte : *exec.standard_input_data)
        data.push_back(static_cast<unsigned char>(byte));
    out["StandardInputData"] = data;
    out["TTYPath"] = *exec.tty_path;
    out["TTYReset"] = exec.tty_reset;
    out["TTYVHangup"] = exec.tty_vhangup;
    show_limits(exec, out);
    constexpr std::uint64_t all = (std::uint64_t(1) << (unit::last_capability + 1)) - 1;
    out["CapabilityBoundingSet"] = exec.capability_bounding_set.value_or(all) & all;
    out["AmbientCapabilities"] = exec.ambient_capabilities & all;
    out["SecureBits"] = exec.secure_bits;
    out["NoNewPrivileges"] = exec.no_new_privileges;
    out["IgnoreSIGPIPE"] = exec.ignore_sigpipe;
    show(exec.runtime_directory, "RuntimeDirectory", out);
    show(exec.state_directory, "StateDirectory", out);
    show(exec.cache_directory, "CacheDirectory", out);
    show(exec.logs_directory, "LogsDirectory", out);
    show(exec.configuration_directory, "ConfigurationDirectory", out);
    out["RuntimeDirectoryPreserve"] =
        word(exec.runtime_directory_preserve, {"no", "yes", "restart"});
    out["ExecSearchPath"] = list(exec.exec_search_path);
}

void show(const unit::KillSettings& kill, Object& out) {
    out["KillMode"] = word(kill.mode, {"control-group", "process", "mixed", "none"});
    out["KillSignal"] = kill.kill_signal;
    out["RestartKillSignal"] = kill.restart_signal.value_or(kill.kill_signal);
    out["FinalKillSignal"] = kill.final_signal;
    out["WatchdogSignal"] = kill.watchdog_signal;
    out["SendSIGKILL"] = kill.send_sigkill;
    out["SendSIGHUP"] = kill.send_sighup;
}

Object show(const LoadedUnit& unit) {
    Object out;
    out["Id"] = unit.id.text();
    out["Names"] = list(unit.names());
    out["LoadState"] = unit::to_string(unit.state);
    if (unit.state != unit::LoadState::loaded)
        return out;
    out["FragmentPath"] = unit.fragment_path;
    out["DropInPaths"] = list(*unit.drop_in_paths);
    show(unit.settings.unit, unit.id, out);
    if (unit.id.type() == unit::UnitType::target)
        return out;
    if (unit.id.type() == unit::UnitType::service)
        show(unit.settings.service, out);
    else
        show(unit.settings.socket, out);
    show(unit.settings.exec, out);
    show(unit.settings.kill, out);
    return out;
}

std::string first_line(const char* path) {
    std::string line;
    std::ifstream file(path);
    std::getline(file, line);
    return line;
}

unit::Facts facts_of_this_machine() {
    unit::Facts facts;
    utsname machine;
    ::uname(&machine);
    facts.shell = "/bin/bash";  // Debian built systemd with this shell.
    facts.host_name = facts.short_host_name = facts.pretty_host_name = machine.nodename;
    facts.kernel_release = machine.release;
    facts.architecture = "x86-64";
    facts.machine_id = first_line("/etc/machine-id");
    std::string boot_id = first_line("/proc/sys/kernel/random/boot_id");
    std::erase(boot_id, '-');
    facts.boot_id = boot_id;
    std::ostringstream release;
    release << std::ifstream("/etc/os-release").rdbuf();
    const unit::Environment os = unit::parse_environment_file(release.str());
    facts.os_id = unit::get_variable(os, "ID").value_or("");
    facts.os_version_id = unit::get_variable(os, "VERSION_ID").value_or("");
    return facts;
}

}  // namespace
}  // namespace notifybridge::load

int main(int argc, char** argv) {
    using namespace notifybridge;
    if (argc != 2)
        return 2;
    const load::DiskSource source;
    unit::Messages messages;
    const load::UnitIndex index(source, load::load_path(argv[1]), messages);
    const unit::Facts facts = load::facts_of_this_machine();
    std::string line;
    while (std::getline(std::cin, line))
        if (const auto name = unit::UnitName::parse(line))
            std::cout << load::show(load::load(*name, index, facts, messages)).serialize() << '\n';
    for (const unit::Message& message : messages.all())
        std::cerr << unit::to_string(message) << '\n';
    return 0;
}
