#!/bin/sh
# The mariadb image's program of this name, as far as docker/mariadb/compose.yaml calls it: whether it listens on its port, and
# InnoDB serves. Access denied is an answer too. For docker/drill.
exec mariadb-admin --no-defaults --protocol=tcp --host=127.0.0.1 --silent ping
