#include "init/hands/perform/unit_marks.hpp"

namespace notifybridge::perform {

std::optional<execute::Mark> UnitMarks::mark_of(const std::string& unit) {
    if (!marks_)
        return std::nullopt;
    const auto [place, is_new] = numbers_.try_emplace(unit);
    if (is_new) {
        // Numbers repeat after four billion starts. Skip a number that is still in use.
        do
            place->second = ++last_;
        while (!units_.try_emplace(last_, unit).second);
    }
    return marks_->mark(place->second);
}

std::string UnitMarks::unit_of(pid_t pid) const {
    const auto mark = marks_ ? execute::mark_of(pid) : std::nullopt;
    const auto number = mark ? marks_->number(*mark) : std::nullopt;
    const auto unit = number ? units_.find(*number) : units_.end();
    return unit == units_.end() ? std::string() : unit->second;
}

void UnitMarks::forget(const std::string& unit) {
    const auto number = numbers_.find(unit);
    if (number == numbers_.end())
        return;
    units_.erase(number->second);
    numbers_.erase(number);
}

}  // namespace notifybridge::perform
