# One test program for each folder of tests; ctest knows every test by its name.
find_package(GTest REQUIRED)
include(GoogleTest)

# GoogleTest's header is compiled once and shared by all test programs.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/test_prelude.cc CONTENT "#include <gtest/gtest.h>\n")
add_library(test_prelude STATIC ${CMAKE_BINARY_DIR}/generated/test_prelude.cc)
target_link_libraries(test_prelude PUBLIC comet_flags Threads::Threads GTest::gmock)
target_compile_definitions(test_prelude PUBLIC
  COMET_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
  COMET_CLIENT_DIR="${client_dir}"
  COMET_SERVER_BINARY="$<TARGET_FILE:comet-server>")
if(NOT COMET_SANITIZE)
  target_compile_options(test_prelude PUBLIC -O1)
endif()
if(COMET_TEST_PCH)
  target_precompile_headers(test_prelude PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
endif()

# What tests of the server share: clients, temporary folders.
file(GLOB support_sources CONFIGURE_DEPENDS tests/support/*.cc)
if(support_sources)
  add_library(test_support STATIC ${support_sources})
  target_link_libraries(test_support PUBLIC comet test_prelude)
else()
  add_library(test_support INTERFACE)
  target_link_libraries(test_support INTERFACE comet test_prelude)
endif()

# comet_test(name "libraries" glob...)
function(comet_test name libraries)
  file(GLOB sources CONFIGURE_DEPENDS ${ARGN})
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${libraries} test_prelude GTest::gmock_main)
  if(COMET_TEST_PCH)
    target_precompile_headers(${name} REUSE_FROM test_prelude)
  endif()
  # Found at test time: a program under a sanitizer need not run while building.
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300)
endfunction()

# Several hubs in one thread, as a library for their tests and for `make sim`.
file(GLOB simulation_sources CONFIGURE_DEPENDS tests/simulation/*.cc)
list(FILTER simulation_sources EXCLUDE REGEX "(_test|/main)\\.cc$")
add_library(simulation STATIC ${simulation_sources})
target_link_libraries(simulation PUBLIC test_support)
target_compile_options(simulation PRIVATE $<$<NOT:$<BOOL:${COMET_SANITIZE}>>:-O2>)
add_executable(comet-sim tests/simulation/main.cc)
target_link_libraries(comet-sim PRIVATE simulation CLI11::CLI11)

comet_test(reactor-tests reactor tests/reactor/*_test.cc)
comet_test(http-tests http tests/http/*_test.cc)
comet_test(comet-unit-tests test_support tests/comet/*_test.cc)
comet_test(simulation-tests simulation tests/simulation/*_test.cc)
comet_test(server-tests "test_support;absl::cleanup" tests/server/*_test.cc)
comet_test(page-tests pages tests/*_test.cc)
comet_test(load-tests "load;test_support" tests/load/*_test.cc)
if(TARGET server-tests)
  add_dependencies(server-tests comet-server)  # some start the program itself
endif()

# The hot paths take as many instructions as they did; see perf/instructions.md.
add_executable(comet-instructions
  perf/instructions.cc perf/toolchain.cc perf/paths/bytes.cc perf/paths/cores.cc perf/paths/hubs.cc)
target_link_libraries(comet-instructions PRIVATE comet)
add_test(NAME Instructions.OfTheHotPathsAreAsKept
  COMMAND ${CMAKE_SOURCE_DIR}/perf/instructions --program $<TARGET_FILE:comet-instructions>)
set_tests_properties(Instructions.OfTheHotPathsAreAsKept PROPERTIES
  SKIP_RETURN_CODE 77 TIMEOUT 300)

# The console and comet.js. They say nothing about memory or threads: once, in the optimised build, is
# enough.
if(NOT COMET_SANITIZE)
  add_test(NAME Console.Units COMMAND ${CMAKE_SOURCE_DIR}/tests/browser/run units)
  add_test(NAME Console.InChromium COMMAND ${CMAKE_SOURCE_DIR}/tests/browser/run console
    $<TARGET_FILE:comet-server> ${CMAKE_BINARY_DIR}/screenshots)
  add_test(NAME Demo.InChromium COMMAND ${CMAKE_SOURCE_DIR}/tests/browser/run demo
    $<TARGET_FILE:comet-server> ${CMAKE_BINARY_DIR}/screenshots)
  add_test(NAME Transports.InChromium COMMAND ${CMAKE_SOURCE_DIR}/tests/browser/run transports
    $<TARGET_FILE:comet-server>)
  add_test(NAME Strangers.InChromium COMMAND ${CMAKE_SOURCE_DIR}/tests/browser/run strangers
    $<TARGET_FILE:comet-server>)
  set_tests_properties(Console.Units Console.InChromium Demo.InChromium Transports.InChromium
    Strangers.InChromium
    PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900
    RUN_SERIAL TRUE)
endif()

# WebSocket clients of other people, where they are installed (`make client-deps`).
if(NOT COMET_SANITIZE)
  foreach(client ws websockets)
    add_test(NAME Clients.${client}
      COMMAND ${CMAKE_SOURCE_DIR}/tests/clients/run ${client} $<TARGET_FILE:comet-server>)
    # Alone, as who does not answer pings in time is taken for gone.
    set_tests_properties(Clients.${client} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 RUN_SERIAL TRUE)
  endforeach()
endif()

# The benchmark suite's own tests: what it computes, prints and draws.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND)
  add_test(NAME BenchSuite COMMAND ${Python3_EXECUTABLE} -B -m unittest discover -s suite/tests -t .
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/bench)
  add_test(NAME DemoBackend COMMAND ${Python3_EXECUTABLE} -B -m unittest discover -s demo/tests -t .
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  add_test(NAME FlameGraph COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/perf/flamegraph_test.py)
endif()

# Everything at once against the program, for some seconds; `make soak` does it for as long as one likes.
if(Python3_Interpreter_FOUND AND Python3_VERSION VERSION_GREATER_EQUAL 3.11)
  add_test(NAME Soak.Judge
    COMMAND ${Python3_EXECUTABLE} -B -m unittest discover -s tests/soak/tests -t .
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  add_test(NAME Soak.Short COMMAND ${Python3_EXECUTABLE} -B -m tests.soak
    --server $<TARGET_FILE:comet-server> --seconds 15 --short --out ${CMAKE_BINARY_DIR}/soak
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(Soak.Short PROPERTIES TIMEOUT 900 RUN_SERIAL TRUE)
endif()

# The programs in examples/, each where what runs it is installed.
if(Python3_Interpreter_FOUND AND NOT COMET_SANITIZE)
  add_test(NAME Examples COMMAND ${Python3_EXECUTABLE} -B -m unittest -v tests.examples_test
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(Examples PROPERTIES TIMEOUT 600 RUN_SERIAL TRUE
    ENVIRONMENT COMET_SERVER_BINARY=$<TARGET_FILE:comet-server>)
endif()

# The recipes in conf/ with the real proxies, where they are installed (`make proxy-deps`). Not under
# a sanitizer: what they test are the recipes. Alone, as a proxy takes a slow server for a dead one.
if(Python3_Interpreter_FOUND AND NOT COMET_SANITIZE)
  foreach(proxy nginx haproxy)
    add_test(NAME Proxies.${proxy} COMMAND ${Python3_EXECUTABLE} -B -m tests.proxies ${proxy}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(Proxies.${proxy} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 RUN_SERIAL TRUE
      ENVIRONMENT COMET_SERVER_BINARY=$<TARGET_FILE:comet-server>)
  endforeach()
endif()

# What `make install` installs, and the life of the Debian package; see the scripts. Not under a
# sanitizer: it is the same program that is installed.
if(NOT COMET_SANITIZE)
  add_test(NAME Install COMMAND ${CMAKE_SOURCE_DIR}/tests/package/install ${CMAKE_BINARY_DIR})
  add_test(NAME DebianPackage COMMAND ${CMAKE_SOURCE_DIR}/tests/package/run ${CMAKE_BINARY_DIR})
  add_test(NAME SystemdUnits COMMAND ${CMAKE_SOURCE_DIR}/tests/package/units ${CMAKE_BINARY_DIR})
  set_tests_properties(Install DebianPackage SystemdUnits PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endif()

# roff understands the manual page without a warning, where there is one that tells.
add_test(NAME ManualPage.Lint COMMAND ${CMAKE_SOURCE_DIR}/tests/package/manual)
set_tests_properties(ManualPage.Lint PROPERTIES SKIP_RETURN_CODE 77)

# Each alert fires when it should, where Prometheus is installed.
find_program(PROMTOOL promtool)
if(PROMTOOL)
  add_test(NAME PrometheusAlerts
    COMMAND ${PROMTOOL} test rules ${CMAKE_SOURCE_DIR}/tests/prometheus/alerts_test.yml)
endif()
