# Faults within the hubs, one for each tests/simulation/planted_faults/*.patch: a copy of one source
# with the patch applied is linked before the library that holds the sound one. `make sim-faults`
# builds and tries all; those whose source compiles quickly are tests of every build.
set(quick_faults life_not_begun_anew ring_off_by_one stale_run)

find_program(PATCH_PROGRAM patch)
if(NOT PATCH_PROGRAM)
  return()
endif()
file(GLOB fault_patches CONFIGURE_DEPENDS tests/simulation/planted_faults/*.patch)
add_custom_target(sim-faults)
foreach(patch_file ${fault_patches})
  get_filename_component(fault ${patch_file} NAME_WE)
  file(STRINGS ${patch_file} header REGEX "^--- a/")
  string(REPLACE "--- a/" "" patched ${header})
  set(faulty ${CMAKE_BINARY_DIR}/faults/${fault}/${patched})
  # A patch that no longer fits is a failed test: the code has changed, and so must the fault.
  add_custom_command(OUTPUT ${faulty}
    COMMAND ${PATCH_PROGRAM} --quiet --fuzz=0 --reject-file=- --output=${faulty} ${patched} ${patch_file}
    DEPENDS ${patch_file} ${patched}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  cmake_path(GET faulty PARENT_PATH folder)
  file(MAKE_DIRECTORY ${folder})
  add_executable(sim-${fault} EXCLUDE_FROM_ALL tests/simulation/main.cc ${faulty})
  target_link_libraries(sim-${fault} PRIVATE simulation CLI11::CLI11)
  add_custom_target(find-${fault}
    COMMAND ${CMAKE_COMMAND} -E echo "${fault}:"
    COMMAND sim-${fault} --must-fail --jobs 1
    USES_TERMINAL)
  add_dependencies(sim-faults find-${fault})
  add_test(NAME PlantedFault.${fault}StillFits
    COMMAND ${PATCH_PROGRAM} --dry-run --fuzz=0 --reject-file=- --output=/dev/null ${patched} ${patch_file}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(fault IN_LIST quick_faults)
    set_target_properties(sim-${fault} PROPERTIES EXCLUDE_FROM_ALL OFF)
    add_test(NAME PlantedFault.${fault} COMMAND sim-${fault} --must-fail --jobs 1)
  endif()
endforeach()
