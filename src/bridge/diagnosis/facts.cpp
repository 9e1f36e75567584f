#include "bridge/diagnosis/facts.hpp"

#include <algorithm>
#include <utility>

namespace notifybridge::diagnosis {

bool Facts::keep(const LogLine* kept) {
    line = kept;
    part = kept ? std::string_view(kept->text) : std::string_view();
    return kept != nullptr;
}

bool Facts::keep_until(const LogLine* kept, std::string_view words) {
    if (keep(kept))
        part = part.substr(0, part.find(words) + words.size());
    return kept != nullptr;
}

bool Facts::keep_before(const LogLine* kept, std::string_view words) {
    if (keep(kept))
        part = part.substr(0, part.find(words));
    return kept != nullptr;
}

bool Facts::keep_from(const LogLine* kept, std::string_view words) {
    if (keep(kept))
        part.remove_prefix(part.find(words));
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
    return last_that_begins(facts, kind, {});
}

const LogLine* last_that_begins(const Facts& facts, LogLine::Kind kind, std::string_view words) {
    return find_line(facts.symptoms, [=](const LogLine& line) {
        return line.kind == kind && line.text.starts_with(words);
    });
}

const LogLine* last_with(const Facts& facts, LogLine::Kind kind, std::string_view words) {
    return find_line(facts.symptoms, [=](const LogLine& line) {
        return line.kind == kind && line.text.find(words) != line.text.npos;
    });
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
    return std::ranges::any_of(facts.symptoms.log, [](const LogLine& line) {
        return line.kind == LogLine::Kind::warning
               && line.text.starts_with("the command ended and left processes behind")
               && line.text.find("puts itself into the background") != line.text.npos;
    });
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
    return was_active(facts.unit) || last_with(facts, LogLine::Kind::warning, " before READY=1");
}

}  // namespace notifybridge::diagnosis
