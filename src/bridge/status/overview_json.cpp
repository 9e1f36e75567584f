#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "base/util/utf8.hpp"
#include "bridge/diagnosis/symptoms.hpp"
#include "bridge/status/fields.hpp"
#include "bridge/status/named_unit.hpp"
#include "bridge/status/overview_text.hpp"

namespace notifybridge::status {
namespace {

namespace json = boost::json;

/// Escapes a text that is not UTF-8, because JSON must be UTF-8.
json::string text(std::string_view bytes) {
    return util::is_utf8(bytes) ? json::string(bytes) : json::string(util::escape(bytes));
}

void append_utf16(std::string& out, std::uint32_t unit) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (const int shift : {12, 8, 4, 0})
        out += digits[unit >> shift & 15];
}

/// Writes invisible characters as \\uNNNN. Invisible characters occur only inside strings. JSON
/// itself escapes only ASCII control characters, except DEL.
std::string without_unseen(std::string_view serialized) {
    std::string out;
    out.reserve(serialized.size());
    while (!serialized.empty()) {
        const std::size_t length = util::utf8_sequence(serialized);
        const std::string_view sequence = serialized.substr(0, std::max<std::size_t>(1, length));
        serialized.remove_prefix(sequence.size());
        if (length == 0 || !util::is_unseen(sequence)) {
            out += sequence;
            continue;
        }
        const std::uint32_t point = util::code_point(sequence);
        constexpr std::uint32_t first_of_pairs = 0x10000;
        if (point < first_of_pairs) {
            append_utf16(out, point);
        } else {
            append_utf16(out, 0xD800 + ((point - first_of_pairs) >> 10));
            append_utf16(out, 0xDC00 + ((point - first_of_pairs) & 0x3FF));
        }
    }
    return out;
}

std::string on_a_line(const json::object& object) {
    return without_unseen(json::serialize(object)) + '\n';
}

/// Creates an object with the members that begin every answer.
json::object begin_answer() {
    json::object out;
    out["version"] = json_version;
    return out;
}

/// Adds a value to the object that the key names: "host.lane.open". Adds nothing to a null.
void add(json::object& out, std::string_view key, const Value& value) {
    json::object* object = &out;
    while (key.find('.') != key.npos) {
        object = object->at(util::take_until(key, '.')).if_object();
        if (!object)
            return;
    }
    (*object)[key] = value.is_string() ? Value(text(value.get_string())) : value;
}

void add(json::object& out, std::span<const Field> fields, const Overview& overview) {
    for (const Field& field : fields)
        if (!field.key.empty())
            add(out, field.key, field.value(overview));
}

void add_owner(json::object& out, const Owner& owner) {
    out["unit"] = owner.unit.empty() ? json::value() : json::value(text(owner.unit));
    out["uid"] = owner.uid;
    out["manager_uid"] = owner.manager ? json::value(*owner.manager) : json::value();
    out["mount_namespace"] = owner.mounts != 0 ? json::value(owner.mounts) : json::value();
}

void add_overview(json::object& out, const Overview& overview, std::string_view path) {
    out["shared_dir"] = text(path);
    if (overview.run)
        add(out, run_fields(), overview);
    add(out, directory_fields(), overview);
}

}  // namespace

std::string to_json(const Overview& overview, std::string_view path) {
    json::object out = begin_answer();
    add_overview(out, overview, path);
    return on_a_line(out);
}

std::string to_json(std::span<const NamedOverview> members, std::string_view path) {
    json::object out = begin_answer();
    out["shared_dir"] = text(path);
    json::object& all = out["members"].emplace_object();
    for (const NamedOverview& member : members)
        add_overview(all[text(member.member)].emplace_object(), member.overview, member.path);
    return on_a_line(out);
}

std::string to_json(const diagnosis::UnitFacts& unit) {
    json::object out = begin_answer();
    out["shared_dir"] = nullptr;
    out["unit"] = text(unit.name);
    out["manager_uid"] = unit.user ? json::value(*unit.user) : json::value();
    out["alive"] = is_alive(unit);
    out["ready"] = is_ready(unit);
    out["active_state"] = text(unit.active_state);
    out["sub_state"] = text(unit.sub_state);
    out["result"] = text(unit.result);
    out["status"] = text(unit.status_text);
    out["why_no_directory"] = text(why_no_directory(unit));
    return on_a_line(out);
}

std::string to_json_of_all(std::span<const NamedOverview> bridges) {
    json::object out = begin_answer();
    json::array& all = out["bridges"].emplace_array();
    for (const NamedOverview& bridge : bridges) {
        json::object& one = all.emplace_back(json::object()).get_object();
        add_owner(one, bridge.owner.value_or(Owner()));
        add_overview(one, bridge.overview, bridge.path);
    }
    return on_a_line(out);
}

}  // namespace notifybridge::status
