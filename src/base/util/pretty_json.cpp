#include "base/util/pretty_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <vector>

#include "base/util/concat.hpp"

namespace notifybridge::util {
namespace {

namespace json = boost::json;

/// Returns `members` between two brackets, with each member on its own line.
std::string block(std::string_view open, const std::vector<std::string>& members,
                  std::string_view close, const std::string& margin, JsonStyle style) {
    std::string out(open);
    for (const std::string& member : members)
        out += concat(&member == members.data() ? "\n" : ",\n", margin, style.indent, member);
    return concat(out, members.empty() ? "" : "\n" + margin, close);
}

std::string pretty(const json::value& value, const std::string& margin, JsonStyle style) {
    const std::string inner = concat(margin, style.indent);
    std::vector<std::string> members;
    if (const json::object* const object = value.if_object()) {
        for (const auto& [name, member] : *object)
            members.push_back(
                concat(json::serialize(name), style.colon, pretty(member, inner, style)));
        return block("{", members, "}", margin, style);
    }
    if (const json::array* const array = value.if_array()) {
        for (const json::value& member : *array)
            members.push_back(pretty(member, inner, style));
        return block("[", members, "]", margin, style);
    }
    return json::serialize(value);
}

}  // namespace

std::string pretty_json(const json::value& value, JsonStyle style) {
    return pretty(value, "", style);
}

}  // namespace notifybridge::util
