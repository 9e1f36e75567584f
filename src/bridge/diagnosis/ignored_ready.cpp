#include "bridge/diagnosis/ignored_ready.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/tags.hpp"
#include "bridge/diagnosis/facts.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {

using util::concat;

std::string ignored_ready(const Symptoms& symptoms) {
    Facts facts(symptoms);
    if (!facts.keep_first(find_tagged(symptoms, tags::ready_ignored)))
        return {};
    const std::string text = said(*facts.line, facts.part);
    return facts.line->writer == Writer::ours ? concat("wrap is ", text) : text;
}

std::string remedy_of_ignored_ready(const Symptoms& symptoms) {
    return concat(general_remedy_of_ignored_ready, " (", how_to_edit(symptoms), ')');
}

}  // namespace notifybridge::diagnosis
