# odb_mapping(TARGET header...): runs the ODB compiler on the mapped headers and gives a static library TARGET with the
# generated code (multi-database: common + PostgreSQL + MySQL), compiled once, free of our warnings. It carries the schema
# that ODB would create, which a test compares with the migrations.
#
# Two facts of Debian 12 are handled here (both were tried; Debian 13 needs neither):
# - libodb 2.4.0-1's details/shared-ptr/base.* use throw(std::bad_alloc), which C++17 dropped: copies without the
#   clause go into the build directory, ahead on the include path.
# - odb --std knows c++14 at most, so the mapped headers must parse as C++14.
find_program(ODB_COMPILER odb REQUIRED)
find_path(ODB_INCLUDE odb/core.hxx REQUIRED)
find_library(ODB_LIBRARY odb REQUIRED)
find_library(ODB_PGSQL_LIBRARY odb-pgsql REQUIRED)
find_library(ODB_MYSQL_LIBRARY odb-mysql REQUIRED)

set(k_odb_fixed ${PROJECT_BINARY_DIR}/generated/odb-headers)
foreach(file base.hxx base.ixx)
  file(READ ${ODB_INCLUDE}/odb/details/shared-ptr/${file} text)
  string(REGEX REPLACE "throw \\(std::bad_alloc\\)" "" text "${text}")
  file(CONFIGURE OUTPUT ${k_odb_fixed}/odb/details/shared-ptr/${file} CONTENT "${text}" @ONLY)
endforeach()

add_library(odb_runtime INTERFACE)
target_include_directories(odb_runtime SYSTEM BEFORE INTERFACE ${k_odb_fixed} ${ODB_INCLUDE})
target_link_libraries(odb_runtime INTERFACE ${ODB_PGSQL_LIBRARY} ${ODB_MYSQL_LIBRARY} ${ODB_LIBRARY}
                      PostgreSQL::PostgreSQL PkgConfig::mariadb)

# libmariadb's mysql_version.h, which ODB's headers include, greets with a #warning.
target_compile_options(odb_runtime INTERFACE -Wno-cpp)

function(odb_mapping target)
  set(out ${PROJECT_BINARY_DIR}/generated/${target})
  file(MAKE_DIRECTORY ${out})
  set(sources)
  foreach(header ${ARGN})
    get_filename_component(name ${header} NAME_WE)
    get_filename_component(path ${header} ABSOLUTE)
    get_filename_component(folder ${path} DIRECTORY)
    set(made)
    foreach(part odb odb-pgsql odb-mysql)
      list(APPEND made ${out}/${name}-${part}.cxx ${out}/${name}-${part}.hxx ${out}/${name}-${part}.ixx)
      list(APPEND sources ${out}/${name}-${part}.cxx)
    endforeach()
    add_custom_command(
      OUTPUT ${made}
      COMMAND ${ODB_COMPILER} -m dynamic -d common -d pgsql -d mysql --std c++14 --generate-query --generate-prepared --generate-schema --schema-format embedded
              --output-dir ${out} ${path}
      DEPENDS ${path} VERBATIM
      COMMENT "odb ${header}")
  endforeach()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} SYSTEM PUBLIC ${out} ${folder})
  target_compile_options(${target} PRIVATE -w)
  compile_alone(${target})
  target_link_libraries(${target} PUBLIC odb_runtime)
endfunction()
