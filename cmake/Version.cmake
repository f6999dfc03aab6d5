# boxoffice::version: what --version prints. The commit is read anew at each build; the file changes only with it.
set(k_version_dir ${PROJECT_BINARY_DIR}/generated/version)
add_custom_target(boxoffice_version_header
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUTPUT=${k_version_dir}/boxoffice_version.hpp
          -DVERSION=${PROJECT_VERSION} -DBUILD_TYPE=${CMAKE_BUILD_TYPE} -DSANITIZE=${BOXOFFICE_SANITIZE}
          -P ${PROJECT_SOURCE_DIR}/cmake/WriteVersion.cmake
  BYPRODUCTS ${k_version_dir}/boxoffice_version.hpp
  COMMENT "")
add_library(boxoffice_version INTERFACE)
add_library(boxoffice::version ALIAS boxoffice_version)
add_dependencies(boxoffice_version boxoffice_version_header)
target_include_directories(boxoffice_version INTERFACE ${k_version_dir})
