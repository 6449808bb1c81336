# Programs that measure: the floor, the load generator, the micro-benchmarks.

add_executable(comet-floor EXCLUDE_FROM_ALL bench/floor.cc)
target_link_libraries(comet-floor PRIVATE comet_flags)

if(EXISTS ${CMAKE_SOURCE_DIR}/bench/load/CMakeLists.txt)
  add_subdirectory(bench/load)
endif()

if(COMET_BENCH)
  find_package(benchmark REQUIRED)
  file(GLOB bench_sources CONFIGURE_DEPENDS bench/*/*_bench.cc)
  add_executable(comet-bench EXCLUDE_FROM_ALL ${bench_sources})
  target_link_libraries(comet-bench PRIVATE comet benchmark::benchmark_main)
endif()
