#include "init/rules/unit_types/commands.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::unit_types {
namespace {

unit::Commands one(const std::string& path) {
    unit::Command command;
    command.path = path;
    return {command};
}

/// Returns the path of the first command of each list, by kinds. Returns "" for an empty list.
template <typename Settings>
std::vector<std::string> first_paths(const Settings& settings) {
    std::vector<std::string> paths;
    for (std::size_t at = 0; at < command_kind_count; ++at) {
        const unit::Commands& list = commands(settings, static_cast<CommandKind>(at));
        paths.push_back(list.empty() ? "" : list.front().path);
    }
    return paths;
}

using Programs = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(command_lists)

BOOST_AUTO_TEST_CASE(each_kind_of_command_has_the_name_of_its_directive) {
    BOOST_TEST(to_string(CommandKind::condition) == "ExecCondition");
    BOOST_TEST(to_string(CommandKind::start) == "ExecStart");
    BOOST_TEST(to_string(CommandKind::stop_post) == "ExecStopPost");
    BOOST_TEST(to_string(CommandKind::stop_pre) == "ExecStopPre");
}

BOOST_AUTO_TEST_CASE(a_service_has_no_commands_for_exec_stop_pre) {
    unit::ServiceSettings service;
    service.exec_condition.edit() = one("/condition");
    service.exec_start_pre.edit() = one("/pre");
    service.exec_start.edit() = one("/start");
    service.exec_start_post.edit() = one("/post");
    service.exec_reload.edit() = one("/reload");
    service.exec_stop.edit() = one("/stop");
    service.exec_stop_post.edit() = one("/stop-post");
    BOOST_TEST((first_paths(service)
                == Programs{"/condition", "/pre", "/start", "/post", "/reload", "/stop",
                            "/stop-post", ""}));
}

BOOST_AUTO_TEST_CASE(a_socket_has_four_lists_of_commands) {
    unit::SocketSettings socket;
    socket.exec_start_pre = one("/pre");
    socket.exec_start_post = one("/post");
    socket.exec_stop_pre = one("/stop-pre");
    socket.exec_stop_post = one("/stop-post");
    BOOST_TEST((first_paths(socket)
                == Programs{"", "/pre", "", "/post", "", "", "/stop-post", "/stop-pre"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
