# What most files of a folder include, parsed once for all of them: half of the time that a file takes to compile.
# precompile(TARGET header...): the standard headers, and those that are named. `cmake --preset dev` goes without
# precompiled headers, so that it shows which file forgot an include.
set(k_standard_headers
  <algorithm> <array> <chrono> <cstdint> <filesystem> <functional> <map> <memory> <optional> <set> <stdexcept> <string>
  <string_view> <thread> <utility> <vector>)

function(precompile target)
  target_precompile_headers(${target} PRIVATE ${k_standard_headers} ${ARGN})
endfunction()
