# What 'cmake --install' installs: the program, its manual pages and completion, documentation, examples, and, on request,
# the reader as a library.
install(TARGETS toktape RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# Pages and scripts are made by the program from its own option tables, so it has to run where it is built.
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
  set(generated ${CMAKE_BINARY_DIR}/generated)
  add_custom_command(OUTPUT ${generated}/stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${generated}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${generated}
    COMMAND toktape manual --all ${generated}/man
    COMMAND toktape completion bash -o ${generated}/toktape
    COMMAND toktape completion zsh -o ${generated}/_toktape
    COMMAND toktape completion fish -o ${generated}/toktape.fish
    COMMAND ${CMAKE_COMMAND} -E touch ${generated}/stamp
    DEPENDS toktape
    VERBATIM)
  add_custom_target(toktape_generated ALL DEPENDS ${generated}/stamp)
  foreach(section 1 5)
    install(DIRECTORY ${generated}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
      FILES_MATCHING PATTERN "*.${section}")
  endforeach()
  install(FILES ${generated}/toktape DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${generated}/_toktape DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${generated}/toktape.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()

# As in the source tree, so that links between pages lead somewhere.
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES formats/FORMAT.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/formats)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN man EXCLUDE)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN __pycache__ EXCLUDE)

if(TOKTAPE_INSTALL_DEV)
  add_subdirectory(packaging)
endif()
