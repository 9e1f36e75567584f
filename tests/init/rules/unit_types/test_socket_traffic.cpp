#include "socket_scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::SocketScene;

BOOST_AUTO_TEST_SUITE(socket_traffic)

BOOST_AUTO_TEST_CASE(traffic_starts_the_service_and_ends_polling_of_the_socket) {
    SocketScene scene("");
    scene.start();
    scene.traffic();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(!scene.world.is_watching);
    BOOST_TEST(scene.world.find("/main") != 0);
    // The socket does not watch for traffic until the service is down.
    scene.traffic();
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/listening");
    BOOST_TEST(scene.world.is_watching);
    BOOST_TEST(!scene.world.did("close a.socket"));
}

BOOST_AUTO_TEST_CASE(a_service_started_without_traffic_gets_the_sockets) {
    SocketScene scene("");
    scene.start();
    scene.do_job(manager::JobType::start, scene.get<Service>("a.service"));
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(a_socket_does_not_start_while_its_service_is_running) {
    SocketScene scene("");
    scene.do_job(manager::JobType::start, scene.get<Service>("a.service"));
    BOOST_TEST(scene.state() == "inactive/dead");
    scene.start();
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.jobs.back() == "a.socket start failed");
}

BOOST_AUTO_TEST_CASE(a_socket_does_not_start_without_its_service) {
    test::Scene scene;
    scene.add("a.socket", "[Socket]\nListenStream=80\n");
    Socket& socket = scene.get<Socket>("a.socket");
    scene.do_job(manager::JobType::start, socket);
    BOOST_TEST(test::Scene::state_of(socket) == "inactive/dead");
    BOOST_TEST((socket.start() == manager::Verdict::failed));
}

/// The socket has the longest possible name, so the name of its service would be too long.
BOOST_AUTO_TEST_CASE(a_socket_whose_service_can_have_no_name_does_not_start) {
    const std::string name = std::string(248, 'a') + ".socket";
    const std::string text = "[Socket]\nListenStream=80\n";
    test::Scene scene;
    scene.add("b.service", "[Service]\nExecStart=/main\n");
    scene.add(name, text + "Service=b.service\n");
    Socket& socket = scene.get<Socket>(name);
    scene.do_job(manager::JobType::start, socket);
    BOOST_TEST(test::Scene::state_of(socket) == "active/listening");
    scene.add(name, text);
    scene.engine.reload_files();
    socket.traffic(0);
    BOOST_TEST(test::Scene::state_of(socket) == "failed/failed");
    BOOST_TEST(socket.result() == "resources");
    scene.do_job(manager::JobType::start, socket);
    BOOST_TEST(test::Scene::state_of(socket) == "failed/failed");
}

BOOST_AUTO_TEST_CASE(a_service_that_cannot_start_fails_its_socket) {
    SocketScene scene("");
    scene.start();
    scene.remove("a.service");
    scene.engine.reload_files();
    scene.traffic();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "resources");
}

BOOST_AUTO_TEST_CASE(a_service_with_a_restart_job_is_not_started_again) {
    SocketScene scene("", "After=b.service\n");
    scene.add("b.service", "[Service]\nType=notify\nExecStart=/slow\n");
    scene.engine.reload_files();
    scene.do_job(manager::JobType::start, scene.get<Service>("b.service"));
    scene.start();
    Service& service = scene.get<Service>("a.service");
    scene.do_job(manager::JobType::restart, service);
    const std::uint64_t job = service.job->id;
    scene.traffic();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(service.job->id == job);
}

/// As in systemd, the socket listens when only leftovers of the service are being ended.
BOOST_AUTO_TEST_CASE(a_socket_listens_while_service_leftovers_are_ended) {
    for (const std::string mode : {"control-group", "mixed"}) {
        SocketScene scene("", "", "ExecStart=/main\nTimeoutStopSec=1\nKillMode=" + mode + "\n");
        scene.start();
        scene.traffic();
        scene.world.start("a.service", "child");
        scene.exit("/main");
        BOOST_TEST(scene.state() == "active/running", mode);
        Service& service = scene.get<Service>("a.service");
        while (!is_final_signal(service.state()) && service.deadline() != 0)
            scene.pass(seconds(1));
        BOOST_TEST(scene.state() == "active/listening", mode);
        BOOST_TEST(service.sub_state() == (mode == "mixed" ? "final-sigkill" : "final-sigterm"));
    }
}

