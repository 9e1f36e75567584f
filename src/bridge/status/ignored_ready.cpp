#include "bridge/status/ignored_ready.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/status/remedy.hpp"

namespace notifybridge::status {

using util::concat;

std::string ignored_ready(const Symptoms& symptoms) {
    constexpr std::string_view verb = "ignoring";
    constexpr std::string_view object = " READY=1 of a process that is not the command";
    for (const LogLine& line : symptoms.log) {
        std::string_view text = line.text;
        if (line.kind != LogLine::Kind::warning || !text.starts_with(verb))
            continue;
        text.remove_prefix(verb.size());
        if (text.starts_with(object))
            return concat("wrap ignored", util::escape(text.substr(0, text.find("; "))));
    }
    return {};
}

std::string remedy_of_ignored_ready(const Symptoms& symptoms) {
    return concat(general_remedy_of_ignored_ready, " (", how_to_edit(symptoms), ')');
}

}  // namespace notifybridge::status
