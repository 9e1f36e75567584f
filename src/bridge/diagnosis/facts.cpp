#include "bridge/diagnosis/facts.hpp"

#include <utility>

namespace notifybridge::diagnosis {

bool Facts::keep(const LogLine* kept) {
    line = kept;
    part = kept ? std::string_view(kept->text) : std::string_view();
    return kept != nullptr;
}

bool Facts::keep_first(const LogLine* kept) {
    if (keep(kept))
        part = part.substr(0, part.find("; "));
    return kept != nullptr;
}

bool Facts::keep_reason(const LogLine* kept) {
    constexpr std::string_view between = "; ";
    if (keep(kept))
        if (const std::size_t at = part.find(between); at != part.npos)
            part.remove_prefix(at + between.size());
    return kept != nullptr;
}

bool Facts::keep(std::string text) {
    found = std::move(text);
    return !found.empty();
}

bool Facts::keep(std::optional<Diagnosis> diagnosis) {
    other = std::move(diagnosis);
    return other.has_value();
}

bool Facts::may_have_status(int status) const {
    return !end || *end == process::ExitStatus::exited(status);
}

const LogLine* last_of(const Facts& facts, LogLine::Kind kind) {
    return find_line(facts.symptoms, [=](const LogLine& line) { return line.kind == kind; });
}

const LogLine* last_tagged(const Facts& facts, tags::Tag tag) {
    return find_tagged(facts.symptoms, tag);
}

bool has_result(const Facts& facts, std::string_view result) {
    return facts.unit.result == result;
}

bool timed_out(const Facts& facts) {
    return has_result(facts, "timeout");
}

bool was_killed(const Facts& facts) {
    return facts.end && facts.end->signal != 0;
}

bool is_daemon(const Facts& facts) {
    return last_tagged(facts, tags::in_background) != nullptr;
}

std::vector<std::string> names_in_state(const std::vector<UnitFacts>& units,
                                        std::string_view active_state) {
    std::vector<std::string> names;
    for (const UnitFacts& unit : units)
        if (unit.active_state == active_state)
            names.push_back(unit.name);
    return names;
}

bool has_app_run(const Facts& facts) {
    return was_active(facts.unit) || last_tagged(facts, tags::before_ready);
}

}  // namespace notifybridge::diagnosis
