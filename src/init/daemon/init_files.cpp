#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "init/daemon/init.hpp"
#include "init/daemon/run_directory.hpp"

/// The functions of Init that read unit files, at the boot and at each reload.
namespace notifybridge::daemon {

using util::concat;

/// Starts the boot after generators have written their units. After the boot has begun, reloads the
/// unit files at each request.
event::Awaitable<> Init::manage_files() {
    co_await generate_units();
    if (!progress_.begin_to_boot())
        co_return;
    if (!boot()) {
        engine_.set_exit_status(1);
        loop_.stop();
        co_return;
    }
    for (;;) {
        co_await reload_.wait();
        co_await read_files_again();
    }
}

/// Runs the generators. Until the generators have ended, only units that are already loaded can be
/// started.
event::Awaitable<> Init::generate_units() {
    files_.begin_to_generate();
    co_await generators_.run();
    files_.end_to_generate();
    due_.raise();
}

bool Init::boot() {
    host_notifier_.send(concat("STATUS=Starting ", settings_.unit));
    host_notifier_.send("X_SYSTEMD_SIGNALS_LEVEL=2");
    manager::Unit& target = engine_.unit(*unit::UnitName::parse(settings_.unit));
    const bool isolates = target.settings().unit.allow_isolate;
    if (!enqueue(settings_.unit, manager::JobType::start,
                 isolates ? unit::JobMode::isolate : unit::JobMode::replace))
        return false;
    listen_to_system_log();
    return true;
}

/// Receives log messages in place of journald. Does nothing if journald starts: a drop-in of the
/// image can remove the condition by which this manager skips journald.
void Init::listen_to_system_log() {
    bool skips_journald = false;
    for (const std::string_view name : {"systemd-journald.service", "systemd-journald.socket",
                                        "systemd-journald-dev-log.socket"}) {
        const manager::Unit* const unit = engine_.find(name);
        if (!unit || !unit->has_job(manager::JobType::start))
            continue;
        unit::UnmetConditions unmet;
        if (host_.surroundings.holds(*unit, unit->settings().unit.conditions, unmet))
            return;
        skips_journald = true;
    }
    if (skips_journald)
        util::log(util::Severity::notice, util::Topic::process,
                  "skipping systemd-journald.service, so journalctl shows no lines of this boot;"
                  " use 'systemctl logs UNIT' or the output of the container instead");
    host_.system_log.listen(files_.facts().runtime_directory);
    if (settings_.role == Role::container)
        link_system_log();
}

/// Returns a hint for a unit that was not found: the searched directories, and what to check.
std::string Init::where_units_are() const {
    std::string text;
    for (const std::string& directory : files_.directories())
        text += concat(text.empty() ? " Searched directories: " : ", ", directory);
    return text + "; check --unit, --unit-path and the mounts of the container";
}

void Init::reload_files(std::function<void()> done) {
    reloads_.push_back(std::move(done));
    reload_.raise();
}

/// Reloads the unit files for all pending requests. A request that arrives during a reload waits
/// for the next reload, because files may change after generators have read them.
event::Awaitable<> Init::read_files_again() {
    restore_control_socket();
    const auto requests = std::exchange(reloads_, {});
    // Report a reload only if the manager is ready, because the end of a reload reports READY=1.
    const bool is_ready = progress_.is_ready();
    if (is_ready)
        host_notifier_.send(concat("RELOADING=1\nMONOTONIC_USEC=", system::monotonic_now()));
    bus_.reloading(true);
    co_await generate_units();
    engine_.reload_files();
    bus_.reloading(false);
    if (is_ready && progress_.is_ready())
        host_notifier_.send("READY=1");
    for (const auto& done : requests)
        done();
    due_.raise();
}

}  // namespace notifybridge::daemon