BOOST_AUTO_TEST_CASE(flush_pending_drops_waiting_data_before_listening) {
    SocketScene scene("FlushPending=yes\n");
    scene.start();
    BOOST_TEST(scene.world.did("flush a.socket"));
}

BOOST_AUTO_TEST_CASE(a_socket_with_a_stop_job_drops_waiting_traffic) {
    SocketScene scene("");
    scene.start();
    scene.engine.enqueue(manager::JobType::stop, scene.socket(), unit::JobMode::replace);
    scene.socket().traffic(0);
    BOOST_TEST(scene.world.did("flush a.socket"));
    BOOST_TEST(scene.world.find("/main") == 0);
}

BOOST_AUTO_TEST_CASE(too_many_triggers_make_a_socket_unit_fail) {
    SocketScene scene("TriggerLimitIntervalSec=10\nTriggerLimitBurst=3\n");
    scene.start();
    for (int trigger = 0; trigger < 3; ++trigger) {
        scene.traffic();
        scene.exit("/main");
        BOOST_TEST(scene.state() == "active/listening");
    }
    scene.traffic();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "trigger-limit-hit");
    BOOST_TEST(scene.world.find("/main") == 0);
}

BOOST_AUTO_TEST_CASE(a_reload_resets_the_trigger_count) {
    SocketScene scene("TriggerLimitIntervalSec=10\nTriggerLimitBurst=3\n");
    scene.start();
    for (int trigger = 0; trigger < 6; ++trigger) {
        if (trigger == 3)
            scene.engine.reload_files();
        scene.traffic();
        scene.exit("/main");
        BOOST_TEST(scene.state() == "active/listening");
    }
    scene.traffic();
    BOOST_TEST(scene.result() == "trigger-limit-hit");
}

BOOST_AUTO_TEST_CASE(rare_triggers_do_not_reach_the_trigger_limit) {
    SocketScene scene("TriggerLimitIntervalSec=10\nTriggerLimitBurst=3\n");
    scene.start();
    for (int trigger = 0; trigger < 20; ++trigger) {
        scene.traffic();
        scene.exit("/main");
        scene.pass(seconds(4));
    }
    BOOST_TEST(scene.state() == "active/listening");
}

BOOST_AUTO_TEST_CASE(the_poll_limit_pauses_polling_for_its_interval) {
    SocketScene scene("PollLimitIntervalSec=2\nPollLimitBurst=3\nTriggerLimitBurst=0\n");
    scene.start();
    for (int poll = 0; poll < 3; ++poll) {
        scene.pass(milliseconds(100));
        scene.traffic();
        scene.exit("/main");
    }
    scene.traffic();
    BOOST_TEST(scene.state() == "active/listening");
    BOOST_TEST(!scene.world.is_watching);
    BOOST_TEST(scene.world.find("/main") == 0);
    scene.pass(milliseconds(1600));
    BOOST_TEST(!scene.world.is_watching);
    scene.pass(milliseconds(200));
    BOOST_TEST(scene.world.is_watching);
    scene.traffic();
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(polling_never_pauses_without_a_poll_limit) {
    SocketScene scene("TriggerLimitBurst=0\n");
    scene.start();
    for (int poll = 0; poll < 100; ++poll) {
        scene.traffic();
        scene.exit("/main");
    }
    BOOST_TEST(scene.world.is_watching);
}

BOOST_AUTO_TEST_CASE(the_start_limit_of_a_service_fails_its_socket) {
    SocketScene scene("", "StartLimitIntervalSec=10\nStartLimitBurst=2\n");
    scene.start();
    for (int start = 0; start < 2; ++start) {
        scene.traffic();
        scene.exit("/main", 1);
        BOOST_TEST(scene.state() == "active/listening");
    }
    scene.traffic();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "service-start-limit-hit");
}

