#include "init/ctl/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>
#include <vector>

#include "base/util/concat.hpp"

namespace notifybridge::ctl {
namespace {

namespace json = boost::json;

using util::concat;

/// What `members` say between two brackets, each on a line.
std::string block(std::string_view open, const std::vector<std::string>& members,
                  std::string_view close, const std::string& indent) {
    std::string out(open);
    for (const std::string& member : members)
        out += concat(&member == members.data() ? "\n\t" : ",\n\t", indent, member);
    return concat(out, members.empty() ? "" : "\n" + indent, close);
}

std::string pretty(const json::value& value, const std::string& indent) {
    const std::string inner = indent + '\t';
    std::vector<std::string> members;
    if (const json::object* const object = value.if_object()) {
        for (const auto& [name, member] : *object)
            members.push_back(concat(json::serialize(name), " : ", pretty(member, inner)));
        return block("{", members, "}", indent);
    }
    if (const json::array* const array = value.if_array()) {
        for (const json::value& member : *array)
            members.push_back(pretty(member, inner));
        return block("[", members, "]", indent);
    }
    return json::serialize(value);
}

}  // namespace

std::string json_text(const json::value& value, bool is_pretty) {
    return (is_pretty ? pretty(value, "") : json::serialize(value)) + '\n';
}

}  // namespace notifybridge::ctl
