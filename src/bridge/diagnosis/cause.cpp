#include "bridge/diagnosis/cause.hpp"

namespace notifybridge::diagnosis {

std::optional<Diagnosis> first_of(std::span<const Cause> causes, const Facts& known) {
    for (const Cause& row : causes) {
        Facts facts = known;
        if (!row.holds(facts))
            continue;
        auto found = row.find ? row.find(facts.symptoms)
                              : Diagnosis{.verdict = row.verdict,
                                          .cause = fill_in(row.cause, facts),
                                          .remedy = fill_in(row.remedy, facts)};
        if (!found)
            continue;
        if (on_decision)
            on_decision(row);
        return found;
    }
    return std::nullopt;
}

std::optional<Diagnosis> first_of(std::span<const Cause> causes, const Symptoms& symptoms) {
    return first_of(causes, Facts(symptoms));
}

}  // namespace notifybridge::diagnosis
