#include "init/hands/perform/child_listeners.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "init/rules/unit_types/sockets.hpp"

namespace notifybridge::perform {
namespace {

using listen::Listener;
using util::concat;

// An answer is a list of items. Each item begins with one of these letters, and ends with a null
// byte. A path contains no null byte.
constexpr char end_of_item = '\0';
constexpr char accepting_listener = 'a';
constexpr char other_listener = 'l';
constexpr char warning_item = 'w';
constexpr char owner_error = 'o';
constexpr char other_error = 'e';
/// The last item, so that a missing end is noticed.
constexpr char complete = '.';

void refuse_regular_files(const std::vector<Listener>& listeners,
                          const unit::SocketSettings& settings) {
    for (std::size_t at = 0; at < listeners.size(); ++at) {
        struct stat status;
        if (::fstat(listeners[at].fd.get(), &status) < 0 || S_ISREG(status.st_mode))
            throw std::system_error(EPERM, std::system_category(), settings.listen[at].address);
    }
}

/// Returns an item with the number and the text of an error.
std::string error_item(char kind, const std::system_error& error) {
    std::string_view text = error.what();
    const std::string reason = concat(": ", error.code().message());
    if (text.ends_with(reason))
        text.remove_suffix(reason.size());
    return concat(kind, error.code().value(), ' ', text, end_of_item);
}

[[noreturn]] void throw_item(char kind, std::string_view text) {
    const int number = util::parse_number<int>(util::take_until(text, ' ')).value_or(EIO);
    const std::error_code code(number, std::system_category());
    if (kind == owner_error)
        throw unit_types::OwnerError(code, std::string(text));
    throw std::system_error(code, std::string(text));
}

}  // namespace

ChildLooks::Answer open_for_answer(const unit::SocketSettings& settings) {
    ChildLooks::Answer answer;
    std::vector<std::string> warnings;
    try {
        listen::InheritedFds none;
        auto listeners = listen::open_listeners(settings, none, warnings);
        refuse_regular_files(listeners, settings);
        for (Listener& listener : listeners) {
            answer.text += concat(listener.accepts ? accepting_listener : other_listener,
                                  listener.path, end_of_item);
            answer.fds.push_back(std::move(listener.fd));
        }
    } catch (const unit_types::OwnerError& error) {
        answer.text += error_item(owner_error, error);
    } catch (const std::system_error& error) {
        answer.text += error_item(other_error, error);
    }
    for (const std::string& text : warnings)
        answer.text += concat(warning_item, text, end_of_item);
    answer.text += concat(complete, end_of_item);
    return answer;
}

std::vector<Listener> listeners_of_answer(ChildLooks::Answer answer,
                                          std::vector<std::string>& warnings) {
    std::vector<Listener> listeners;
    bool is_complete = false;
    for (std::string_view rest = answer.text; !rest.empty();) {
        std::string_view item = util::take_until(rest, end_of_item);
        const char kind = item.empty() ? complete : item.front();
        item.remove_prefix(item.empty() ? 0 : 1);
        if (kind == owner_error || kind == other_error)
            throw_item(kind, item);
        if (kind == warning_item)
            warnings.emplace_back(item);
        else if (kind == complete)
            is_complete = true;
        else
            listeners.push_back({{}, std::string(item), kind == accepting_listener});
    }
    if (!is_complete)
        throw std::system_error(EINTR, std::system_category(), "the process that opens the files");
    if (listeners.size() != answer.fds.size())
        throw std::system_error(EMFILE, std::system_category(), "receive descriptors");
    for (std::size_t at = 0; at < listeners.size(); ++at)
        listeners[at].fd = std::move(answer.fds[at]);
    return listeners;
}

}  // namespace notifybridge::perform
