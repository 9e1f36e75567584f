#include "bridge/diagnosis/manager_faults.hpp"

#include <algorithm>
#include <span>
#include <string>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/utf8.hpp"
#include "base/util/words.hpp"
#include "bridge/diagnosis/cause.hpp"
#include "bridge/runtime/image_of_command.hpp"
#include "bridge/runtime/own_command.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

// Remedies. They have slots, like those of causes.
constexpr const char* configure_docker = "{configure_docker}";
constexpr const char* log_in = "`{manager} login` as the user of the unit";
constexpr const char* pull =
    "check the name of the image, and that the registry answers: `{manager} pull {image}`";
constexpr const char* platform = "use an image for the architecture of this machine (`uname -m`)";
constexpr const char* replace =
    "if it belongs to another service, choose another --name=; if it is a leftover of this one, "
    "{replace_container}";
constexpr const char* mount =
    "mount the program: `-v /usr/bin/notifybridge:/opt/container-notify-wrapper:ro` ({edit})";
constexpr const char* permit =
    "check the permissions of what the message names; if SELinux is in use, `ausearch -m avc -ts "
    "recent` shows what it has denied";
constexpr const char* make_room = "`df` and `df -i` show which; remove files there";
constexpr const char* read =
    "read the whole message: {journal}; if it is about an option, correct the command line: {edit}";
constexpr const char* correct = "correct the command line: {edit}";

/// A known message of podman 4 and 5, docker 20 to 29, nerdctl or an OCI runtime.
struct KnownFault {
    std::string pattern;
    std::string cause;
    std::string remedy;
};

std::span<const KnownFault> known_faults() {
    static const KnownFault rows[] = {
        {"no space left on device", "a file system is full", make_room},
        {"Cannot connect to the Docker daemon", "docker's daemon is not running", "{start_docker}"},
        {"failed to connect to the docker API", "docker's daemon is not running", "{start_docker}"},
        {"Unknown runtime specified", "docker does not know the runtime notifybridge",
         configure_docker},
        {"unknown or invalid runtime name", "docker does not know the runtime notifybridge",
         configure_docker},
        {"\"apparmor_parser\": executable file not found", "docker needs the package apparmor",
         read},
        {"unauthorized", "the registry refuses the image", log_in},
        {"authentication required", "the registry refuses the image", log_in},
        {"pull access denied", "there is no such image, or the registry refuses it", pull},
        {"no matching manifest", "the image does not exist for the architecture of this machine",
         platform},
        {"no image found in", "the image does not exist for the architecture of this machine",
         platform},
        {std::string(runtime::wrapper_name.view()),
         "the container does not have container-notify-wrapper", mount},
        {"xec format error", "the image is for another architecture", platform},
        {"manifest unknown", "the registry does not have the image", pull},
        {"image not known", "there is no such image", pull},
        {"No such image", "there is no such image", pull},
        {"Unable to find image", "there is no such image", pull},
        {"initializing source", "the image cannot be pulled", pull},
        {"/v2/\": ", "the request to the registry failed", pull},
        {"failed to resolve reference", "the image cannot be pulled", pull},
        {"is already in use", "a container of this name already exists", replace},
        {"port is already allocated", "a published port is already in use", correct},
        {"address already in use", "a published port is already in use", correct},
        {"nknown flag", "the container manager does not know an option", correct},
        {"nknown shorthand flag", "the container manager does not know an option", correct},
    };
    return rows;
}

/// Returns the words of the container manager's command line in ExecStart=.
std::vector<std::string> manager_words(const Symptoms& symptoms) {
    const auto words = start_words(symptoms.unit);
    return {std::ranges::find(words, symptoms.command.manager), words.end()};
}

