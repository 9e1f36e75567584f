#include "bridge/diagnosis/cause.hpp"

namespace notifybridge::diagnosis {

std::optional<Diagnosis> first_of(std::span<const Cause> causes, const Facts& known) {
    for (const Cause& row : causes) {
        Facts facts = known;
        if (!row.holds(facts))
            continue;
        if (!row.find)
            return Diagnosis{.verdict = row.verdict,
                             .cause = fill_in(row.cause, facts),
                             .remedy = fill_in(row.remedy, facts)};
        if (auto found = row.find(facts.symptoms))
            return found;
    }
    return std::nullopt;
}

std::optional<Diagnosis> first_of(std::span<const Cause> causes, const Symptoms& symptoms) {
    return first_of(causes, Facts(symptoms));
}

}  // namespace notifybridge::diagnosis
