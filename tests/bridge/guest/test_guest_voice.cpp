#include "bridge/guest/guest_voice.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::guest {
namespace {

std::string speak(GuestVoice& voice, std::string_view datagram) {
    return voice.speak(datagram, *notify::parse(datagram));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(guest_voice)

BOOST_AUTO_TEST_CASE(guest_messages_stay_unchanged_if_no_target_is_set) {
    GuestVoice voice(std::nullopt);
    for (const std::string_view text :
         {"READY=1\nSTATUS=Ready.", "X_SYSTEMD_UNIT_ACTIVE=basic.target", "EXIT_STATUS=3\r\n"})
        BOOST_TEST(speak(voice, text) == text);
}

BOOST_AUTO_TEST_CASE(only_the_target_makes_the_guest_ready) {
    GuestVoice voice("multi-user.target");
    BOOST_TEST(speak(voice, "X_SYSTEMD_UNIT_ACTIVE=basic.target")
               == "X_SYSTEMD_UNIT_ACTIVE=basic.target");
    BOOST_TEST(speak(voice, "READY=1\nSTATUS=Ready.") == "STATUS=Ready.");
    BOOST_TEST(speak(voice, "READY=1").empty());
    BOOST_TEST(speak(voice, "X_SYSTEMD_UNIT_INACTIVE=multi-user.target")
               == "X_SYSTEMD_UNIT_INACTIVE=multi-user.target");
    BOOST_TEST(speak(voice, "X_SYSTEMD_UNIT_ACTIVE=multi-user.target")
               == "X_SYSTEMD_UNIT_ACTIVE=multi-user.target\nREADY=1");
}

BOOST_AUTO_TEST_CASE(a_later_ready_1_of_a_guest_passes_unchanged) {
    GuestVoice voice("a.target");
    speak(voice, "X_SYSTEMD_UNIT_ACTIVE=a.target");
    BOOST_TEST(speak(voice, "READY=1") == "READY=1");
    BOOST_TEST(speak(voice, "X_SYSTEMD_UNIT_ACTIVE=a.target") == "X_SYSTEMD_UNIT_ACTIVE=a.target");
}

BOOST_AUTO_TEST_CASE(ready_1_beside_the_name_of_the_target_is_sent_only_once) {
    GuestVoice voice("a.target");
    BOOST_TEST(speak(voice, "READY=1\nX_SYSTEMD_UNIT_ACTIVE=a.target\nSTATUS=up")
               == "X_SYSTEMD_UNIT_ACTIVE=a.target\nSTATUS=up\nREADY=1");
}

BOOST_AUTO_TEST_CASE(ready_1_is_sent_even_if_no_other_line_fits) {
    GuestVoice voice("a.target");
    const std::string text =
        "X_SYSTEMD_UNIT_ACTIVE=a.target\nX_LONG=" + std::string(notify::longest_datagram - 38, 'x');
    BOOST_TEST_REQUIRE(text.size() == notify::longest_datagram);
    BOOST_TEST(speak(voice, text) == "READY=1");
}

BOOST_AUTO_TEST_CASE(a_message_that_is_only_a_barrier_is_not_passed_on) {
    GuestVoice voice(std::nullopt);
    BOOST_TEST(speak(voice, "BARRIER=1").empty());
    BOOST_TEST(speak(voice, "BARRIER=1\nREADY=1") == "BARRIER=1\nREADY=1");
}

BOOST_AUTO_TEST_CASE(the_last_valid_exit_status_of_a_guest_counts) {
    GuestVoice voice(std::nullopt);
    BOOST_TEST(!voice.exit_status().has_value());
    for (const std::string_view text : {"EXIT_STATUS=256", "EXIT_STATUS=-1", "EXIT_STATUS=x",
                                        "EXIT_STATUS=", "STATUS=EXIT_STATUS=1"})
        speak(voice, text);
    BOOST_TEST(!voice.exit_status().has_value());
    BOOST_TEST(!voice.has_ended());
    speak(voice, "EXIT_STATUS=1");
    speak(voice, "EXIT_STATUS=255");
    BOOST_TEST(voice.exit_status().value() == 255);
    BOOST_TEST(voice.has_ended());
}

BOOST_AUTO_TEST_CASE(a_reboot_is_not_the_end_of_a_guest) {
    GuestVoice voice(std::nullopt);
    for (const std::string_view text :
         {"EXIT_STATUS=0\nX_SYSTEMD_SHUTDOWN=reboot", "EXIT_STATUS=0\nX_SYSTEMD_SHUTDOWN=kexec",
          "X_SYSTEMD_SHUTDOWN=soft-reboot\nEXIT_STATUS=0"}) {
        speak(voice, text);
        BOOST_TEST(!voice.has_ended());
    }
    speak(voice, "EXIT_STATUS=0\nX_SYSTEMD_SHUTDOWN=poweroff");
    BOOST_TEST(voice.has_ended());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::guest
