#include "init/answers/dbus/answer.hpp"

#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "init/answers/dbus/value.hpp"

namespace notifybridge::dbus {
namespace {

/// The errors for which systemd uses D-Bus's general error names.
constexpr std::string_view general_errors =
    "AccessDenied Failed FileNotFound InconsistentMessage InvalidArgs IOError LimitsExceeded "
    "NotSupported PropertyReadOnly UnknownInterface UnknownMethod UnknownObject UnknownProperty";

}  // namespace

std::string error_name(std::string_view last_part) {
    return util::concat(util::has_word(general_errors, last_part) ? "org.freedesktop.DBus.Error."
                                                                  : "org.freedesktop.systemd1.",
                        last_part);
}

Answer failure(std::string_view error, std::string_view text) {
    return {.signature = {}, .values = {}, .error = error_name(error), .text = std::string(text)};
}

Answer text_answer(std::string_view text) {
    Answer answer{.signature = "s", .values = {}, .error = {}, .text = {}};
    add_text(answer.values, text);
    return answer;
}

Answer path_answer(std::string_view path) {
    Answer answer{.signature = "o", .values = {}, .error = {}, .text = {}};
    answer.values.add_string(path);
    return answer;
}

bus::Message to_message(const bus::Message& call, Answer answer) {
    if (answer.is_error()) {
        answer.signature = "s";
        answer.values = {};
        add_text(answer.values, answer.text);
    }
    bus::Message message;
    message.type = answer.is_error() ? bus::Message::Type::error : bus::Message::Type::answer;
    message.expects_answer = false;
    message.destination = call.sender;
    message.reply_serial = call.serial;
    message.error = std::move(answer.error);
    message.signature = std::move(answer.signature);
    message.body = std::move(answer.values.bytes);
    return message;
}

std::vector<std::string> read_strings(bus::Reader& reader) {
    std::vector<std::string> strings;
    const std::uint64_t size = reader.number();
    const std::uint64_t end = reader.position() + size;
    while (reader.is_good() && reader.position() < end)
        strings.push_back(reader.string());
    if (reader.position() != end)
        reader.fail();
    return strings;
}

}  // namespace notifybridge::dbus
