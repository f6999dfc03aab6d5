# embed_texts(TARGET NAMESPACE NAME FILE...): compiles text files into TARGET as a sorted table
#   namespace NAMESPACE { extern const std::vector<std::pair<std::string_view, std::string_view>> NAME; }
# of file name and content. The content is cut into lines that an editor can open.
function(embed_texts target namespace name)
  set(list)
  foreach(file ${ARGN})
    get_filename_component(path ${file} ABSOLUTE)
    list(APPEND list ${path})
  endforeach()
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} "-DFILES=${list}" -DNAMESPACE=${namespace} -DNAME=${name} -DOUTPUT=${out}
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedTexts.cmake
    DEPENDS ${list} ${PROJECT_SOURCE_DIR}/cmake/EmbedTexts.cmake VERBATIM
    COMMENT "embedding ${name}")
  target_sources(${target} PRIVATE ${out})
endfunction()
