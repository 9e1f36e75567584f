#include "init/rules/manager/refusal.hpp"

#include <cerrno>

#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "init/rules/manager/merge.hpp"
#include "init/rules/manager/unit.hpp"

namespace notifybridge::manager {
namespace {

using unit::LoadState;
using util::concat;

/// Returns the name of the D-Bus error that sd-bus uses for an errno value.
std::string_view bus_error(int error) {
    switch (error) {
        case EPERM:
        case EACCES:
            return "AccessDenied";
        case EBADMSG:
            return "InconsistentMessage";
        case EINVAL:
            return "InvalidArgs";
        default:
            return "IOError";
    }
}

std::optional<Refusal> refuse_load_state(const Unit& unit) {
    switch (unit.loaded().state) {
        case LoadState::loaded:
            return std::nullopt;
        case LoadState::not_found:
            return Refusal{concat("Unit ", unit.id(), " not found."), "NoSuchUnit"};
        case LoadState::masked:
            return Refusal{concat("Unit ", unit.id(), " is masked."), "UnitMasked"};
        case LoadState::bad_setting:
            return Refusal{concat("Unit ", unit.id(), " has a bad unit file setting."),
                           "BadUnitSetting"};
        case LoadState::error:
            break;
    }
    const int error = unit.loaded().error;
    return Refusal{concat("Unit ", unit.id(),
                          " failed to load properly, please adjust/correct and reload service "
                          "manager: ",
                          system::describe(error)),
                   std::string(bus_error(error)), false};
}

/// Returns whether the unit's type can have a job of type `type`. A unit of a type that we do not
/// support can be loaded, but not started.
bool is_applicable(JobType type, const Unit& unit) {
    if (type == JobType::restart)
        return unit.is_supported();
    return type != JobType::reload || unit.can_reload();
}

constexpr std::string_view inapplicable = "JobTypeNotApplicable";

}  // namespace

std::optional<Refusal> refuse_name(std::string_view name) {
    const auto parsed = unit::UnitName::parse(name);
    if (!parsed)
        return Refusal{concat("Unit name ", name, " is not valid."), "InvalidArgs"};
    if (parsed->kind() == unit::NameKind::template_unit)
        return Refusal{concat("Unit name ", name, " is missing the instance name."), "InvalidArgs"};
    return std::nullopt;
}

std::optional<Refusal> refuse_job(JobType type, const Unit& unit) {
    if (type != JobType::stop)
        if (auto refusal = refuse_load_state(unit))
            return refusal;
    if (is_applicable(type, unit))
        return std::nullopt;
    return Refusal{
        concat("Job type ", to_string(type), " is not applicable for unit ", unit.id(), '.'),
        std::string(inapplicable)};
}

bool is_inapplicable(const Refusal& refusal) {
    return refusal.error == inapplicable;
}

std::optional<Refusal> refuse_by_hand(JobType type, const Unit& unit) {
    const LoadState state = unit.loaded().state;
    const bool is_absent = state == LoadState::not_found || state == LoadState::error
                           || state == LoadState::bad_setting;
    if (type == JobType::stop && is_absent && unit.active_state() == ActiveState::inactive)
        return Refusal{concat("Unit ", unit.id(), " not loaded."), "NoSuchUnit"};

    const JobType collapsed = collapse(type, unit.active_state());
    const bool restarts = type == JobType::restart || type == JobType::try_restart;
    const bool starts = restarts || collapsed == JobType::start;
    const bool stops = restarts || type == JobType::stop;
    const unit::UnitSettings& settings = unit.settings().unit;
    if ((starts && settings.refuse_manual_start) || (stops && settings.refuse_manual_stop))
        return Refusal{concat("Operation refused, unit ", unit.id(),
                              " may be requested by dependency only (it is configured to refuse "
                              "manual start/stop)."),
                       "OnlyByDependency"};
    return std::nullopt;
}

JobType reload_if_possible(JobType type, const Unit& unit) {
    if (!unit.can_reload())
        return type;
    return type == JobType::try_restart ? JobType::try_reload : JobType::reload_or_start;
}

}  // namespace notifybridge::manager
