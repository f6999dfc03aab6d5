# What is compiled for a short build rather than for speed: the whole has to be built from nothing in minutes, and the
# figures that we promise come from server/, strategies/, properties/ and harness/load/, which keep the full -O3.
# compile_quickly(TARGET): -O1 in release builds, nearly half of the compiler's time in files that render or parse flags.
# compile_together(TARGET): its files in a few translation units, for folders where each would instantiate the same
# command-line library. Not in `dev`, which shows missing includes.
function(compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

function(compile_together target)
  if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  endif()
endfunction()
