#include "init/files/unit/merge_variables.hpp"

#include <map>
#include <utility>

namespace notifybridge::unit {

void merge_variables(Environment& environment, Environment added) {
    constexpr std::size_t few = 16;
    if (added.size() <= few) {
        for (std::string& assignment : added)
            set_variable(environment, std::move(assignment));
        return;
    }
    const auto name_of = [](const std::string& assignment) {
        return assignment.substr(0, assignment.find('='));
    };
    std::map<std::string, std::size_t> places;
    for (std::size_t at = 0; at < environment.size(); ++at)
        places.emplace(name_of(environment[at]), at);
    for (std::string& assignment : added) {
        const auto [place, is_new] = places.emplace(name_of(assignment), environment.size());
        if (is_new)
            environment.push_back(std::move(assignment));
        else
            environment[place->second] = std::move(assignment);
    }
}

}  // namespace notifybridge::unit
