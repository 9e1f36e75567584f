#include "bridge/diagnosis/reload_causes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/time_span.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// A reload is only reported if it takes longer than this.
constexpr std::chrono::seconds usual_reload(5);

/// Returns how long ago the state of the unit changed, in full seconds.
std::chrono::seconds age_of_state(const Symptoms& symptoms) {
    const std::uint64_t changed = symptoms.unit.state_usec;
    const std::uint64_t age =
        symptoms.now.monotonic > changed ? symptoms.now.monotonic - changed : 0;
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::microseconds(age));
}

bool is_reloading(const Symptoms& symptoms) {
    return symptoms.unit.active_state == "reloading" && age_of_state(symptoms) >= usual_reload;
}

/// Returns " for 5min" with the time since the last change of the unit's state.
std::string for_age(const Symptoms& symptoms) {
    return concat(" for ", util::to_string(age_of_state(symptoms)));
}

/// Returns how a program that does not report its reloads can be reported.
std::string report_by_us(const Symptoms& symptoms) {
    return symptoms.command.ready_when.empty()
               ? concat("if the app does not report its reloads, ",
                        give_option(symptoms, "--ready-when=tcp:127.0.0.1:PORT"),
                        ": notifybridge then reports them")
               : concat("if the app is only slow, ",
                        set_setting(symptoms, "a longer TimeoutStartSec="));
}

struct ReloadCause {
    bool (*holds)(const Symptoms&);
    std::string (*cause)(const Symptoms&);
    std::string (*remedy)(const Symptoms&);
};

constexpr auto reload_causes = std::to_array<ReloadCause>({
    // systemd has sent SIGHUP and waits for RELOADING=1.
    {[](const Symptoms& symptoms) {
         return is_reloading(symptoms) && symptoms.unit.sub_state == "reload-signal";
     },
     [](const Symptoms& symptoms) {
         return concat(" has been reloading", for_age(symptoms),
                       ": the app got SIGHUP and has not sent RELOADING=1");
     },
     report_by_us},
    {[](const Symptoms& symptoms) {
         return is_reloading(symptoms) && symptoms.unit.sub_state == "reload"
                && symptoms.unit.control_pid != 0;
     },
     [](const Symptoms& symptoms) {
         return concat(" has been reloading", for_age(symptoms), ": ExecReload= still runs");
     },
     [](const Symptoms& symptoms) {
         return concat("if the command hangs, correct it (", how_to_edit(symptoms), ')');
     }},
    {is_reloading,
     [](const Symptoms& symptoms) {
         const std::string& status = symptoms.unit.status_text;
         return concat(" has been reloading", for_age(symptoms),
                       ": the app has sent RELOADING=1 and no READY=1 since then",
                       status.empty() ? "" : concat("; its last STATUS is ", util::quote(status)));
     },
     [](const Symptoms& symptoms) {
         return concat("the app has to send READY=1 at the end of a reload; to go on now: ",
                       systemctl_command(symptoms.unit, "restart"));
     }},
    {[](const Symptoms& symptoms) {
         return symptoms.unit.type == "notify-reload" && symptoms.unit.active_state == "active"
                && symptoms.unit.reload_result == "timeout";
     },
     [](const Symptoms& symptoms) {
         return concat(" is active, but its last reload failed ",
                       util::to_string(age_of_state(symptoms)),
                       " ago: the app did not send RELOADING=1 and READY=1 within "
                       "TimeoutStartSec= (",
                       symptoms.unit.timeout_start, ") after SIGHUP");
     },
     [](const Symptoms& symptoms) {
         return concat(report_by_us(symptoms), "; otherwise ",
                       set_setting(symptoms, "Type=notify and ExecReload=/bin/kill -HUP $MAINPID"));
     }},
});

}  // namespace

std::optional<Diagnosis> find_failed_reload(const Symptoms& symptoms) {
    for (const ReloadCause& row : reload_causes)
        if (row.holds(symptoms))
            return Diagnosis{.cause = concat(util::escape(symptoms.unit.name), row.cause(symptoms)),
                             .remedy = row.remedy(symptoms)};
    return std::nullopt;
}

}  // namespace notifybridge::diagnosis
