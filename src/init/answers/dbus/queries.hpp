#pragma once

#include <optional>

#include "init/answers/dbus/answer.hpp"
#include "init/answers/dbus/object.hpp"
#include "init/answers/properties/daemon.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::dbus {

struct Question {
    const bus::Message& call;
    const Object& object;
    manager::Engine& engine;
    properties::Daemon& daemon;
};

/// Answers a call that changes nothing. Returns nullopt for other calls. The caller has checked
/// that the object has this method, and that the arguments have the correct types.
std::optional<Answer> answer_query(const Question& question);

/// Returns the unit with this name. Loads the unit if necessary. Returns null if no such unit can
/// be loaded, for example because the name is not valid.
manager::Unit* unit_of(manager::Engine& engine, std::string_view name);

}  // namespace notifybridge::dbus