BOOST_AUTO_TEST_CASE(waiting_traffic_restarts_a_failed_service) {
    SocketScene scene("", "", "Type=notify\nExecStart=/main\n");
    scene.start();
    scene.traffic();
    BOOST_TEST(scene.state() == "active/running");
    scene.exit("/main", 1);
    BOOST_TEST(scene.state() == "active/listening");
    scene.traffic();
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(a_socket_that_is_started_too_often_fails) {
    SocketScene scene("");
    scene.socket().start_limited();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "start-limit-hit");
    scene.socket().reset_failed();
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.result() == "success");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(socket_connections)

BOOST_AUTO_TEST_CASE(each_connection_has_a_service_of_its_own) {
    SocketScene scene("Accept=yes\n");
    scene.start();
    scene.connect();
    scene.connect();
    BOOST_TEST(scene.state() == "active/listening");
    BOOST_TEST((scene.instances()
                == std::vector<std::string>{"a@0-127.0.0.1:80-10.0.0.1:4711.service",
                                            "a@1-127.0.0.1:80-10.0.0.1:4711.service"}));
    BOOST_TEST(scene.world.did("hand a@0-127.0.0.1:80-10.0.0.1:4711.service"));
    BOOST_TEST(scene.socket().accepted() == 2U);
    BOOST_TEST(scene.socket().connections() == 2U);
    scene.exit("/main");
    BOOST_TEST(scene.world.did("hang-up a@0-127.0.0.1:80-10.0.0.1:4711.service"));
    BOOST_TEST(scene.socket().connections() == 1U);
}

BOOST_AUTO_TEST_CASE(a_connection_is_described_by_its_peer) {
    SocketScene plain("Accept=yes\n");
    plain.start();
    plain.connect();
    BOOST_TEST(plain.get<Service>(plain.instances().front()).settings().unit.description
               == "10.0.0.1:4711");
    SocketScene described("Accept=yes\n", "Description=Echo\n");
    described.start();
    described.connect();
    BOOST_TEST(described.get<Service>(described.instances().front()).settings().unit.description
               == "Echo (10.0.0.1:4711)");
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_gone_before_accept_is_not_counted) {
    SocketScene scene("Accept=yes\n");
    scene.start();
    scene.traffic();
    BOOST_TEST(scene.socket().accepted() == 0U);
    BOOST_TEST(scene.socket().refused() == 0U);
    BOOST_TEST(scene.state() == "active/listening");
}

BOOST_AUTO_TEST_CASE(connections_above_the_limit_are_refused) {
    SocketScene scene("Accept=yes\nMaxConnections=2\n");
    scene.start();
    for (int count = 0; count < 5; ++count)
        scene.connect();
    BOOST_TEST(scene.socket().connections() == 2U);
    BOOST_TEST(scene.socket().refused() == 3U);
    BOOST_TEST(scene.world.did("refuse a.socket"));
    BOOST_TEST(scene.state() == "active/listening");
    scene.exit("/main");
    scene.connect();
    BOOST_TEST(scene.socket().connections() == 2U);
}

BOOST_AUTO_TEST_CASE(each_source_has_a_separate_connection_limit) {
    SocketScene scene("Accept=yes\nMaxConnectionsPerSource=1\n");
    scene.start();
    scene.connect("10.0.0.1");
    scene.connect("10.0.0.1");
    scene.connect("10.0.0.2");
    BOOST_TEST(scene.socket().connections() == 2U);
    BOOST_TEST(scene.socket().refused() == 1U);
}

BOOST_AUTO_TEST_CASE(a_client_without_an_address_has_no_source_limit) {
    SocketScene scene("Accept=yes\nMaxConnectionsPerSource=1\n");
    scene.start();
    for (int count = 0; count < 3; ++count) {
        Connection connection;
        connection.local.ss_family = connection.remote.ss_family = AF_UNIX;
        scene.world.waiting.push_back(connection);
        scene.traffic();
    }
    BOOST_TEST(scene.socket().connections() == 3U);
}

