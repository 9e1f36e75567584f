#include <optional>
#include <string>
#include <utility>

#include "init/files/calendar/event.hpp"
#include "init/files/directive/parse.hpp"

/// Reads the directives of systemd.timer(5).
namespace notifybridge::directive::parse {
namespace {

void calendar_rule(const unit::Line& line, const std::string& text,
                   std::vector<unit::ElapseRule>& rules) {
    if (auto event = calendar::parse(text))
        rules.push_back({.base = unit::TimerBase::calendar, .event = std::move(*event)});
    else if (const std::string why = calendar::explain_unknown_zone(text); !why.empty())
        line.ignore(why);
    else
        line.ignore("it is not a calendar event, such as \"daily\" or \"Mon..Fri 12:00\"");
}

void span_rule(const unit::Line& line, unit::TimerBase base, const std::string& text,
               std::vector<unit::ElapseRule>& rules) {
    if (const auto span = util::parse_time_span(text))
        rules.push_back({.base = base, .span = *span, .event = {}});
    else
        line.ignore("it is not a time span, such as \"90\" or \"5min 20s\"");
}

}  // namespace

void elapse_rule(unit::Line& line, unit::TimerBase base) {
    std::vector<unit::ElapseRule>& rules = line.settings().timer.edit().rules;
    if (resets(line, rules))
        return;
    const auto text = line.expand(line.value());
    if (!text)
        return;
    if (base == unit::TimerBase::calendar)
        calendar_rule(line, *text, rules);
    else
        span_rule(line, base, *text, rules);
}

}  // namespace notifybridge::directive::parse
