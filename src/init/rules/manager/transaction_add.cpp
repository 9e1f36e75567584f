#include <algorithm>

#include "base/util/concat.hpp"
#include "init/rules/manager/activation.hpp"
#include "init/rules/manager/merge.hpp"
#include "init/rules/manager/transaction.hpp"

/// Decides which jobs a job pulls in: systemd.unit(5), Requires= and related settings;
/// systemctl(1), --job-mode=.
namespace notifybridge::manager {

using unit::JobMode;
using util::concat;
using MaybeRefusal = std::optional<Refusal>;

MaybeRefusal Transaction::add_anchor(JobType type, Unit& unit) {
    if (auto refusal = add(type, unit, {}))
        return refusal;
    if (mode_ == JobMode::isolate)
        add_isolated_stops();
    if (mode_ == JobMode::triggering)
        add_triggering_stops();
    return std::nullopt;
}

void Transaction::add_reloads_of(Unit& unit) {
    bool is_new = false;
    anchor_ = &find_or_make(JobType::nop, unit, is_new);
    add_reloads(*anchor_, unit);
}

MaybeRefusal Transaction::add(JobType type, Unit& unit, const Pull& pull) {
    const bool needs_no_file = unit.loaded().state == unit::LoadState::not_found
                               && type == JobType::start && is_mounted(engine_.surroundings, unit);
    if (auto refusal = needs_no_file ? std::nullopt : refuse_job(type, unit)) {
        if (engine_.hooks.on_start)
            engine_.hooks.on_start(unit);
        return refusal;
    }
    bool is_new = false;
    Node& node = find_or_make(type, unit, is_new);
    if (pull.by) {
        const Link link{pull.by, &node, pull.matters, pull.conflicts};
        pull.by->pulled_in.push_back(link);
        node.pulled_in_by.push_back(link);
    } else {
        anchor_ = &node;
    }
    const bool ignores =
        mode_ == JobMode::ignore_dependencies || mode_ == JobMode::ignore_requirements;
    // If a task that the node pulls in is refused, keep the node and the nodes that were already
    // added.
    return is_new && !ignores ? add_pulled_in(node) : std::nullopt;
}

Transaction::Node& Transaction::find_or_make(JobType type, Unit& unit, bool& is_new) {
    Nodes& nodes = nodes_[unit.serial()];
    for (const auto& node : nodes)
        if (node->type == type)
            return *node;
    is_new = true;
    auto node = std::make_unique<Node>(Node{{unit, type}, {}, {}});
    node->irreversible = mode_ == JobMode::replace_irreversibly;
    node->ignores_order = mode_ == JobMode::ignore_dependencies;
    return **nodes.insert(nodes.begin(), std::move(node));
}

MaybeRefusal Transaction::add_pulled_in(Node& node) {
    const bool starts = node.type == JobType::start || node.type == JobType::restart;
    const bool restarts =
        node.type == JobType::restart
        || (node.type == JobType::start && mode_ == JobMode::restart_dependencies);
    MaybeRefusal refusal;
    if (starts)
        refusal = add_for_start(node);
    if (!refusal && restarts)
        refusal = add_restarts(node);
    if (!refusal && node.type == JobType::stop)
        refusal = add_required(node, Effect::propagate_stop, JobType::stop, false);
    if (!refusal && node.type == JobType::reload)
        add_reloads(node, node.unit);
    return refusal;
}

MaybeRefusal Transaction::add_for_start(Node& node) {
    if (auto refusal = add_required(node, Effect::pull_in_start, JobType::start, false))
        return refusal;
    for (Unit& unit : node.unit.dependencies.with(Effect::pull_in_start_ignored))
        add_ignoring(node, unit, JobType::start);
    if (auto refusal = add_required(node, Effect::pull_in_verify, JobType::verify_active, false))
        return refusal;
    // A stop is never refused.
    add_required(node, Effect::pull_in_stop, JobType::stop, true);
    for (Unit& unit : node.unit.dependencies.with(Effect::pull_in_stop_ignored))
        add_ignoring(node, unit, JobType::stop);
    return std::nullopt;
}

MaybeRefusal Transaction::add_required(Node& node, Effect effect, JobType type, bool conflicts) {
    for (Unit& unit : node.unit.dependencies.with(effect)) {
        if (auto refusal = add(type, unit, {&node, true, conflicts}))
            return refusal;
    }
    return std::nullopt;
}

void Transaction::add_ignoring(Node& node, Unit& unit, JobType type) {
    const auto refusal = add(type, unit, {&node});
    if (!refusal)
        return;
    // Log a missing unit with the level debug, because Wants= often names a unit that does not
    // exist.
    const bool is_usual = is_inapplicable(*refusal) || refusal->error == "NoSuchUnit"
                          || refusal->error == "UnitMasked";
    unit.say(
        is_usual ? util::Severity::debug : util::Severity::warning,
        concat("Cannot add dependency job for unit ", unit.id(), ", ignoring: ", refusal->text));
}

/// Propagates a restart as a restart, and not as a stop. Skips units that are neither up nor
/// starting.
MaybeRefusal Transaction::add_restarts(Node& node) {
    for (Unit& unit : node.unit.dependencies.with(Effect::propagate_restart)) {
        const JobType type = collapse(JobType::try_restart, unit.active_state());
        if (type == JobType::nop)
            continue;
        if (auto refusal = add(type, unit, {&node, true}))
            return refusal;
    }
    return std::nullopt;
}

void Transaction::add_reloads(Node& node, Unit& from) {
    for (Unit& unit : from.dependencies.with(Effect::propagate_reload)) {
        const JobType type = collapse(JobType::try_reload, unit.active_state());
        if (type != JobType::nop)
            add_ignoring(node, unit, type);
    }
}

/// Stops the units that the anchor does not pull in (systemctl(1), isolate). Like systemd, keeps a
/// unit if a unit that triggers it is kept, for example the service of a socket.
void Transaction::add_isolated_stops() {
    const auto is_kept = [this](const Unit& unit) {
        const Nodes* const nodes = nodes_of(unit);
        return unit.settings().unit.ignore_on_isolate
               || (nodes && nodes->front()->type != JobType::stop);
    };
    for (Unit* const unit : engine_.units.list())
        if (!is_kept(*unit)
            && std::ranges::none_of(unit->dependencies.with(Effect::triggered_by), is_kept))
            add_stop_for_anchor(*unit);
}

/// Stops the units that would start the anchor again.
void Transaction::add_triggering_stops() {
    for (Unit& unit : anchor_->unit.dependencies.with(Effect::triggered_by))
        add_stop_for_anchor(unit);
}

void Transaction::add_stop_for_anchor(Unit& unit) {
    const bool has_nothing_to_stop = is_down(unit.active_state()) && !unit.job;
    if (!has_nothing_to_stop && !nodes_of(unit))
        add(JobType::stop, unit, {anchor_, true});
}

}  // namespace notifybridge::manager