BOOST_AUTO_TEST_CASE(a_socket_with_a_stop_job_refuses_connections) {
    SocketScene scene("Accept=yes\n");
    scene.add("b.service", "[Service]\nExecStart=/slow\n", "After=a.socket\n");
    Service& slow = scene.get<Service>("b.service");
    scene.start();
    scene.do_job(manager::JobType::start, slow);
    scene.do_job(manager::JobType::stop, slow);
    scene.stop();
    scene.connect();
    BOOST_TEST(scene.state() == "active/listening");
    BOOST_TEST(scene.socket().refused() == 1U);
    BOOST_TEST(scene.instances().empty());
}

BOOST_AUTO_TEST_CASE(a_connection_whose_service_cannot_start_fails_the_socket) {
    SocketScene scene("Accept=yes\n", "Requires=missing.service\n");
    scene.start();
    scene.connect();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "resources");
    BOOST_TEST(scene.socket().connections() == 0U);
}

BOOST_AUTO_TEST_CASE(a_connection_whose_instance_name_is_too_long_is_refused) {
    const std::string name(240, 'a');
    test::Scene scene;
    scene.add(name + ".socket", "[Socket]\nListenStream=80\nAccept=yes\n");
    scene.add(name + "@.service", "[Service]\nExecStart=/main\n");
    Socket& socket = scene.get<Socket>(name + ".socket");
    scene.do_job(manager::JobType::start, socket);
    Connection connection;
    connection.local.ss_family = connection.remote.ss_family = AF_UNIX;
    connection.peer = system::Credentials{1234567, 1234567, 1};
    scene.world.waiting.push_back(connection);
    socket.traffic(0);
    BOOST_TEST(test::Scene::state_of(socket) == "failed/failed");
    BOOST_TEST(scene.world.did("refuse " + name + ".socket"));
}

BOOST_AUTO_TEST_CASE(an_accepting_socket_without_a_template_fails) {
    test::Scene scene;
    scene.add("a.socket", "[Socket]\nListenStream=80\nAccept=yes\n");
    Socket& socket = scene.get<Socket>("a.socket");
    scene.do_job(manager::JobType::start, socket);
    scene.world.waiting.resize(1);
    socket.traffic(0);
    BOOST_TEST(test::Scene::state_of(socket) == "failed/failed");
    BOOST_TEST(socket.result() == "resources");
    BOOST_TEST(scene.world.did("refuse a.socket"));
    BOOST_TEST(socket.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(an_accept_error_fails_the_socket) {
    SocketScene scene("Accept=yes\n");
    scene.start();
    scene.world.is_out_of_fds = true;
    scene.traffic();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "resources");
}

BOOST_AUTO_TEST_CASE(a_flood_of_connections_hits_the_trigger_limit) {
    SocketScene scene("Accept=yes\nTriggerLimitIntervalSec=10\nTriggerLimitBurst=3\n");
    scene.start();
    for (int count = 0; count < 4; ++count)
        scene.connect();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.result() == "trigger-limit-hit");
    BOOST_TEST(scene.socket().refused() == 1U);
    // Existing connections continue.
    BOOST_TEST(scene.instances().size() == 3U);
}

BOOST_AUTO_TEST_CASE(the_failure_of_a_connection_does_not_fail_the_socket) {
    SocketScene scene("Accept=yes\n", "StartLimitIntervalSec=10\nStartLimitBurst=1\n");
    scene.start();
    scene.connect();
    scene.exit("/main", 1);
    scene.connect();
    BOOST_TEST(scene.state() == "active/listening");
    BOOST_TEST(scene.socket().connections() == 1U);
}

BOOST_AUTO_TEST_CASE(a_service_has_one_connection_at_most) {
    SocketScene scene("Accept=yes\n");
    scene.start();
    scene.connect();
    Connections others;
    Service& service = scene.get<Service>(scene.instances().front());
    BOOST_TEST(!service.take_connection(others.take("x"), "y"));
    BOOST_TEST(others.count() == 0U);
    // An inactive service that has a connection accepts no other connection. An unknown peer is not
    // in the description.
    scene.add("b.service", "[Service]\nExecStart=/main\n", "Description=B\n");
    Service& other = scene.get<Service>("b.service");
    BOOST_TEST(other.take_connection(others.take("x"), ""));
    BOOST_TEST(other.label() == "b.service - B");
    BOOST_TEST(!other.take_connection(others.take("x"), "y"));
    BOOST_TEST(others.count() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::unit_types
