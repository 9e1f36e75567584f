#include "bridge/diagnosis/ignored_ready.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {

using util::concat;

std::string ignored_ready(const Symptoms& symptoms) {
    constexpr std::string_view verb = "ignoring";
    constexpr std::string_view object = " READY=1 of a process that is not the command";
    const LogLine* const line = find_line(symptoms, [&](const LogLine& each) {
        return each.kind == LogLine::Kind::warning && each.text.starts_with(verb)
               && std::string_view(each.text).substr(verb.size()).starts_with(object);
    });
    if (!line)
        return {};
    const std::string_view text = std::string_view(line->text).substr(0, line->text.find("; "));
    return line->writer == Writer::ours
               ? concat("wrap ignored", util::escape(text.substr(verb.size())))
               : said(*line, text);
}

std::string remedy_of_ignored_ready(const Symptoms& symptoms) {
    return concat(general_remedy_of_ignored_ready, " (", how_to_edit(symptoms), ')');
}

}  // namespace notifybridge::diagnosis
