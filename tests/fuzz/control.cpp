// Fuzzes the calls that init reads from a client of the control socket, and the answers that ctl
// reads from init.

#include "init/answers/control/call.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "fuzz/fuzz.hpp"

namespace notifybridge {
namespace {

using fuzz::require;
namespace json = boost::json;

/// Returns whether the value contains a fraction. Calls contain no fractions, and reading one may
/// change its last digit.
bool has_fraction(const json::value& value) {
    if (const json::array* const array = value.if_array())
        return std::any_of(array->begin(), array->end(), has_fraction);
    if (const json::object* const object = value.if_object())
        return std::any_of(object->begin(), object->end(),
                           [](const auto& member) { return has_fraction(member.value()); });
    return value.is_double();
}

/// Returns the object that ctl reads if init sends `object`.
json::object transfer(const json::object& object) {
    control::PartialAnswer answer;
    const auto packets = control::to_packets(object);
    for (std::size_t at = 0; at < packets.size(); ++at) {
        require(!packets[at].empty() && packets[at].size() <= control::longest_packet,
                "a packet is not empty and not too long");
        const auto taken = answer.add(packets[at]);
        require(taken
                    == (at + 1 == packets.size() ? control::PartialAnswer::Taken::whole
                                                 : control::PartialAnswer::Taken::part),
                "an answer ends with its last packet");
    }
    const auto there = control::parse_packet(answer.take());
    require(there.has_value(), "a written answer can be parsed");
    return *there;
}

class FuzzedCall : public control::Call {
public:
    explicit FuzzedCall(json::object request) : Call(std::move(request), false) {}

    void answer(const json::object& object) override {
        require(transfer(object) == object, "an answer is the same after its transfer");
        ++answers;
    }
    bool is_over() const override { return false; }

    int answers = 0;
};

void check_call(json::object request) {
    FuzzedCall call(std::move(request));
    for (const auto& member : call.request()) {
        const json::string* const text = member.value().if_string();
        require(call.text(member.key()) == (text ? std::string_view(*text) : ""),
                "text() returns the text of the member");
        require(call.flag(member.key()) == (member.value() == json::value(true)),
                "flag() returns whether the member is true");
    }
    call.answer({{"line", call.text("call")}});
    call.refuse("UnknownMethod", call.text("call"));
    call.finish();
    require(call.answers == 3, "each answer is sent");
}

void check_long_answer(std::string_view text) {
    std::string line;
    while (line.size() <= control::longest_packet)
        line += text;
    const json::object object = {{"line", line}};
    require(transfer(object) == object, "a long answer is the same after its transfer");
}

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    const std::string_view text = fuzz::as_text(data, size);
    if (auto object = control::parse_packet(text)) {
        require(has_fraction(*object) || transfer(*object) == *object,
                "a call is the same after its transfer");
        check_call(std::move(*object));
    }
    // Check only some of the answers, because writing a long answer is slow.
    if (size % 128 == 127)
        check_long_answer(text);
    return 0;
}
