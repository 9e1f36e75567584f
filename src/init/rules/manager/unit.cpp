#include "init/rules/manager/unit.hpp"

#include <utility>

#include "base/util/concat.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::manager {
namespace {

// This limit is far higher than working units need, and low enough to end a cycle (systemd 252).
constexpr auto automatic_interval = std::chrono::seconds(10);
constexpr unsigned automatic_burst = 16;

}  // namespace

Unit::Unit(Engine& engine, load::LoadedUnit loaded)
    : start_limit(loaded.settings.unit.start_limit_interval,
                  loaded.settings.unit.start_limit_burst),
      automatic_limit(automatic_interval, automatic_burst),
      engine_(engine),
      loaded_(std::move(loaded)),
      serial_(engine.next_serial()) {}

std::string Unit::label() const {
    const std::string& description = settings().unit.description;
    return description.empty() || description == id() ? id()
                                                      : util::concat(id(), " - ", description);
}

Surroundings& Unit::surroundings() const {
    return engine_.surroundings();
}

system::Moment Unit::now() const {
    return surroundings().now();
}

void Unit::say(util::Severity severity, std::string_view text) const {
    surroundings().say(severity, this, text);
}

void Unit::changed(ActiveState before, bool reload_failed) {
    deadline_changed();
    engine_.changed(*this, before, reload_failed);
}

void Unit::deadline_changed() {
    engine_.deadline_changed(*this);
}

void Unit::conditions_known() {
    engine_.conditions_known(*this);
}

void Unit::use_ended() {
    engine_.use_ended(*this);
}

void Unit::replace(load::LoadedUnit loaded) {
    if (loaded.id != loaded_.id && first_id_->empty())
        first_id_.edit() = id();
    const load::LoadedUnit before = std::exchange(loaded_, std::move(loaded));
    unmet_conditions = {};
    unmet_asserts = {};
    conditions_tested = false;
    asserts_tested = false;
    start_limit.set(settings().unit.start_limit_interval, settings().unit.start_limit_burst);
    settings_replaced(before.settings);
}

}  // namespace notifybridge::manager