/// Returns whether docker could not execute our runtime, because the path in daemon.json does not
/// exist. docker 29 looks up the path. In older versions, containerd executes the path or, if the
/// runtime has runtimeArgs, a shell script that executes the path.
bool is_runtime_missing(std::string_view text) {
    constexpr std::string_view look_up = "looking up the specified runtime path: ";
    constexpr std::string_view no_answer = "unable to retrieve OCI runtime error (";
    if (const std::size_t path = text.find(look_up); path != text.npos)
        return text.find(runtime::program_name, path) != text.npos;
    const std::size_t at = text.find(no_answer);
    if (at == text.npos)
        return false;
    // Skip the words in brackets, which are about the log that the runtime should have written.
    const std::size_t end = text.find("): ", at);
    const std::string_view rest = end == text.npos ? std::string_view() : text.substr(end);
    const auto has = [&](std::string_view part) { return rest.find(part) != rest.npos; };
    return has(runtime::program_name)
           && ((has("fork/exec ") && has("no such file or directory"))
               || (has("exit status 127") && has("not found")));
}

/// Returns whether a line is the last error line of podman, docker or nerdctl.
bool is_last_error(std::string_view text) {
    return text.starts_with("Error: ") || text.starts_with("docker: ")
           || text.find("level=fatal") != text.npos;
}

/// How a sentence of our runtime or hook begins in a message of the container manager.
constexpr std::string_view our_prefix = "notifybridge: ";

/// Quotes like util::quote, but does not cut a text of up to 1 KiB.
std::string quote_whole(std::string_view text) {
    constexpr std::size_t most = 1024;
    std::string out = "\"";
    for (const char byte : util::escape(text.substr(0, most))) {
        if (byte == '"')
            out += '\\';
        out += byte;
    }
    return out + '"';
}

/// Quotes a message. Shortens a long message in its middle, because the reason is at its end. If
/// the message contains one of ours, quotes only ours, as a whole.
std::string quote_message(std::string_view text) {
    constexpr std::size_t most_begin = 60;
    constexpr std::size_t most_end = 180;
    if (const std::size_t ours = text.find(our_prefix); ours != text.npos)
        return quote_whole(text.substr(ours + our_prefix.size()));
    if (text.size() <= most_begin + most_end)
        return util::quote(text);
    const std::size_t space = text.find(' ', text.size() - most_end);
    const std::string_view end = space == text.npos ? std::string_view() : text.substr(space);
    return util::quote(concat(util::shorten(text, end.empty() ? 240 : most_begin), end));
}

/// Returns the messages of other programs, the last one first, but those with a sentence of our
/// runtime or hook before all others. A line that ends with ":" and the next line are one message.
std::vector<std::string> messages_in(const std::vector<LogLine>& log) {
    std::vector<std::string> messages;
    bool goes_on = false;
    for (const LogLine& line : log) {
        if (line.kind != LogLine::Kind::other)
            continue;
        if (goes_on)
            messages.back() += concat(' ', line.text);
        else
            messages.push_back(line.text);
        goes_on = line.text.ends_with(':');
    }
    std::ranges::reverse(messages);
    std::ranges::stable_partition(messages, [](const std::string& message) {
        return message.find(our_prefix) != message.npos;
    });
    return messages;
}

}  // namespace

std::string image_of(const Symptoms& symptoms) {
    const auto image = runtime::image_of_command(manager_words(symptoms));
    return image ? util::shell_word(image->image) : "IMAGE";
}

std::optional<Diagnosis> manager_fault(const Symptoms& symptoms) {
    const Facts facts(symptoms);
    for (const std::string& message : messages_in(symptoms.log)) {
        if (is_runtime_missing(message))
            return Diagnosis{
                .cause =
                    concat("docker's settings name a path of notifybridge that does not exist: ",
                           util::quote(message)),
                .remedy = fill_in(configure_docker, facts)};
        for (const KnownFault& fault : known_faults())
            if (message.find(fault.pattern) != std::string::npos)
                return Diagnosis{.cause = concat(fault.cause, ": ", quote_message(message)),
                                 .remedy = fill_in(fault.remedy, facts)};
        if (is_last_error(message) || message.find(our_prefix) != message.npos)
            return Diagnosis{
                .cause = concat("the container was not started: ", quote_message(message)),
                .remedy = fill_in(message.find("ermission denied") != message.npos ? permit : read,
                                  facts)};
    }
    return std::nullopt;
}

}  // namespace notifybridge::diagnosis
