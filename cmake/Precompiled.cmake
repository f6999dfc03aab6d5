# What most files of a folder include, parsed once for all of them: half of the time that a file takes to compile.
# precompile(TARGET header...): the standard headers, and those that are named. `cmake --preset dev` goes without
# precompiled headers, so that it shows which file forgot an include.
set(k_standard_headers
  <algorithm> <array> <chrono> <cstdint> <filesystem> <functional> <map> <memory> <optional> <set> <stdexcept> <string>
  <string_view> <thread> <utility> <vector>)

function(precompile target)
  target_precompile_headers(${target} PRIVATE ${k_standard_headers} ${ARGN})
endfunction()

# Shared by libraries with the same -O, whose definitions are the same where these headers ask for one.
add_library(fast_headers OBJECT ${CMAKE_CURRENT_LIST_DIR}/headers.cpp)
add_library(quick_headers OBJECT ${CMAKE_CURRENT_LIST_DIR}/headers.cpp)
compile_quickly(quick_headers)
foreach(shared fast_headers quick_headers)
  target_link_libraries(${shared} PRIVATE Boost::json fmt::fmt boxoffice::warnings)
  precompile(${shared} <boost/json.hpp> <fmt/format.h>)
endforeach()
