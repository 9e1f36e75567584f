#include "init/load/complete.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/util/concat.hpp"
#include "base/util/siphash.hpp"
#include "init/unit/listen.hpp"
#include "init/unit/path.hpp"

namespace notifybridge::load {
namespace {

using util::concat;

// The manager's DefaultTimeoutStartSec= (systemd-system.conf(5)).
constexpr util::TimeSpan default_timeout = std::chrono::seconds(90);

/// A condition that makes a unit unusable, and its message.
struct Rule {
    bool is_broken;
    std::string_view sentence;
};

bool holds_all(std::initializer_list<Rule> rules, unit::Place file, unit::Messages& messages) {
    const auto broken =
        std::ranges::find_if(rules, [](const Rule& rule) { return rule.is_broken; });
    if (broken != rules.end())
        messages.fail(file, concat("The unit cannot be used: ", broken->sentence, '.'));
    return broken == rules.end();
}

/// systemd.service(5), Type=, TimeoutStartSec=, NotifyAccess=, OOMPolicy=.
void complete_service(unit::ServiceSettings& service, const unit::ExecSettings& exec) {
    if (!service.type)
        service.type = !service.bus_name->empty()     ? unit::ServiceType::dbus
                       : !service.exec_start->empty() ? unit::ServiceType::simple
                                                      : unit::ServiceType::oneshot;
    if (!service.timeout_start)
        service.timeout_start =
            service.type == unit::ServiceType::oneshot ? util::infinity : default_timeout;
    const bool is_notified = service.type == unit::ServiceType::notify
                             || service.type == unit::ServiceType::notify_reload
                             || service.watchdog > util::TimeSpan::zero()
                             || service.file_descriptor_store_max > 0;
    if (service.notify_access.value_or(unit::NotifyAccess::none) == unit::NotifyAccess::none)
        service.notify_access = is_notified ? unit::NotifyAccess::main : unit::NotifyAccess::none;
    if (service.oom_policy == unit::OomPolicy::unset)
        service.oom_policy =
            exec.delegate ? unit::OomPolicy::continue_running : unit::OomPolicy::stop;
}

/// Applies systemd.exec(5), StandardInput=, StandardOutput=, StandardError=: an input that can also
/// be written is the default output, and no other input is.
void complete_streams(unit::ExecSettings& exec) {
    if (exec.standard_input.kind == unit::InputKind::null && !exec.standard_input_data->empty())
        exec.standard_input.kind = unit::InputKind::data;
    const unit::InputKind input = exec.standard_input.kind;
    const bool goes_both_ways = input != unit::InputKind::null && input != unit::InputKind::data
                                && input != unit::InputKind::file;
    if (goes_both_ways && exec.standard_output.is_default)
        exec.standard_output.kind = unit::OutputKind::inherit;
    if (!goes_both_ways && exec.standard_output.kind == unit::OutputKind::inherit)
        exec.standard_output.kind = unit::OutputKind::journal;
}

/// Sorts by components, so that a directory comes before those in it.
void sort_directories(unit::ExecDirectories& all) {
    const auto components_first = [](const unit::ExecDirectory& a, const unit::ExecDirectory& b) {
        return std::lexicographical_compare(
            a.path.begin(), a.path.end(), b.path.begin(), b.path.end(), [](char x, char y) {
                return (x == '/' ? 0 : static_cast<unsigned char>(x))
                       < (y == '/' ? 0 : static_cast<unsigned char>(y));
            });
    };
    std::ranges::sort(all.directories, components_first);
}

/// Removes the capabilities that PrivateDevices= and similar directives take away
/// (systemd.exec(5)). This is the only part of them that we support.
void restrict_capabilities(unit::ExecSettings& exec) {
    struct Restriction {
        bool is_asked_for;
        std::initializer_list<unsigned> capabilities;
    };
    const Restriction restrictions[] = {
        {exec.private_devices, {CAP_MKNOD, CAP_SYS_RAWIO}},
        {exec.protect_kernel_modules, {CAP_SYS_MODULE}},
        {exec.protect_kernel_logs, {CAP_SYSLOG}},
        {exec.protect_clock, {CAP_SYS_TIME, CAP_WAKE_ALARM}},
    };
    constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
    for (const Restriction& restriction : restrictions)
        if (restriction.is_asked_for)
            for (const unsigned capability : restriction.capabilities)
                exec.capability_bounding_set =
                    exec.capability_bounding_set.value_or(all) & ~(std::uint64_t(1) << capability);
}

/// Returns whether useradd(8) accepts `name`: systemd uses such a name for a dynamic user.
bool is_user_name(std::string_view name) {
    constexpr std::size_t longest = 31;
    const auto is_letter = [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
    };
    return !name.empty() && name.size() <= longest && is_letter(name.front())
           && std::ranges::all_of(name, [&](char byte) {
                  return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '-';
              });
}

/// Returns the name of a dynamic user. systemd.exec(5), DynamicUser=: "the user and group names are
/// derived from the unit name". Uses a hash if a user cannot have that name.
std::string user_of(std::string_view unit) {
    constexpr util::SipKey key{0x964e5828e6af1a58, 0xec07928c3bf54eb4};
    if (is_user_name(unit))
        return std::string(unit);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name = "_du";
    const std::uint64_t hash = util::siphash(unit, key);
    for (int shift = 60; shift >= 0; shift -= 4)
        name += digits[hash >> shift & 0xF];
    return name;
}

/// Sets what DynamicUser= implies, as far as we support it.
void complete_dynamic_user(unit::ExecSettings& exec, const unit::UnitName& name) {
    if (exec.user.empty())
        exec.user = user_of(name.prefix());
    if (exec.group.empty())
        exec.group = exec.user;
    exec.no_new_privileges = true;
    exec.private_tmp = true;
}

/// Completes the settings of all types that run processes. The streams of a socket's commands stay
/// as written.
void complete_exec(unit::ExecSettings& exec, const unit::UnitName& name) {
    for (util::Rare<unit::ExecDirectories>* const directories :
         {&exec.runtime_directory, &exec.state_directory, &exec.cache_directory,
          &exec.logs_directory, &exec.configuration_directory})
        if (unit::ExecDirectories* const own = directories->own())
            sort_directories(*own);
    restrict_capabilities(exec);
    if (exec.dynamic_user)
        complete_dynamic_user(exec, name);
    if (name.type() == unit::UnitType::service)
        complete_streams(exec);
}

bool verify_service(const unit::Settings& settings, unit::Place file, unit::Messages& messages) {
    const unit::ServiceSettings& service = settings.service;
    const bool is_oneshot = service.type == unit::ServiceType::oneshot;
    const bool has_start = !service.exec_start->empty();
    const bool has_success_action = settings.unit.success_action != unit::EmergencyAction::none;
    const bool restarts_after_success =
        service.restart == unit::Restart::always || service.restart == unit::Restart::on_success;
    const unit::ExitStatusSet& forced = service.restart_force_exit_status;
    return holds_all(
        {
            {!has_start && service.exec_stop->empty() && !has_success_action,
             "it has none of ExecStart=, ExecStop= and SuccessAction="},
            {!has_start && !is_oneshot,
             "it has no ExecStart=, which only a service of Type=oneshot can omit"},
            {!has_start && !service.remain_after_exit && !has_success_action,
             "it has neither ExecStart= nor SuccessAction=, so that it needs RemainAfterExit=yes"},
            {service.exec_start->size() > 1 && !is_oneshot,
             "it has more than one ExecStart=, which only a service of Type=oneshot can have; "
             "an empty ExecStart= clears the ones before it"},
            {is_oneshot && restarts_after_success,
             "Restart=always and Restart=on-success are not for Type=oneshot; on-failure is"},
            {is_oneshot && (forced.statuses.any() || forced.signals.any()),
             "RestartForceExitStatus= is not for Type=oneshot"},
            {is_oneshot && service.exit_type == unit::ExitType::cgroup,
             "ExitType=cgroup is not for Type=oneshot"},
            {service.type == unit::ServiceType::dbus && service.bus_name->empty(),
             "a service of Type=dbus needs BusName="},
        },
        file, messages);
}

bool can_accept(const unit::Listen& listen) {
    return listen.type == unit::ListenType::stream
           || listen.type == unit::ListenType::sequential_packet;
}

bool is_in_file_system(const unit::Listen& listen) {
    return listen.type == unit::ListenType::fifo
           || (listen.type != unit::ListenType::special && unit::is_absolute(listen.address));
}

bool verify_socket(const unit::SocketSettings& socket, unit::Place file, unit::Messages& messages) {
    const auto& listen = socket.listen;
    return holds_all(
        {
            {listen.empty(), "it has nothing to listen on; set ListenStream=, for example"},
            {socket.accept && !std::ranges::all_of(listen, can_accept),
             "Accept=yes is for ListenStream= and ListenSequentialPacket= only"},
            {socket.accept && socket.max_connections == 0,
             "no connection is accepted with Accept=yes and MaxConnections=0"},
            {socket.accept && !socket.service.empty(),
             "Service= cannot be used with Accept=yes, which starts an instance of the template "
             "with the socket's name for each connection"},
            {!socket.symlinks.empty() && std::ranges::count_if(listen, is_in_file_system) != 1,
             "Symlinks= needs a socket with exactly one path in the file system"},
        },
        file, messages);
}

unit::LoadState verify_paths(const unit::SocketSettings& socket, unit::Place file,
                             unit::Messages& messages) {
    const auto& listen = socket.listen;
    const bool is_bad = std::ranges::any_of(listen, [](const unit::Listen& one) {
        return is_in_file_system(one) && !unit::is_normalized(unit::simplify_path(one.address));
    });
    return holds_all({{is_bad, "a path to listen on must not have a \"..\""}}, file, messages)
               ? unit::LoadState::loaded
               : unit::LoadState::error;
}

/// systemd.socket(5), Service=, FileDescriptorName=, TriggerLimitIntervalSec=, PollLimit….
void complete_socket(unit::SocketSettings& socket, const unit::UnitName& name) {
    // systemd treats the largest value as not set.
    constexpr unsigned unset_burst = std::numeric_limits<unsigned>::max();
    if (socket.service.empty() && !socket.accept)
        socket.service = concat(name.stem(), ".service");
    if (socket.file_descriptor_name.empty())
        socket.file_descriptor_name = name.text();
    if (socket.trigger_limit_interval.value_or(util::infinity) == util::infinity)
        socket.trigger_limit_interval = std::chrono::seconds(2);
    if (socket.trigger_limit_burst.value_or(unset_burst) == unset_burst)
        socket.trigger_limit_burst = socket.accept ? 200 : 20;
    // systemd 252 lacks this limit. If a unit sets half of it, newer defaults complete it.
    if (!socket.poll_limit_interval && !socket.poll_limit_burst)
        return;
    if (!socket.poll_limit_interval)
        socket.poll_limit_interval = std::chrono::seconds(2);
    if (socket.poll_limit_burst.value_or(unset_burst) == unset_burst)
        socket.poll_limit_burst = socket.accept ? 150 : 15;
}

}  // namespace

unit::LoadState complete(unit::Settings& settings, const unit::UnitName& name, unit::Place file,
                         unit::Messages& messages) {
    if (unit::ExecSettings* const exec = settings.exec.own())
        complete_exec(*exec, name);
    switch (name.type()) {
        case unit::UnitType::service:
            complete_service(settings.service, settings.exec);
            if (!verify_service(settings, file, messages))
                return unit::LoadState::bad_setting;
            break;
        case unit::UnitType::socket:
            complete_socket(settings.socket.edit(), name);
            if (!verify_socket(settings.socket, file, messages))
                return unit::LoadState::bad_setting;
            if (const auto state = verify_paths(settings.socket, file, messages);
                state != unit::LoadState::loaded)
                return state;
            break;
        default:
            break;
    }
    const bool isolates = settings.unit.on_failure_job_mode == unit::JobMode::isolate;
    const bool has_several =
        std::as_const(settings.unit.dependencies)[unit::Dependency::on_failure].size() > 1;
    const bool is_good =
        holds_all({{isolates && has_several,
                    "with OnFailureJobMode=isolate there can be no more than one OnFailure="}},
                  file, messages);
    return is_good ? unit::LoadState::loaded : unit::LoadState::bad_setting;
}

}  // namespace notifybridge::load
