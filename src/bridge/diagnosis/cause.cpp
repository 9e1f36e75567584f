#include "bridge/diagnosis/cause.hpp"

namespace notifybridge::diagnosis {

std::optional<Diagnosis> first_of(std::span<const Cause> causes, const Symptoms& symptoms) {
    for (const Cause& row : causes) {
        Facts facts(symptoms);
        if (!row.holds(facts))
            continue;
        if (!row.find)
            return Diagnosis{.verdict = row.verdict,
                             .cause = fill(row.cause, facts),
                             .remedy = fill(row.remedy, facts)};
        if (auto found = row.find(symptoms))
            return found;
    }
    return std::nullopt;
}

}  // namespace notifybridge::diagnosis
