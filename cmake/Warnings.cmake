# The warnings that our own code is held to. Link boxoffice::warnings privately; generated code does not.
add_library(boxoffice_warnings INTERFACE)
add_library(boxoffice::warnings ALIAS boxoffice_warnings)
target_compile_options(boxoffice_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
# GCC's -Wmaybe-uninitialized and -Wrestrict raise known false alarms inside libstdc++ and Boost once inlined.
target_compile_options(boxoffice_warnings INTERFACE -Wno-error=maybe-uninitialized -Wno-error=restrict
                       -Wno-error=array-bounds -Wno-error=stringop-overflow -Wno-error=null-dereference)
