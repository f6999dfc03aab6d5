# What is compiled for a short build rather than for speed: the whole has to be built from nothing in minutes.
#
# Files are compiled eight at a time (a "unity build"), for most of a file's time goes into what it includes: a name of an
# unnamed namespace is therefore one of its folder's. The preset `dev` and clang-tidy compile each file alone, which shows
# a missing include. compile_alone(TARGET): not its files. For those that include each other, or all have a k_insert.
# compile_quickly(TARGET): -O1 in release builds, nearly half of the compiler's time in files that render or parse flags.
# The figures that we promise come from server/, strategies/, properties/ and harness/load/, which keep the full -O3.
if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
endif()

function(compile_alone target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
endfunction()

function(compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()
