# What `make install` puts where. Paths are chosen when installing, so that one build can be installed
# under several prefixes (cmake --install build --prefix /usr).
include(GNUInstallDirs)
set(COMET_SYSCONFDIR "" CACHE PATH "where configuration goes; empty: /etc for /usr, else etc below the prefix")

install(TARGETS comet-server RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(FILES docs/comet-server.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES conf/90-comet.conf DESTINATION lib/sysctl.d)
install(FILES conf/comet.sysusers DESTINATION lib/sysusers.d RENAME comet.conf)

file(GLOB pages CONFIGURE_DEPENDS docs/*.md)
install(FILES README.md CHANGELOG.md SECURITY.md LICENSE ${pages} DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES conf/comet.toml conf/nginx.conf conf/haproxy.cfg conf/grafana-dashboard.json
  conf/prometheus-alerts.yml
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# Units name the paths of the program and its configuration; what an operator has edited stays.
install(CODE "set(sbindir \"${CMAKE_INSTALL_SBINDIR}\")
set(sysconfdir \"${COMET_SYSCONFDIR}\")
set(conf \"${CMAKE_SOURCE_DIR}/conf\")")
install(SCRIPT cmake/install_configuration.cmake)
