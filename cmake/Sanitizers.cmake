# BOXOFFICE_SANITIZE = "address,undefined" or "thread", set by the presets of those names; applies to the whole tree.
set(BOXOFFICE_SANITIZE "" CACHE STRING "sanitizers for the whole build, as in -fsanitize=")
if(BOXOFFICE_SANITIZE)
  add_compile_options(-fsanitize=${BOXOFFICE_SANITIZE} -fno-omit-frame-pointer -O1 -g1)
  add_link_options(-fsanitize=${BOXOFFICE_SANITIZE})
  if(BOXOFFICE_SANITIZE MATCHES thread)
    add_compile_options(-Wno-error=tsan) # GCC warns about atomic_thread_fence inside Asio
  endif()
endif()
