#include "bridge/runtime/hook.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::runtime {

BOOST_AUTO_TEST_SUITE(hook)

BOOST_AUTO_TEST_CASE(the_hook_of_podman_calls_runtime_with_filter) {
    BOOST_TEST(hook_text("/opt/notifybridge")
               == "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/opt/notifybridge\",\"args\":["
                  "\"notifybridge\",\"runtime\",\"--filter\"],\"timeout\":30},\"when\":{\"always\":true},"
                  "\"stages\":[\"precreate\"]}\n");
}

BOOST_AUTO_TEST_CASE(the_program_that_a_hook_file_names_is_found) {
    BOOST_TEST(program_of_hook(hook_text("/opt/notifybridge")) == "/opt/notifybridge");
    for (const char* const text : {"", "{", "[]", "{\"hook\":{}}", "{\"hook\":{\"path\":1}}"})
        BOOST_TEST(program_of_hook(text) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
