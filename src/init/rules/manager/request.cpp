#include "init/rules/manager/request.hpp"

#include <utility>

#include "init/rules/manager/merge.hpp"

namespace notifybridge::manager {
namespace {

using unit::JobMode;
using MaybeRefusal = std::optional<Refusal>;

MaybeRefusal refuse_mode(JobType type, const Unit& unit, JobMode mode) {
    if (mode == JobMode::isolate && type != JobType::start)
        return Refusal{"Isolate is only valid for start.", "InvalidArgs"};
    if (mode == JobMode::isolate && !unit.settings().unit.allow_isolate)
        return Refusal{"Operation refused, unit may not be isolated.", "NoIsolation"};
    if (mode == JobMode::triggering && type != JobType::stop)
        return Refusal{"--job-mode=triggering is only valid for stop.", "InvalidArgs"};
    if (mode == JobMode::restart_dependencies && type != JobType::start)
        return Refusal{"--job-mode=restart-dependencies is only valid for start.", "InvalidArgs"};
    return std::nullopt;
}

MaybeRefusal begin(Transaction& transaction, JobType type, Unit& unit, JobMode mode) {
    if (MaybeRefusal refusal = refuse_mode(type, unit, mode))
        return refusal;
    return transaction.add_anchor(collapse(type, unit.active_state()), unit);
}

}  // namespace

Transaction::Outcome enqueue(EngineState& engine, JobType type, Unit& unit, JobMode mode) {
    Transaction transaction(engine, mode);
    if (MaybeRefusal refusal = begin(transaction, type, unit, mode))
        return {0, std::move(*refusal)};
    return transaction.activate();
}

MaybeRefusal try_job(EngineState& engine, JobType type, Unit& unit, JobMode mode) {
    Transaction transaction(engine, mode);
    if (MaybeRefusal refusal = begin(transaction, type, unit, mode))
        return refusal;
    return transaction.arrange();
}

void propagate_reload(EngineState& engine, Unit& unit) {
    Transaction transaction(engine, JobMode::fail);
    transaction.add_reloads_of(unit);
    // These jobs are optional. If one is refused, the transaction continues.
    transaction.activate();
}

}  // namespace notifybridge::manager
